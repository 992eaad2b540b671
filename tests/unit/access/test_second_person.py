"""Viewings that two authorised people open together: at one station, or one of them from their own session."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from rejent.access import authorisation_queries, checks, queries, services
from rejent.access.errors import (
    AccessRefusedError,
    AnswerRefusedError,
    NoSuchViewingError,
    ViewingRefusedError,
)
from rejent.access.models import SecondAsked, Viewing
from rejent.access.presence import queries as presence_queries
from rejent.access.rules.decision import Rule, Statement
from rejent.access.services.presence import WAITS
from rejent.access.views import SecondRequestState, SecondRequestView
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.unit.access.conftest import NOON, TOGETHER, Issue, People
from tests.unit.access.test_viewings import HOUR, acts, open_viewing


def ask(person: PersonView, source: str, clock: ManualClock, **changed: Any) -> SecondRequestView:
    """Ask for a second person to open the hour before noon."""
    purpose = next(iter(queries.purposes("video", clock=clock)))
    given = {
        "interval": (NOON - HOUR, NOON),
        "position": NOON - HOUR / 2,
        "statement": Statement(purpose, "OR.1431.7.2026", acknowledged=True),
        "session": "first session",
    }
    return services.ask_second(person=person, source_id=source, clock=clock, **{**given, **changed})


def answer(
    asked: SecondRequestView, second: PersonView, clock: ManualClock, *, agrees: bool = True
) -> SecondRequestView:
    """Answer from a session of one's own."""
    return services.answer_second(
        asked.id, second=second, session="second session", agrees=agrees, clock=clock
    )


def rule_of(refused: pytest.ExceptionInfo[AccessRefusedError]) -> Rule:
    """The rule that forbade it."""
    return refused.value.decision.rule


def test_alone_nothing_opens_and_with_a_second_person_both_are_entered(
    two: tuple[PersonView, PersonView], together: str, clock: ManualClock
) -> None:
    """Without the second person the attempt is entered with the rule; with them the act names both."""
    first, second = two
    with pytest.raises(AccessRefusedError) as refused:
        open_viewing(first, together, clock)
    assert rule_of(refused) is Rule.SECOND_PERSON_MISSING
    viewing = open_viewing(first, together, clock, second=second)
    (opened,) = registers.acts(names=["viewing.opened"]).acts
    (attempt,) = registers.acts(names=["access.refused"]).acts
    assert attempt.facts is not None
    assert attempt.facts["rule"] == "second-person-missing"
    assert opened.facts is not None
    assert (opened.facts["person"], opened.facts["second"]) == (str(first.id), str(second.id))
    assert viewing.second_id == second.id
    assert queries.open_viewing_for(viewing.id, first, "session", clock=clock) == viewing
    assert list(checks.findings(clock)) == []


def test_the_second_person_gets_no_viewing_of_the_first_ones(
    two: tuple[PersonView, PersonView], together: str, clock: ManualClock
) -> None:
    """Who agreed is entered, but the viewing stays the first person's and in the first person's session."""
    first, second = two
    viewing = open_viewing(first, together, clock, second=second)
    for session in ("session", "second session"):
        with pytest.raises(NoSuchViewingError):
            queries.open_viewing_for(viewing.id, second, session, clock=clock)


def test_nobody_is_their_own_second_person(
    two: tuple[PersonView, PersonView], together: str, clock: ManualClock
) -> None:
    """The same person, and somebody whose account shares the mail address, are refused by name of the rule."""
    first, second = two
    get_user_model().objects.filter(person_id__in=[first.id, second.id]).update(email="one@example.org")
    for other in (first, second):
        with pytest.raises(AccessRefusedError) as refused:
            open_viewing(first, together, clock, second=other)
        assert rule_of(refused) is Rule.SECOND_PERSON_SAME
    with pytest.raises(AccessRefusedError) as answered:
        answer(ask(first, together, clock), second, clock)
    assert rule_of(answered) is Rule.SECOND_PERSON_SAME
    assert registers.acts(names=["viewing.opened"]).acts == []


@pytest.mark.parametrize("roles", [["viewer"], ["guard"], ["iod"], ["administrator"]])
def test_who_may_not_see_the_recording_cannot_agree_to_it(
    two: tuple[PersonView, PersonView],
    person: People,
    together: str,
    clock: ManualClock,
    roles: list[str],
) -> None:
    """Somebody without an authorisation is neither offered the asking nor taken as the second person."""
    first, _ = two
    other = person(*roles)
    asked = ask(first, together, clock)
    assert presence_queries.open_requests_for(other, clock=clock) == []
    with pytest.raises(AccessRefusedError) as answered:
        answer(asked, other, clock)
    assert rule_of(answered) is Rule.SECOND_PERSON_NOT_AUTHORISED
    with pytest.raises(AccessRefusedError) as refused:
        open_viewing(first, together, clock, second=other)
    assert rule_of(refused) is Rule.SECOND_PERSON_NOT_AUTHORISED


