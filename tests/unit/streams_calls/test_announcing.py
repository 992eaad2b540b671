"""A caller is answered, hears the announcement and the clause, and goes on; whatever else arrives blocks nobody."""

from itertools import pairwise

import pytest

from rejent.streams.calls.announcing.core import CAPABILITIES, ServiceAddress
from rejent.streams.calls.announcing.hand_over import MAX_DURATION_S, REFER_TIMEOUT_S
from rejent.streams.calls.announcing.playback import FRAME, MAX_CLAUSES, PAUSE_S, Programme, encoded, silence
from rejent.streams.calls.announcing.session import Outcome
from rejent.streams.calls.network.sip.flow import Flow
from tests.unit.streams_calls.announced_caller import (
    AROUND,
    CLAUSE,
    INCOMING,
    OFFER,
    PROGRAMME,
    TARGET,
    AnnouncedCaller,
)

SAID, CLAUSED = encoded("PCMA", INCOMING.samples), encoded("PCMA", CLAUSE.samples)


def test_caller_hears_the_announcement_bit_by_bit_and_is_handed_over():
    """Every packet is one of the announcement, twenty milliseconds apart; then a REFER names the target, and BYE follows."""
    caller = AnnouncedCaller()
    assert caller.call().status == 200
    caller.wait(1.0)
    assert caller.voice.payload[: len(SAID)] == SAID
    assert {to[1:] for to in caller.voice.sent} == {("192.0.2.10", 21000)}
    stamps = [int.from_bytes(one[0][4:8], "big") for one in caller.voice.sent]
    assert {after - before for before, after in pairwise(stamps)} == {FRAME}
    caller.wait(PAUSE_S)
    (refer,) = caller.asked
    assert (refer.method, refer.headers.get("Refer-To")) == ("REFER", f"<{TARGET}>")
    caller.reply(refer, 202)
    caller.notify("100", "active")
    assert not caller.events
    caller.notify("200")
    (told,) = caller.events
    assert (told.outcome, told.keys) == (Outcome.HANDED_OVER, "")
    assert [(one.kind, one.announcement, one.heard_s, one.completed) for one in told.played] == [
        ("incoming", 7, 1.0, True)
    ]
    assert caller.methods()[-1] == "BYE"
    assert caller.voice.closed


def test_star_plays_the_clause_and_the_announcement_goes_on_where_it_was():
    """A star after 0.4 seconds lets the clause be heard whole, and then the rest of the announcement."""
    caller = AnnouncedCaller()
    caller.call()
    caller.wait(0.39)
    caller.press("*")
    caller.wait(1.12)
    split = 20 * FRAME
    assert caller.voice.payload[: len(SAID) + len(CLAUSED)] == SAID[:split] + CLAUSED + SAID[split:]
    caller.ask("BYE", required=())
    (told,) = caller.events
    assert (told.outcome, told.keys) == (Outcome.HUNG_UP, "*")
    assert [one.completed for one in told.played] == [True, True]


def test_star_is_heard_while_nothing_is_said_any_more():
    """In the pause after the last word the clause can still be asked for, and the pause begins anew after it."""
    caller = AnnouncedCaller()
    caller.call()
    caller.wait(1.0 + PAUSE_S / 2)
    caller.press("*")
    caller.wait(0.5 + PAUSE_S / 2)
    assert not caller.asked
    caller.wait(PAUSE_S)
    assert caller.methods() == ["REFER"]


def test_star_pressed_without_end_keeps_nobody():
    """The clause is played a bounded number of times."""
    caller = AnnouncedCaller()
    caller.call()
    for number in range(60):
        caller.press("*", stamp=number)
        caller.wait(0.2)
    played = [one.sound.kind for one in caller.core.session_of(caller.voice).playback.sounds]
    assert played.count("clause") == MAX_CLAUSES


def test_refusal_goes_to_where_nobody_records():
    """The key that refuses ends the announcement at once and hands over to the other address."""
    caller = AnnouncedCaller()
    caller.call()
    caller.wait(0.3)
    caller.press("9")
    (refer,) = caller.asked
    assert refer.headers.get("Refer-To") == f"<{AROUND}>"
    caller.reply(refer, 202)
    caller.notify("200")
    (told,) = caller.events
    assert (told.outcome, told.keys, told.played[0].completed) == (Outcome.AROUND, "9", False)
    assert told.played[0].heard_s == pytest.approx(0.32, abs=0.03)


