"""The protocol of a viewing: begun with it, finished before the next, positioned on, then only added to."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest

from rejent.access import queries, services
from rejent.access.errors import (
    AccessRefusedError,
    NoSuchProtocolError,
    ProtocolFinishedError,
    ProtocolRefusedError,
)
from rejent.access.models import Protocol, Viewing
from rejent.access.rules.decision import Rule
from rejent.access.services.protocols import begin_protocol
from rejent.access.viewings import protocols
from rejent.access.viewings.protocols import Demand
from rejent.access.views import ProtocolState
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.registers.models import Entry
from tests.guarded_rows import unguarded
from tests.unit.access.conftest import Issue, People
from tests.unit.access.protocols_written import (
    ANNEX,
    FULL,
    SHORT,
    closed_viewing,
    codes,
    staged,
    two_stages,
    viewer,
)
from tests.unit.access.test_viewings import finished, open_viewing

__all__ = ["staged", "viewer"]

Edit = Callable[[str, PersonView], None]


def test_a_regulation_that_names_no_protocol_gets_a_short_one_finished_by_the_viewer_alone(
    viewer: PersonView, source: str, clock: ManualClock
) -> None:
    """What was found and what follows; complete once the viewer has finished, with a commitment and no text in the ledger."""
    viewing = open_viewing(viewer, source, clock)
    assert protocols.protocol(viewing.number).state is ProtocolState.OPEN
    services.close_viewing(viewing.id, clock=clock, actor="")
    begun = protocols.protocol(viewing.number)
    assert (begun.fields, begun.position_demanded) == (("findings", "follow-up"), False)
    assert begun.state is ProtocolState.UNFINISHED
    done = services.finish_protocol(viewing.number, SHORT, person=viewer, clock=clock)
    assert done.state is ProtocolState.COMPLETE
    assert done.texts == SHORT
    (act,) = registers.acts(names=["protocol.finished"]).acts
    assert act.actor == str(viewer.id)
    assert act.facts is not None
    assert act.facts.keys() == {"number", "person", "version", "digest"}
    assert "Nobody" not in str(act.facts)
    assert codes(clock) == []


def test_an_unfinished_protocol_stops_the_next_viewing_open_or_ended(
    viewer: PersonView, source: str, clock: ManualClock
) -> None:
    """The rule names the viewing, the attempt is entered, and finishing opens the way again."""
    viewing = open_viewing(viewer, source, clock)
    for _ in ("open", "ended"):
        with pytest.raises(AccessRefusedError) as refused:
            open_viewing(viewer, source, clock)
        assert refused.value.decision.rule is Rule.PROTOCOL_UNFINISHED
        assert viewing.number in str(refused.value)
        assert refused.value.decision.advice
        assert refused.value.decision.now
        services.close_viewing(viewing.id, clock=clock, actor="")
    told = [act.facts["rule"] for act in registers.acts(names=["access.refused"]).acts if act.facts]
    assert told == ["protocol-unfinished"]
    finished(viewing, viewer, clock)
    assert open_viewing(viewer, source, clock).number == "O-2026-2"


def _said_to_be_finished(number: str, _other: PersonView) -> None:
    Protocol.objects.filter(viewing__number=number).update(finished_at="2026-11-21T11:00:00Z")


def _somebody_elses(number: str, other: PersonView) -> None:
    Protocol.objects.filter(viewing__number=number).update(person=other.id)


def _taken_away(number: str, _other: PersonView) -> None:
    Protocol.objects.filter(viewing__number=number).delete()


def _with_the_record_of_its_opening(number: str, other: PersonView) -> None:
    _taken_away(number, other)
    Entry.objects.filter(act="viewing.opened", facts__contains=f'"{number}"').update(facts=None, salt=None)


def _with_a_stolen_finish(number: str, other: PersonView) -> None:
    _taken_away(number, other)
    Entry.objects.filter(act="viewing.closed").update(
        act="protocol.finished", subject=f"protocol:{number}", facts=None, salt=None
    )


EDITS = (
    _said_to_be_finished, _somebody_elses, _taken_away, _with_the_record_of_its_opening, _with_a_stolen_finish,
)  # fmt: skip


@pytest.mark.parametrize("earlier", [False, True], ids=["the first", "a later one"])
@pytest.mark.parametrize("edit", EDITS)
def test_a_protocol_that_somebody_edits_away_is_owed_all_the_same(
    viewer: PersonView, person: People, source: str, clock: ManualClock, *, edit: Edit, earlier: bool
) -> None:
    """A draft is bound to nothing, so the ledger decides: no act finished it, and the next viewing stays shut."""
    if earlier:
        finished(open_viewing(viewer, source, clock), viewer, clock)
        clock.advance(timedelta(minutes=1))
    viewing = closed_viewing(viewer, source, clock)
    with unguarded():
        edit(viewing.number, person("clerk"))
    assert protocols.unfinished(viewer.id) == viewing.number
    with pytest.raises(AccessRefusedError) as refused:
        open_viewing(viewer, source, clock)
    assert refused.value.decision.rule is Rule.PROTOCOL_UNFINISHED


def test_an_open_viewing_goes_on_although_its_own_protocol_is_unfinished(
    viewer: PersonView, source: str, clock: ManualClock
) -> None:
    """What stops the next viewing does not stop this one, nor does the keeper close it for that."""
    viewing = open_viewing(viewer, source, clock)
    assert queries.open_viewing_for(viewing.id, viewer, "session", clock=clock) == viewing
    assert services.close_ended_viewings(clock=clock) == 0


def test_the_database_itself_holds_one_unfinished_protocol_a_person(
    viewer: PersonView, source: str, clock: ManualClock
) -> None:
    """Of two windows that open at the same instant and both find nothing owed, the second is refused all the same."""
    first = open_viewing(viewer, source, clock)
    row = Viewing.objects.get(pk=first.id)
    row.pk, row.number = uuid4(), "O-2026-2"
    row.save(force_insert=True)
    with pytest.raises(AccessRefusedError) as refused:
        begin_protocol(row, Demand(1, ("findings",), "none"))
    assert refused.value.decision.rule is Rule.PROTOCOL_UNFINISHED
    assert first.number in str(refused.value)


def test_another_person_is_not_stopped(
    viewer: PersonView, person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """Each owes for themselves."""
    open_viewing(viewer, source, clock)
    other = person("viewer")
    issue(other)
    assert open_viewing(other, source, clock).person_id == other.id


def test_where_the_regulation_wants_an_entry_alone_nothing_is_owed(
    viewer: PersonView, source: str, clock: ManualClock
) -> None:
    """No protocol begins, and viewings follow one another."""
    text = example("elblag").replace(
        'clause = "ust. 1 pkt 6–7"', 'playback_record = "entry"\nclause = "ust. 1 pkt 6–7"', 1
    )
    office.activate_regulation(text, in_force_from=date(2026, 1, 1), clock=clock, actor="")
    numbers = [open_viewing(viewer, source, clock).number for _ in range(2)]
    assert numbers == ["O-2026-1", "O-2026-2"]
    with pytest.raises(NoSuchProtocolError):
        protocols.protocol("O-2026-1")
    assert codes(clock) == []


def test_the_keeper_closes_what_a_browser_left_open_and_the_protocol_waits(
    viewer: PersonView, source: str, clock: ManualClock
) -> None:
    """After its time the viewing is closed; its protocol is still to be finished, and still stops the next."""
    viewing = open_viewing(viewer, source, clock)
    clock.advance(services.viewings.LONGEST)
    assert services.close_ended_viewings(clock=clock) == 1
    assert protocols.unfinished(viewer.id) == viewing.number
    with pytest.raises(AccessRefusedError):
        open_viewing(viewer, source, clock)
    services.finish_protocol(viewing.number, SHORT, person=viewer, clock=clock)
    assert protocols.unfinished(viewer.id) == ""


def test_the_regulation_of_the_opening_binds_when_another_comes_into_force(
    viewer: PersonView, staged: str, clock: ManualClock
) -> None:
    """Fields and position are those of the version in force when the viewing was opened."""
    viewing = open_viewing(viewer, staged, clock)
    office.activate_regulation(example("elblag"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    services.close_viewing(viewing.id, clock=clock, actor="")
    with pytest.raises(ProtocolRefusedError):
        services.finish_protocol(viewing.number, SHORT, person=viewer, clock=clock)
    done = services.finish_protocol(viewing.number, FULL, person=viewer, clock=clock)
    assert (done.version, done.state) == (2, ProtocolState.WAITING)
    assert codes(clock) == []


def test_a_purpose_may_demand_other_fields(viewer: PersonView, source: str, clock: ManualClock) -> None:
    """A complaint about service has no kind of breach; the stream's other purposes keep theirs."""
    text = two_stages().replace(
        'ground = "employee-safety"', 'ground = "employee-safety"\nprotocol_fields = ["findings"]', 1
    )
    office.activate_regulation(text, in_force_from=date(2026, 1, 1), clock=clock, actor="")
    for purpose, fields in zip(
        queries.purposes("video", clock=clock), [("findings",), tuple(ANNEX)], strict=False
    ):
        viewing = open_viewing(viewer, source, clock, purpose=purpose)
        assert protocols.protocol(viewing.number).fields == fields
        finished(viewing, viewer, clock)
    assert codes(clock) == []