@pytest.mark.parametrize(
    ("end", "case"),
    [(NOON - HOUR, "OR.1431.7.2026"), (NOON + timedelta(days=31), "OR.1431.7.2026"), (NOON, "OR.1\u202e7")],
)
def test_nobody_is_asked_to_agree_to_what_could_not_be_opened(
    two: tuple[PersonView, PersonView], together: str, clock: ManualClock, end: datetime, case: str
) -> None:
    """An empty or too long interval, or a case with characters that nobody sees, is refused as it is at opening."""
    statement = Statement(next(iter(queries.purposes("video", clock=clock))), case, acknowledged=True)
    with pytest.raises(ViewingRefusedError):
        ask(two[0], together, clock, interval=(NOON - HOUR, end), statement=statement)
    assert acts("viewing.second-asked") == []


def revoked(person: PersonView, clock: ManualClock) -> None:
    """Their authorisation is revoked."""
    (held,) = authorisation_queries.authorisations(person.id)
    services.revoke_authorisation(held.number, clock=clock, actor="")


def left(person: PersonView, clock: ManualClock) -> None:
    """They leave the office."""
    office.person_left(person.id, clock=clock, actor="")


def guards(person: PersonView, clock: ManualClock) -> None:
    """They become a guard."""
    office.set_roles(person.id, ["guard"], clock=clock, actor="")


@pytest.mark.parametrize("end", [revoked, left, guards])
def test_what_ends_the_second_persons_right_ends_the_viewing(
    two: tuple[PersonView, PersonView], together: str, clock: ManualClock, end: Any
) -> None:
    """The next piece is refused, and the keeper closes the viewing with the rule as its reason."""
    first, second = two
    viewing = open_viewing(first, together, clock, second=second)
    end(second, clock)
    with pytest.raises(AccessRefusedError) as refused:
        queries.open_viewing_for(viewing.id, first, "session", clock=clock)
    assert rule_of(refused) is Rule.SECOND_PERSON_NOT_AUTHORISED
    assert services.close_ended_viewings(clock=clock) == 1
    (closed,) = registers.acts(names=["viewing.closed"]).acts
    assert closed.facts is not None
    assert closed.facts["reason"] == "second-person-not-authorised"


def test_an_agreement_from_another_session_opens_one_viewing(
    two: tuple[PersonView, PersonView], together: str, clock: ManualClock
) -> None:
    """Asking, agreeing and opening are entered; the agreement is used up, and only who asked can use it."""
    first, second = two
    asked = ask(first, together, clock)
    assert [one.id for one in presence_queries.open_requests_for(second, clock=clock)] == [asked.id]
    assert presence_queries.open_requests_for(first, clock=clock) == []
    answer(asked, second, clock)
    assert presence_queries.open_requests_for(second, clock=clock) == []
    for somebody, session in ((second, "first session"), (first, "another session")):
        with pytest.raises(NoSuchViewingError):
            services.open_agreed(asked.id, person=somebody, session=session, clock=clock)
    viewing = services.open_agreed(asked.id, person=first, session="first session", clock=clock)
    assert (viewing.start, viewing.end, viewing.second_id) == (NOON - HOUR, NOON, second.id)
    with pytest.raises(AnswerRefusedError):
        services.open_agreed(asked.id, person=first, session="first session", clock=clock)
    names = [act.act for act in registers.acts().acts][:4]
    assert names == [
        "viewing.second-used",
        "viewing.opened",
        "viewing.second-answered",
        "viewing.second-asked",
    ]
    assert presence_queries.second_person_request(asked.id).state(clock.now()) is SecondRequestState.USED
    assert list(checks.findings(clock)) == []


def test_an_agreement_that_is_made_unused_again_opens_nothing(
    two: tuple[PersonView, PersonView], together: str, clock: ManualClock
) -> None:
    """Whoever clears its use in the database, or moves its end, gains no second viewing."""
    first, second = two
    asked = ask(first, together, clock)
    answer(asked, second, clock)
    services.open_agreed(asked.id, person=first, session="first session", clock=clock)
    SecondAsked.objects.update(used_at=None, expires_at=clock.now() + WAITS)
    with pytest.raises(AnswerRefusedError):
        services.open_agreed(asked.id, person=first, session="first session", clock=clock)
    assert "access.differs-from-ledger" in {found.code for found in checks.findings(clock)}


def test_an_asking_lapses(two: tuple[PersonView, PersonView], together: str, clock: ManualClock) -> None:
    """After its time nobody can agree, and an agreement that was not used opens nothing."""
    first, second = two
    early, late = ask(first, together, clock), None
    answer(early, second, clock)
    clock.advance(WAITS)
    with pytest.raises(AnswerRefusedError):
        services.open_agreed(early.id, person=first, session="first session", clock=clock)
    late = ask(first, together, clock)
    clock.advance(WAITS)
    assert presence_queries.open_requests_for(second, clock=clock) == []
    with pytest.raises(AnswerRefusedError):
        answer(late, second, clock)
    assert presence_queries.second_person_request(late.id).state(clock.now()) is SecondRequestState.LAPSED