@pytest.mark.parametrize(
    ("key", "cause", "outcome"), [("", 16, Outcome.CONTINUED), ("9", 21, Outcome.REFUSED)]
)
def test_without_target_the_dialplan_goes_on_and_learns_of_a_refusal(key, cause, outcome):
    """We hang up when all is said; the cause of hanging up tells whether the caller refused."""
    caller = AnnouncedCaller(Programme(INCOMING, CLAUSE, "*", "9"))
    caller.call()
    caller.wait(0.5)
    if key:
        caller.press(key)
    caller.wait(0.5 + PAUSE_S)
    (bye,) = caller.asked
    assert (bye.method, bye.headers.get("Reason")) == ("BYE", f"Q.850;cause={cause}")
    assert [one.outcome for one in caller.events] == [outcome]


@pytest.mark.parametrize("how", ["refused", "notified", "silent", "unanswered"])
def test_hand_over_that_is_not_taken_ends_so_that_the_dialplan_goes_on(how):
    """A refused REFER, a failed target, a PBX that never says how it went: we hang up and say what happened."""
    caller = AnnouncedCaller()
    caller.call()
    caller.wait(1.0 + PAUSE_S)
    (refer,) = caller.asked
    if how == "refused":
        caller.reply(refer, 603)
    elif how != "unanswered":
        caller.reply(refer, 202)
    if how == "notified":
        caller.notify("486")
    caller.wait(REFER_TIMEOUT_S + 15)
    assert [one.outcome for one in caller.events] == [Outcome.NOT_TAKEN]
    assert caller.methods()[-1] == "BYE"


def test_we_stay_where_the_rule_says_so():
    """Where the office's rule is to stay, a refused hand-over leaves the call to the PBX, and even that not for ever."""
    caller = AnnouncedCaller(Programme(INCOMING, target=TARGET, stays=True))
    caller.call()
    caller.wait(1.5)
    caller.reply(caller.asked[0], 603)
    caller.wait(30)
    assert caller.methods() == ["REFER"]
    assert not caller.events
    caller.wait(MAX_DURATION_S)
    assert [one.outcome for one in caller.events] == [Outcome.TOO_LONG]


def test_bye_of_the_pbx_after_it_took_the_call_is_a_hand_over():
    """Some exchanges take a REFER and end the call without a NOTIFY."""
    caller = AnnouncedCaller()
    caller.call()
    caller.wait(1.0 + PAUSE_S)
    caller.reply(caller.asked[0], 202)
    assert caller.ask("BYE", required=()).status == 200
    assert [one.outcome for one in caller.events] == [Outcome.HANDED_OVER]


def test_hanging_up_in_mid_announcement_tells_how_much_was_heard():
    """BYE after 0.6 seconds: 0.6 seconds were heard, and not to the end."""
    caller = AnnouncedCaller()
    caller.call()
    caller.wait(0.6)
    caller.ask("BYE", required=())
    (told,) = caller.events
    assert told.outcome is Outcome.HUNG_UP
    assert told.played[0].heard_s == pytest.approx(0.62)
    assert not told.played[0].completed
    assert caller.core.sessions == 0


def test_nothing_is_said_before_the_answer_is_confirmed():
    """Without an ACK nothing is played; the 200 is repeated, and at last the caller is let go."""
    caller = AnnouncedCaller()
    assert caller.ask("INVITE", OFFER, required=()).status == 200
    caller.wait(40)
    assert not caller.voice.sent
    assert len([one for one in caller.answers if one.status == 200]) > 5
    (told,) = caller.events
    assert (told.outcome, told.played) == (Outcome.NOT_CONFIRMED, ())


def test_late_cancel_is_answered_and_changes_nothing():
    """An INVITE is answered at once, so that its CANCEL is confirmed and the caller hangs up by BYE."""
    caller = AnnouncedCaller()
    invite = caller.request("INVITE", OFFER, required=())
    caller.send(invite)
    cancel = caller.request("CANCEL", sequence=1, branch=f"z9hG4bKINVITE1{caller.call_id}", required=())
    assert [one.status for one in caller.send(cancel)] == [200]
    assert caller.core.sessions == 1