@pytest.mark.parametrize(
    ("texts", "part"),
    [
        ({}, "findings"),
        ({"findings": "Nobody."}, "follow-up"),
        ({**SHORT, "follow-up": " \n "}, "follow-up"),
        ({**SHORT, "findings": "x" * 4001}, "findings"),
        ({**SHORT, "findings": "No\u202ebody"}, "findings"),
        ({**SHORT, "findings": "No\0body"}, "findings"),
        ({**SHORT, "findings": "No\udc80body"}, "findings"),
        ({**SHORT, "breach": "None."}, "breach"),
    ],
)
def test_a_text_that_is_empty_too_long_or_not_to_be_seen_is_refused_at_its_part(
    texts: dict[str, str], part: str, viewer: PersonView, source: str, clock: ManualClock
) -> None:
    """Nothing is entered, and the protocol still waits."""
    viewing = closed_viewing(viewer, source, clock)
    with pytest.raises(ProtocolRefusedError) as refused:
        services.finish_protocol(viewing.number, texts, person=viewer, clock=clock)
    assert refused.value.part == part
    assert protocols.protocol(viewing.number).state is ProtocolState.UNFINISHED
    assert registers.acts(names=["protocol.finished"]).acts == []


def test_lines_and_tabs_of_what_was_pasted_are_kept_as_lines_and_blanks(
    viewer: PersonView, source: str, clock: ManualClock
) -> None:
    """One kind of line end, so that the same text has one commitment."""
    viewing = closed_viewing(viewer, source, clock)
    texts = {"findings": " First.\r\nSecond.\rThird.\t \n", "follow-up": "Nothing."}
    kept = services.finish_protocol(viewing.number, texts, person=viewer, clock=clock).texts
    assert kept["findings"] == "First.\nSecond.\nThird."


