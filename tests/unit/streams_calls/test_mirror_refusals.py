"""Whoever stands on the list of refusals is not recorded at a mirror port, by whatever a message names them."""

from pathlib import Path

import pytest

from rejent.streams.calls.receiving.mirror.conversation import MAX_NAMING_VALUES
from tests.unit.streams_calls.mirror_traffic import (
    ANOTHERS,
    SBC,
    Call,
    Desk,
    Killed,
    kill_at_discard,
    over,
    taken,
)

REFUSED = "+48225559999"


def desk_without(*numbers: str) -> Desk:
    """A line on whose list these stand."""
    desk = Desk()
    desk.refusing.numbers = frozenset(numbers)
    return desk


@pytest.mark.parametrize(
    "extra",
    [
        f"P-Asserted-Identity: <sip:{REFUSED}@pbx.example>\r\nPrivacy: id\r\n",
        f"P-Asserted-Identity: <sip:+48109876000@pbx.example>, <tel:{REFUSED}>\r\n",
        f"P-Preferred-Identity: <sip:{REFUSED}@pbx.example>\r\n",
        f"Remote-Party-ID: <sip:{REFUSED}@pbx.example>;party=calling;privacy=full\r\n",
        f"Diversion: <sip:{REFUSED}@pbx.example>;reason=unconditional\r\n",
        f"History-Info: <sip:{REFUSED}@pbx.example?Reason=SIP%3Bcause%3D302>;index=1\r\n",
    ],
)
def test_whatever_an_invite_names_is_asked_about(extra: str) -> None:
    """The network's word, also where the caller is withheld from the other party; and who diverted the call."""
    desk, call = desk_without(REFUSED), Call(extra=extra)
    taken(desk, call)
    desk.see(*call.both(10))
    assert (desk.sink.objects, [how.value for _, how in desk.books.refused]) == ([], ["list"])


def test_a_caller_behind_the_main_number_of_its_exchange_is_asked_about() -> None:
    """The trunk asserts another number than the caller shows."""
    desk = desk_without(ANOTHERS)
    taken(desk, Call(extra="P-Asserted-Identity: <sip:+48109876000@pbx.example>\r\n"))
    assert desk.sink.objects == []


def test_another_stretch_of_a_refused_call_is_not_recorded_either() -> None:
    """Behind the exchange nothing names who refused any more."""
    desk = desk_without(REFUSED)
    call = Call(extra=f"P-Asserted-Identity: <sip:{REFUSED}@pbx.example>\r\nPrivacy: id\r\n")
    taken(desk, call)
    taken(desk, Call(phones=(SBC, call.phones[1])))
    assert (desk.sink.objects, len(desk.books.refused)) == ([], 1)


def test_a_refusal_is_noted_before_what_was_recorded_is_destroyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is killed in between has it on disk: the next start enters it."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(10))
    notes = kill_at_discard(desk.books, tmp_path, monkeypatch)
    desk.refusing.numbers = frozenset({ANOTHERS})
    with pytest.raises(Killed):
        over(desk, call)
    assert [(each.call_id, each.how) for each in notes.left()] == [(desk.books.begun[0].id, "list")]
    assert desk.books.refused == []


@pytest.mark.parametrize("answered", [False, True])
def test_a_call_that_is_passed_on_to_one_who_refused_is_destroyed(answered: bool) -> None:
    """The message that tells so comes after the INVITE; what a stranger to the call says of it ends nothing."""
    desk, call = desk_without(REFUSED), Call()
    naming = f"P-Asserted-Identity: <sip:{REFUSED}@pbx.example>\r\n"
    if answered:
        taken(desk, call)
        desk.see(*call.both(10))
        desk.wait(10)
        desk.see(call.sip(call.request("UPDATE", 1, to_tag="another", extra=naming), 1))
        assert desk.books.refused == []
        desk.see(call.sip(call.request("UPDATE", 1, extra=naming), 1))
    else:
        desk.see(
            call.sip(call.invite()), call.sip(call.response(183, body=call.description(1), extra=naming), 1)
        )
        desk.see(call.sip(call.ok(), 1))
    desk.wait(2)
    assert [how.value for _, how in desk.books.refused] == ["list"]
    assert [why for _, _, why in desk.books.ended] == (["refused"] if answered else [])
    assert (desk.sink.discarded == desk.sink.objects, bool(desk.sink.objects)) == (True, answered)
    assert desk.observation.calls == 0


@pytest.mark.parametrize("ends", [False, True])
def test_a_refusal_that_was_entered_just_before_counts(ends: bool) -> None:
    """It is learnt a moment later."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(10))
    desk.refusing.numbers = frozenset({ANOTHERS})
    if not ends:
        desk.wait(5)
    over(desk, call)
    assert [how.value for _, how in desk.books.refused] == ["list"]
    assert [why for _, _, why in desk.books.ended] == ["refused"]
    assert desk.sink.discarded == desk.sink.objects != []


def test_a_refusal_that_is_entered_later_means_calls_to_come() -> None:
    """What is under way then is recorded to its end."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(10))
    desk.wait(6)
    desk.refusing.numbers = frozenset({ANOTHERS})
    desk.see(call.sip(call.request("UPDATE")))
    over(desk, call)
    assert (desk.books.refused, [why for _, _, why in desk.books.ended]) == ([], ["bye"])
    assert desk.sink.discarded == []


def test_a_message_that_names_hundreds_costs_no_more_than_one_that_names_a_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of each field the first values are asked about, wherever they stand; a line that has too many keeps the others from nothing."""
    desk, asked = desk_without(REFUSED), set[str]()
    names = desk.refusing.names
    monkeypatch.setattr(desk.refusing, "names", lambda each: asked.update(each) or names(each))
    many = ", ".join(f"<sip:+4822{number:07}@a.example>" for number in range(60))
    taken(
        desk, Call(extra="".join(f"{name}: {many}\r\n" * 5 for name in ("Diversion", "P-Asserted-Identity")))
    )
    assert len(asked) <= 2 * MAX_NAMING_VALUES + 4
    too_many = ", ".join(f"<sip:{number}@a.example>" for number in range(100))
    extra = f"Diversion: {too_many}\r\nDiversion: <sip:{REFUSED}@a.example>\r\n"
    taken(desk, Call(call_id="two@example.org", extra=extra))
    assert len(desk.books.refused) == 1