def test_who_declines_closes_the_asking(
    two: tuple[PersonView, PersonView], together: str, person: People, issue: Issue, clock: ManualClock
) -> None:
    """One answer counts: nobody agrees after it, and nothing opens."""
    first, second = two
    third = person("viewer")
    issue(third)
    asked = ask(first, together, clock)
    answer(asked, second, clock, agrees=False)
    with pytest.raises(AnswerRefusedError):
        answer(asked, third, clock)
    with pytest.raises(AnswerRefusedError):
        services.open_agreed(asked.id, person=first, session="first session", clock=clock)
    assert presence_queries.second_person_request(asked.id).state(clock.now()) is SecondRequestState.DECLINED


def test_asking_anew_lets_the_earlier_asking_lapse(
    two: tuple[PersonView, PersonView], together: str, clock: ManualClock
) -> None:
    """Of two askings of one person only the last can be agreed to."""
    first, second = two
    earlier, later = ask(first, together, clock), ask(first, together, clock)
    assert [one.id for one in presence_queries.open_requests_for(second, clock=clock)] == [later.id]
    with pytest.raises(AnswerRefusedError):
        answer(earlier, second, clock)


def test_the_session_that_asks_does_not_answer(
    two: tuple[PersonView, PersonView], together: str, clock: ManualClock
) -> None:
    """Whoever answers in the session that asked is taken for the one who asked."""
    first, second = two
    asked = ask(first, together, clock)
    with pytest.raises(AccessRefusedError) as refused:
        services.answer_second(asked.id, second=second, session="first session", agrees=True, clock=clock)
    assert rule_of(refused) is Rule.SECOND_PERSON_SAME


def test_everything_is_asked_again_when_an_agreed_viewing_opens(
    two: tuple[PersonView, PersonView], together: str, clock: ManualClock
) -> None:
    """A right that either of them lost after the agreement opens nothing, and the agreement is not used up by it."""
    first, second = two
    asked = answer(ask(first, together, clock), second, clock)
    revoked(first, clock)
    with pytest.raises(AccessRefusedError) as refused:
        services.open_agreed(asked.id, person=first, session="first session", clock=clock)
    assert rule_of(refused) is Rule.REVOKED
    assert presence_queries.second_person_request(asked.id).state(clock.now()) is SecondRequestState.AGREED


def test_what_could_not_be_opened_is_not_asked_for(
    two: tuple[PersonView, PersonView], together: str, clock: ManualClock
) -> None:
    """No purpose, no case, no acknowledgement: the asking is refused as the opening would be."""
    first, _ = two
    purpose = next(iter(queries.purposes("video", clock=clock)))
    for statement, rule in (
        (Statement("", "OR.1", acknowledged=True), Rule.PURPOSE_MISSING),
        (Statement(purpose, " ", acknowledged=True), Rule.CASE_MISSING),
        (Statement(purpose, "OR.1"), Rule.BAN_NOT_ACKNOWLEDGED),
    ):
        with pytest.raises(AccessRefusedError) as refused:
            ask(first, together, clock, statement=statement)
        assert rule_of(refused) is rule
    assert registers.acts(names=["viewing.second-asked"]).acts == []


@pytest.mark.parametrize("identifier", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_an_asking_that_nobody_made_is_not_there(
    two: tuple[PersonView, PersonView], clock: ManualClock, identifier: str
) -> None:
    """A guessed identifier is answered like none, to whoever may agree too."""
    with pytest.raises(NoSuchViewingError):
        services.answer_second(identifier, second=two[1], session="", agrees=True, clock=clock)


def test_a_regulation_that_comes_to_demand_two_ends_what_one_opened(
    source: str, person: People, issue: Issue, clock: ManualClock
) -> None:
    """From the day it is in force a viewing that was opened alone hands out nothing more."""
    viewer = person("viewer")
    issue(viewer)
    viewing = open_viewing(viewer, source, clock)
    office.activate_regulation(TOGETHER, in_force_from=date(2026, 11, 21), clock=clock, actor="")
    with pytest.raises(AccessRefusedError) as refused:
        queries.open_viewing_for(viewing.id, viewer, "session", clock=clock)
    assert rule_of(refused) is Rule.SECOND_PERSON_MISSING


def test_a_viewing_that_tells_another_second_person_than_was_entered_is_found(
    two: tuple[PersonView, PersonView], person: People, together: str, clock: ManualClock
) -> None:
    """Rows that were changed behind the program's back differ from the ledger."""
    first, second = two
    open_viewing(first, together, clock, second=second)
    Viewing.objects.update(second_id=person("viewer").id)
    assert [one.code for one in checks.findings(clock)] == ["access.differs-from-ledger"]


def test_the_asking_is_kept_no_longer_than_a_day_beside_the_ledger(
    two: tuple[PersonView, PersonView], together: str, clock: ManualClock
) -> None:
    """The ledger keeps that somebody asked; the row that held it goes when the next one is made."""
    first, _ = two
    earlier = ask(first, together, clock)
    clock.advance(timedelta(days=2))
    ask(first, together, clock)
    with pytest.raises(NoSuchViewingError):
        presence_queries.second_person_request(earlier.id)