def test_nobody_else_and_not_before_the_end_and_not_twice(
    viewer: PersonView, person: People, source: str, clock: ManualClock
) -> None:
    """Another viewer and the head are refused, an open viewing is refused, and of two windows the second is."""
    viewing = open_viewing(viewer, source, clock)
    with pytest.raises(ProtocolRefusedError):
        services.finish_protocol(viewing.number, SHORT, person=viewer, clock=clock)
    services.close_viewing(viewing.id, clock=clock, actor="")
    for somebody in (person("viewer"), person("head"), person("iod")):
        for write in (services.save_draft, services.finish_protocol):
            with pytest.raises(AccessRefusedError) as refused:
                write(viewing.number, SHORT, person=somebody, clock=clock)
            assert refused.value.decision.rule is Rule.NOT_THEIRS
    services.finish_protocol(viewing.number, SHORT, person=viewer, clock=clock)
    for write in (services.save_draft, services.finish_protocol):
        with pytest.raises(ProtocolFinishedError):
            write(viewing.number, {**SHORT, "findings": "Somebody did."}, person=viewer, clock=clock)
    assert protocols.protocol(viewing.number).texts == SHORT
    for unknown in ("O-2026-9", "", "O-2026-1' OR 1=1"):
        with pytest.raises(NoSuchProtocolError):
            services.finish_protocol(unknown, SHORT, person=viewer, clock=clock)


def test_a_draft_is_kept_and_no_act(viewer: PersonView, source: str, clock: ManualClock) -> None:
    """Half a text may be kept while the viewing goes on; only finishing enters it."""
    viewing = open_viewing(viewer, source, clock)
    size = registers.tree_head().size
    services.save_draft(viewing.number, {"findings": "Somebody"}, person=viewer, clock=clock)
    kept = protocols.protocol(viewing.number)
    assert kept.texts == {"findings": "Somebody", "follow-up": ""}
    assert kept.drafted_at == clock.now()
    assert registers.tree_head().size == size
    assert codes(clock) == []


def test_who_has_lost_the_right_to_see_still_finishes(
    viewer: PersonView, source: str, clock: ManualClock
) -> None:
    """A revoked authorisation ends the viewing, not the duty."""
    viewing = open_viewing(viewer, source, clock)
    services.revoke_authorisation("U-2026-1", clock=clock, actor="")
    office.set_roles(viewer.id, ["clerk"], clock=clock, actor="")
    assert services.close_ended_viewings(clock=clock) == 1
    done = services.finish_protocol(viewing.number, SHORT, person=viewer, clock=clock)
    assert done.finished_by == str(viewer.id)


def test_for_who_has_left_the_head_or_the_deputy_finishes_and_that_is_entered(
    viewer: PersonView, person: People, source: str, clock: ManualClock
) -> None:
    """The leaver cannot any more, supervisors may not; the act tells for whom it was done."""
    viewing, head = open_viewing(viewer, source, clock), person("head")
    office.person_left(viewer.id, clock=clock, actor="")
    services.close_ended_viewings(clock=clock)
    for somebody in (viewer, person("iod"), person("secretary"), person("administrator")):
        with pytest.raises(AccessRefusedError):
            services.finish_protocol(viewing.number, SHORT, person=somebody, clock=clock)
    done = services.finish_protocol(viewing.number, SHORT, person=head, clock=clock)
    assert done.finished_by == str(head.id)
    (act,) = registers.acts(names=["protocol.concluded"]).acts
    assert act.actor == str(head.id)
    assert act.facts is not None
    assert act.facts["person"] == str(viewer.id)
    assert codes(clock) == []