def test_repeated_invite_is_answered_alike_and_opens_one_session():
    """A retransmitted INVITE gets the same answer; another one of the same Call-ID by another way is refused (482)."""
    caller = AnnouncedCaller()
    invite = caller.request("INVITE", OFFER, required=())
    first, again = caller.send(invite), caller.send(invite)
    assert first == again
    other = caller.request("INVITE", OFFER, sequence=1, branch="z9hG4bKother", required=())
    assert [one.status for one in caller.send(other)] == [482]
    assert len(caller.voices) == 1


def test_second_call_of_the_same_call_id_is_a_call_of_its_own():
    """A later INVITE of the same Call-ID outside the dialog opens another session, and both are heard."""
    caller = AnnouncedCaller()
    caller.call()
    second = caller.ask("INVITE", OFFER, required=(), tag="")
    assert second.status == 200
    assert caller.core.sessions == 2


def test_no_packet_from_the_caller_is_noted():
    """The announcement is played to a caller of whom nothing is heard; what is told says so."""
    caller = AnnouncedCaller()
    caller.call()
    caller.wait(0.2)
    caller.ask("BYE", required=())
    other = AnnouncedCaller(core=caller.core, call_id="other")
    other.call()
    other.press("5")
    other.ask("BYE", required=())
    assert [one.media for one in caller.events + other.events] == [False, True]


def test_speech_follows_the_port_that_packets_come_from_but_no_other_host():
    """A NAT's port is followed (RFC 4961); packets and keys of a stranger are not listened to."""
    caller = AnnouncedCaller()
    caller.call()
    caller.press("*", host="203.0.113.9", port=9)
    caller.press("1", port=21777)
    caller.wait(0.1)
    assert caller.voice.sent[-1][1:] == ("192.0.2.10", 21777)
    assert caller.core.session_of(caller.voice).playback.keys == "1"


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"Signal=*\r\nDuration=160\r\n", "application/dtmf-relay"), (b"*", "application/dtmf"),
     (b"Signal= 10\r\nDuration= 160", "application/dtmf-relay"), (b"10", "application/dtmf")],
)  # fmt: skip
def test_keys_by_info_count(body, kind):
    """A star that comes by SIP INFO plays the clause as well."""
    caller = AnnouncedCaller()
    caller.call()
    assert caller.ask("INFO", body, kind, required=()).status == 200
    caller.wait(0.4)
    assert CLAUSED[: 19 * FRAME] in caller.voice.payload


@pytest.mark.parametrize("body", [b"", b"Signal=", b"Signal=99", b"Signal=Z", b"\xff" * 4000, b"Signal=**"])
def test_info_that_tells_no_key_is_answered_and_nothing_else(body):
    """What is no key changes nothing."""
    caller = AnnouncedCaller()
    caller.call()
    assert caller.ask("INFO", body, "application/dtmf-relay", required=()).status == 200
    assert caller.core.session_of(caller.voice).playback.keys == ""


def test_mu_law_and_a_refused_second_line():
    """A caller that has mu-law alone hears mu-law; a video line is answered without a port."""
    offer = OFFER.replace(b"RTP/AVP 8 0 101", b"RTP/AVP 0") + b"m=video 4000 RTP/AVP 96\r\n"
    caller = AnnouncedCaller()
    answer = caller.call(offer)
    assert b"m=audio 30000 RTP/AVP 0\r\n" in answer.body
    assert b"m=video 0 RTP/AVP 96\r\n" in answer.body
    caller.wait(0.1)
    assert caller.voice.payload.startswith(encoded("PCMU", INCOMING.samples)[: 5 * FRAME])


@pytest.mark.parametrize(
    ("offer", "status"),
    [
        (OFFER.replace(b" 8 0 101", b" 18"), 488),
        (OFFER.replace(b"RTP/AVP", b"RTP/SAVP"), 488),
        (OFFER.replace(b"21000", b"0"), 488),
        (OFFER.replace(b"m=audio", b"m=image"), 488),
        (b"nothing of the kind", 400),
        (b"v=0\r\n", 488),
    ],
)
def test_offer_that_cannot_be_served_is_refused_at_once(offer, status):
    """The PBX goes on without us where we have no coding in common, or its description is none."""
    caller = AnnouncedCaller()
    assert caller.call(offer).status == status
    assert not caller.voices
    assert caller.core.sessions == 0


