"""Parties that a session names late, or changes: who is found, whose legs they are, and whose key refuses."""

import socket
from collections.abc import Iterator

import pytest

from rejent.streams.calls.catalog.phone_numbers import canonical_number
from rejent.streams.calls.catalog.turns import MAX_TURNS, PartyTurn
from rejent.streams.calls.recorder.parties import Way
from tests.unit.streams_calls.caller import metadata
from tests.unit.streams_calls.rtp_legs import packet
from tests.unit.streams_calls.test_call_under_way import DEVICE, Desk, speak
from tests.unit.streams_calls.test_rtp_receiver import HOST

CALLER, CLERK, OTHER_CLERK = "tel:+48600100200", "tel:+48748410001", "tel:+48748410002"
PLACEHOLDER = "sip:ASBCE@asbce.com"
NINE = bytes((9, 10, 0, 160))


def session(*people: tuple[str, str]) -> str:
    """Participants, each with the line that they feed."""
    inner = ""
    for number, (address, label) in enumerate(people):
        inner += f'<participant participant_id="p{number}"><nameID aor="{address}"/></participant>'
        inner += f'<stream stream_id="s{number}"><label>{label}</label></stream>'
        inner += f'<participantstreamassoc participant_id="p{number}"><send>s{number}</send></participantstreamassoc>'
    return inner


@pytest.fixture
def desk() -> Iterator[Desk]:
    """An office that records incoming calls alone, and lets callers refuse by the nine."""
    made = Desk(HOST, (DEVICE, HOST), refusal="9")
    yield made
    made.receiver.close()


def opened(desk: Desk, *people: tuple[str, str], required: tuple[str, ...] = ("siprec",)) -> None:
    """A call begins with these participants."""
    desk.caller.invite(desk._offer("sendonly", "sendonly"), metadata(session(*people)), required=required)
    desk.hear()
    desk.begin()
    desk.wait(0.2)


def named(desk: Desk, *people: tuple[str, str]) -> None:
    """The session names its participants anew."""
    assert desk.caller.ask("UPDATE", metadata(session(*people)), "application/rs-metadata+xml").status == 200
    desk.hear()
    desk.wait(0.2)


def decide(desk: Desk) -> None:
    """The time in which metadata may still name the parties is over."""
    assert desk.call is not None
    desk.call.look_again(5)


def test_a_placeholder_gives_way_to_the_number_that_is_named_later(desk: Desk) -> None:
    """The call is entered as it was named first; what is learned is entered, too, and once."""
    opened(desk, (CALLER, "1"), (PLACEHOLDER, "2"))
    decide(desk)
    (begun,) = desk.books.begun
    assert (begun.caller, begun.called, begun.direction) == (CALLER, PLACEHOLDER, Way.INCOMING)
    for _ in range(2):
        named(desk, (CALLER, "1"), (CLERK, "2"))
    assert desk.books.named == [(begun.id, CALLER, CLERK, "incoming")]


def test_a_call_is_kept_whichever_party_its_device_names_first(desk: Desk) -> None:
    """An incoming call of which a device that keeps to no standard names the office's phone first is recorded by the rule for undecided calls."""
    opened(desk, (CLERK, "1"), (CALLER, "2"), required=())
    assert desk.books.begun == []
    decide(desk)
    assert [call.direction for call in desk.books.begun] == ["outgoing"]
    assert desk.call is not None
    assert desk.call._kept


def participant(number: int, address: str, *, sends: str = "", left: str = "", out: bool = False) -> str:
    """A participant of the call: the line that they feed, or the instant at which they were disassociated."""
    ends = f"<disassociate-time>{left}</disassociate-time>" if left else ""
    inner = f'<participant participant_id="p{number}"><nameID aor="{address}"/></participant>'
    if not out:
        inner += f'<participantsessionassoc participant_id="p{number}" session_id="call">{ends}</participantsessionassoc>'
    if sends:
        inner += f'<stream stream_id="s{sends}" session_id="call"><label>{sends}</label></stream>'
    send = f"<send>s{sends}</send>" if sends else ""
    return f'{inner}<participantstreamassoc participant_id="p{number}">{send}</participantstreamassoc>'