def test_caller_without_offer_gets_ours():
    """An INVITE without a description is answered with G.711 of both laws; the answer comes with the ACK."""
    caller = AnnouncedCaller()
    response = caller.ask("INVITE", required=())
    assert b"RTP/AVP 8 0 101" in response.body
    caller.tag = response.headers.get("To").rpartition("tag=")[2]
    caller.acknowledge(OFFER)
    caller.wait(0.2)
    assert caller.voice.payload.startswith(SAID[: 10 * FRAME])


def test_caller_without_offer_or_answer_is_let_go():
    """An ACK that owes us an answer and brings none ends the session."""
    caller = AnnouncedCaller()
    caller.call(b"")
    assert [one.outcome for one in caller.events] == [Outcome.NOT_CONFIRMED]


def test_nothing_is_played_while_the_caller_is_held():
    """Hold stops the announcement, and it goes on when the caller listens again."""
    caller = AnnouncedCaller()
    caller.call()
    caller.wait(0.3)
    before = len(caller.voice.sent)
    assert b"a=recvonly" in caller.call(OFFER.replace(b"sendrecv", b"sendonly")).body
    caller.wait(2.0)
    assert len(caller.voice.sent) == before
    caller.call()
    caller.wait(1.0)
    assert caller.voice.payload.replace(silence("PCMA"), b"").startswith(
        SAID[: 40 * FRAME].replace(silence("PCMA"), b"")
    )


def test_address_that_changes_in_mid_call_is_followed():
    """A re-INVITE that moves the caller's ear moves our packets."""
    caller = AnnouncedCaller()
    caller.call()
    caller.wait(0.1)
    caller.call(OFFER.replace(b"21000", b"24000"))
    caller.wait(0.1)
    assert caller.voice.sent[-1][1:] == ("192.0.2.10", 24000)


def test_flood_is_refused_at_once_and_harms_nobody():
    """Beyond what we serve, of all or of one host, an INVITE gets 503 and Retry-After; those present go on."""
    caller = AnnouncedCaller(presence=ServiceAddress("198.51.100.1", 5070, limit=3, of_host=2))
    caller.call()
    others = [AnnouncedCaller(core=caller.core, call_id=f"call-{number}") for number in range(40)]
    answers = [other.ask("INVITE", OFFER, required=()) for other in others]
    assert [one.status for one in answers].count(200) == 1
    assert {one.headers.get("Retry-After") for one in answers if one.status == 503} == {"10"}
    assert caller.ask("OPTIONS", required=(), tag="").status == 503
    stranger = AnnouncedCaller(core=caller.core, call_id="third", flow=Flow("udp", "192.0.2.11", 5060))
    assert stranger.ask("INVITE", OFFER, required=()).status == 200
    caller.wait(0.5)
    assert len(caller.voices[0].sent) == 26


@pytest.mark.parametrize("why", ["no ports", "nothing to say", "stopping"])
def test_who_cannot_be_served_is_refused_at_once(why):
    """Without ports, without an announcement or while stopping an INVITE gets 503, so that the dialplan goes on."""
    caller = AnnouncedCaller(
        None if why == "nothing to say" else PROGRAMME, voices=0 if why == "no ports" else 9
    )
    if why == "stopping":
        caller.core.stop_all(caller.at)
    assert caller.call().status == 503


def test_stopping_hangs_up_everywhere():
    """Who is stopped ends every call by BYE, and tells what was heard."""
    caller = AnnouncedCaller()
    caller.call()
    caller.wait(0.5)
    caller.core.stop_all(caller.at)
    caller.collect()
    assert caller.methods() == ["BYE"]
    assert [one.outcome for one in caller.events] == [Outcome.STOPPED]


def test_requests_that_we_do_not_take_are_refused():
    """An unknown method, an unknown dialog, an extension that we do not know."""
    caller = AnnouncedCaller()
    assert caller.ask("MESSAGE", required=()).status == 405
    assert caller.ask("BYE", required=(), tag="gone").status == 481
    assert caller.ask("INVITE", OFFER, required=("siprec",)).status == 420
    assert caller.ask("OPTIONS", required=()).headers.get("Allow") == ", ".join(CAPABILITIES.methods)


def test_who_calls_is_told_by_the_asserted_identity():
    """The number a trusted PBX asserts counts before From (RFC 3325)."""
    caller = AnnouncedCaller()
    caller.call(extra=[("P-Asserted-Identity", '"x" <sip:+48107770200@pbx>')])
    caller.ask("BYE", required=())
    assert caller.events[0].caller == "+48107770200"
    assert "48107770200" not in repr(caller.events[0])