WHOLE = '<session session_id="call"/>'
BEFORE = WHOLE + participant(0, CALLER, sends="1") + participant(1, CLERK, sends="2")
LEFT_AT = "2026-11-21T12:00:10Z"
BLOCK = (
    f'<ext xmlns="urn:v"><callingPartyNumber>{CALLER}</callingPartyNumber>'
    f"<calledPartyNumber>{CLERK}</calledPartyNumber></ext>"
)


def passed_on(line: str) -> dict[str, tuple[str, str]]:
    """What devices say of a call that is passed on, and whether they say all of it or what changes."""
    came = participant(2, OTHER_CLERK, sends=line)
    return {
        "disassociated": (participant(1, CLERK, sends="2", left=LEFT_AT) + came, "partial"),
        "no-stream-any-more": (participant(1, CLERK) + came, "partial"),
        "no-association": (
            WHOLE + participant(0, CALLER, sends="1") + participant(1, CLERK, out=True) + came,
            "complete",
        ),
        "gone": (WHOLE + participant(0, CALLER, sends="1") + came, "complete"),
        "gone-named-first": (WHOLE + came + participant(0, CALLER, sends="1"), "complete"),
    }


@pytest.mark.parametrize("block", ["", BLOCK])
@pytest.mark.parametrize("how", list(passed_on("3")))
@pytest.mark.parametrize("line", ["2", "3"])
def test_who_a_call_is_passed_on_to_takes_the_side(desk: Desk, line: str, how: str, block: str) -> None:
    """The call is found by both clerks, with the instant; the leg is the called party's, and names who speaks on it since when."""
    desk.caller.invite(desk._offer("sendonly", "sendonly"), metadata(BEFORE + block))
    desk.hear()
    desk.begin()
    desk.wait(0.2)
    decide(desk)
    if line == "3":
        desk.offer("sendonly", "", "sendonly", version=2, labels=("1", "2", "3"))
    desk.wait(20)
    changed = desk.clock.now()
    text, mode = passed_on(line)[how]
    told = metadata(text + block, mode)
    assert desk.caller.ask("UPDATE", told, "application/rs-metadata+xml").status == 200
    desk.hear()
    desk.wait(0.2)
    (begun,) = desk.books.begun
    assert desk.books.named == [(begun.id, CALLER, CLERK, "incoming")]
    assert desk.books.turns == (PartyTurn("called", canonical_number(OTHER_CLERK), changed),)
    desk.end()
    desk.wait(1)
    desk.wait(1)
    manifest = desk.sink.objects[-1].reader.manifest
    assert manifest is not None
    legs = manifest["legs"]
    assert [leg["party"] for leg in legs] == ["caller", "called", "called"][: len(legs)]
    assert [each["addresses"] for each in legs[int(line) - 1]["speakers"]] == (
        [[CLERK], [OTHER_CLERK]] if line == "2" else [[OTHER_CLERK]]
    )
    assert [each["addresses"] for each in legs[0]["speakers"]] == [[CALLER]]


def test_who_left_is_followed_by_nobody_until_another_came(desk: Desk) -> None:
    """A call that waits for a clerk is nobody's meanwhile; that its parties leave at the end passes it on to nobody."""
    desk.caller.invite(desk._offer("sendonly", "sendonly"), metadata(BEFORE))
    desk.hear()
    desk.begin()
    decide(desk)
    desk.wait(20)
    instants = []
    for text in (
        participant(1, CLERK, sends="2", left=LEFT_AT),
        participant(2, OTHER_CLERK, sends="2"),
        participant(2, OTHER_CLERK, sends="2", left=LEFT_AT),
        participant(0, CALLER, sends="1", left=LEFT_AT),
    ):
        instants.append(desk.clock.now())
        told = metadata(text, "partial")
        assert desk.caller.ask("UPDATE", told, "application/rs-metadata+xml").status == 200
        desk.hear()
        desk.wait(10)
    assert desk.books.turns == (
        PartyTurn("called", "", instants[0]),
        PartyTurn("called", canonical_number(OTHER_CLERK), instants[1]),
    )


def test_whoever_joins_a_conference_is_entered(desk: Desk) -> None:
    """Beside the two, with since when, once, whichever side they share; who was there from the beginning, too."""
    third, fourth = "tel:+48748410003", "sip:anna@office.example"
    opened(desk, (CALLER, "1"), (CLERK, "2"), (OTHER_CLERK, "2"))
    decide(desk)
    (begun,) = desk.books.begun
    assert begun.turns == (PartyTurn("joined", canonical_number(OTHER_CLERK), begun.start),)
    desk.wait(20)
    instants = []
    for people in ([(third, "2")], [(third, "2"), (fourth, "1")], [(fourth, "1")]):
        instants.append(desk.clock.now())
        named(desk, (CALLER, "1"), (CLERK, "2"), (OTHER_CLERK, "2"), *people)
    assert desk.books.named == [(begun.id, CALLER, CLERK, "incoming")] * 2
    assert desk.books.turns == (
        *begun.turns,
        PartyTurn("joined", canonical_number(third), instants[0]),
        PartyTurn("joined", "anna", instants[1]),
    )


def test_who_is_on_hold_keeps_the_side(desk: Desk) -> None:
    """Neither sending nor receiving is hold, as long as nobody else takes part."""
    desk.caller.invite(desk._offer("sendonly", "sendonly"), metadata(BEFORE))
    desk.hear()
    desk.begin()
    decide(desk)
    for text in (participant(1, CLERK), participant(1, CLERK, sends="2")):
        assert (
            desk.caller.ask("UPDATE", metadata(text, "partial"), "application/rs-metadata+xml").status == 200
        )
        desk.hear()
        desk.wait(1)
    assert desk.books.named == []


def test_a_call_is_passed_on_as_often_as_is_kept(desk: Desk) -> None:
    """Beyond the bound nothing is added, and the call says that somebody may be missing."""
    opened(desk, (CALLER, "1"), (CLERK, "2"))
    decide(desk)
    for number in range(MAX_TURNS + 3):
        named(desk, (CALLER, "1"), (f"tel:+4874841{1000 + number}", "2"))
    assert len(desk.books.turns) == MAX_TURNS
    desk.end()
    desk.wait(1)
    desk.wait(1)
    assert list(desk.books.faults.values()) == [("parties-too-many",)]


def press(party: socket.socket, desk: Desk, leg: int) -> None:
    """Somebody speaks on a leg, and presses the nine."""
    speak(party, desk.opened[leg], 60)
    desk.wait(0.2)
    for number in range(60, 63):
        datagram = packet(number, 160 * number, ssrc=5, payload=NINE, kind=101)
        party.sendto(datagram, (HOST, desk.opened[leg].number))
    desk.wait(0.2)


@pytest.mark.parametrize(("leg", "refused"), [(0, 1), (2, 0)])
def test_a_key_counts_from_outside_parties_alone(desk: Desk, leg: int, refused: int) -> None:
    """The caller refuses also after a transfer; the clerk to whom the call was passed on does not."""
    opened(desk, (CALLER, "1"), (CLERK, "2"))
    decide(desk)
    desk.offer("sendonly", "", "sendonly", version=2, labels=("1", "2", "3"))
    named(desk, (CALLER, "1"), (OTHER_CLERK, "3"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as party:
        party.bind((HOST, 0))
        press(party, desk, leg)
    assert len(desk.books.refused) == refused


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"<recording", "metadata-no-xml"),
        (b'<!DOCTYPE r [<!ENTITY x "y">]><recording>&x;</recording>', "metadata-declares"),
        (b"<recording>" + b" " * 40_000 + b"</recording>", "metadata-too-long"),
    ],
)
def test_what_was_wrong_with_metadata_stands_on_the_call(desk: Desk, text: bytes, fault: str) -> None:
    """The call is recorded, and its end says what could not be read."""
    desk.caller.invite(desk._offer("sendonly", "sendonly"), text)
    desk.hear()
    desk.begin()
    decide(desk)
    desk.end()
    desk.wait(1)
    desk.wait(1)
    ((call, _, why),) = desk.books.ended
    assert (why, desk.books.faults[call]) == ("bye", (fault,))
