"""The protocol of a viewing: begun with it, finished before the next, positioned on, then only added to."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest

from rejent.access import checks, protocols, queries, services
from rejent.access.errors import (
    AccessRefusedError,
    NoSuchProtocolError,
    ProtocolFinishedError,
    ProtocolRefusedError,
)
from rejent.access.models import Protocol, ProtocolNote, Viewing
from rejent.access.protocols import Demand
from rejent.access.rules import Rule
from rejent.access.services.protocols import begin_protocol
from rejent.access.views import ProtocolState, ViewingView
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation import example
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.unit.access.conftest import Issue, People
from tests.unit.access.test_viewings import finished, open_viewing

SHORT = {"findings": "Nobody entered.", "follow-up": "Nothing."}
ANNEX = ["event-time", "parties", "place", "breach", "causes", "actions", "proceedings"]
FULL = dict.fromkeys(ANNEX, "It is described here.")


def two_stages(position: str = "head") -> str:
    """Elbląg's regulation with the protocol of Bolesławiec's annex 2 for cameras."""
    keys = f"protocol_fields = {ANNEX}\nposition = {position!r}\n".replace("'", '"')
    return example("elblag").replace('clause = "ust. 1 pkt 6–7"', f'{keys}clause = "ust. 1 pkt 6–7"', 1)


@pytest.fixture
def staged(source: str, clock: ManualClock) -> str:
    """A camera of an office whose head states a position on each protocol."""
    office.activate_regulation(two_stages(), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    return source


@pytest.fixture
def viewer(person: People, issue: Issue) -> PersonView:
    """Somebody who may see recordings."""
    found = person("viewer")
    issue(found)
    return found


def closed_viewing(viewer: PersonView, source: str, clock: ManualClock) -> ViewingView:
    """A viewing that was opened and ended."""
    viewing = open_viewing(viewer, source, clock)
    services.close_viewing(viewing.id, clock=clock, actor=str(viewer.id))
    return viewing


def waiting(viewer: PersonView, source: str, clock: ManualClock) -> str:
    """The number of a protocol that its viewer has finished and that waits for the position."""
    viewing = closed_viewing(viewer, source, clock)
    services.finish_protocol(viewing.number, FULL, person=viewer, clock=clock)
    return viewing.number


def codes(clock: ManualClock) -> list[str]:
    """What fsck finds of access."""
    return sorted(finding.code.removeprefix("access.") for finding in checks.findings(clock))


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


def test_the_head_states_the_position_once_and_the_deputy_where_the_regulation_lets(
    viewer: PersonView, person: People, staged: str, clock: ManualClock
) -> None:
    """Who the regulation does not name is refused; the second statement of two is."""
    head, deputy = person("head"), person("deputy")
    number = waiting(viewer, staged, clock)
    for somebody in (deputy, viewer, person("iod"), person("secretary")):
        with pytest.raises(AccessRefusedError) as refused:
            services.state_position(number, "No steps.", person=somebody, clock=clock)
        assert refused.value.decision.rule is Rule.NOT_THEIRS
    done = services.state_position(number, "No further steps.", person=head, clock=clock)
    assert (done.state, done.position) == (ProtocolState.COMPLETE, "No further steps.")
    with pytest.raises(ProtocolFinishedError):
        services.state_position(number, "Other steps.", person=head, clock=clock)
    office.activate_regulation(
        two_stages("head-or-deputy"), in_force_from=date(2026, 1, 1), clock=clock, actor=""
    )
    number = waiting(viewer, staged, clock)
    assert services.state_position(number, "None.", person=deputy, clock=clock).position_by == str(deputy.id)
    owns = [act.facts["own"] for act in registers.acts(names=["protocol.position-stated"]).acts if act.facts]
    assert owns == [False, False]
    assert codes(clock) == []


def test_no_position_on_ones_own_viewing_while_another_may_state_it(
    person: People, issue: Issue, staged: str, clock: ManualClock
) -> None:
    """With a deputy whom the regulation lets, the head is refused; alone the head states it, and the ledger says it was their own."""
    head = person("head", "viewer")
    issue(head)
    office.activate_regulation(
        two_stages("head-or-deputy"), in_force_from=date(2026, 1, 1), clock=clock, actor=""
    )
    number, deputy = waiting(head, staged, clock), person("deputy")
    with pytest.raises(AccessRefusedError) as refused:
        services.state_position(number, "None.", person=head, clock=clock)
    assert refused.value.decision.rule is Rule.OWN
    office.person_left(deputy.id, clock=clock, actor="")
    services.state_position(number, "None.", person=head, clock=clock)
    (act,) = registers.acts(names=["protocol.position-stated"]).acts
    assert act.facts is not None
    assert act.facts["own"] is True


def test_the_deputy_who_acts_states_it_in_the_heads_place(
    viewer: PersonView, person: People, source: str, clock: ManualClock
) -> None:
    """Where the regulation lets the deputy decide in the head's absence, and only while the head is away."""
    text = two_stages().replace(
        "[streams.video.handover]", "[streams.video.handover]\ndeputy_in_absence = true", 1
    )
    office.activate_regulation(text, in_force_from=date(2026, 1, 1), clock=clock, actor="")
    head, deputy = person("head"), person("deputy")
    number = waiting(viewer, source, clock)
    with pytest.raises(AccessRefusedError):
        services.state_position(number, "None.", person=deputy, clock=clock)
    office.enter_absence(head.id, date(2026, 11, 21), None, clock=clock, actor="")
    services.state_position(number, "None.", person=deputy, clock=clock)
    (act,) = registers.acts(names=["protocol.position-stated"]).acts
    assert act.facts is not None
    assert act.facts["in_place_of"] == str(head.id)
    assert codes(clock) == []


@pytest.mark.parametrize("text", ["", "  \n", "x" * 4001, "No\u200bne"])
def test_a_position_that_says_nothing_or_too_much_is_refused(
    text: str, viewer: PersonView, person: People, staged: str, clock: ManualClock
) -> None:
    """The protocol goes on waiting."""
    number = waiting(viewer, staged, clock)
    with pytest.raises(ProtocolRefusedError):
        services.state_position(number, text, person=person("head"), clock=clock)
    assert protocols.protocol(number).state is ProtocolState.WAITING


def test_no_position_before_the_viewer_has_finished_or_where_none_is_demanded(
    viewer: PersonView, person: People, source: str, clock: ManualClock
) -> None:
    """The second stage follows the first, and only where there is one."""
    head = person("head")
    viewing = closed_viewing(viewer, source, clock)
    for _ in ("unfinished", "complete"):
        with pytest.raises(ProtocolRefusedError):
            services.state_position(viewing.number, "None.", person=head, clock=clock)
        if not protocols.protocol(viewing.number).finished_at:
            services.finish_protocol(viewing.number, SHORT, person=viewer, clock=clock)


def test_what_is_finished_is_corrected_by_notes_alone(
    viewer: PersonView, person: People, source: str, clock: ManualClock
) -> None:
    """Viewer and head append, each note is entered; strangers and supervisors do not, and nothing is noted before the end."""
    viewing = closed_viewing(viewer, source, clock)
    with pytest.raises(ProtocolRefusedError):
        services.append_note(viewing.number, "It was the side door.", person=viewer, clock=clock)
    services.finish_protocol(viewing.number, SHORT, person=viewer, clock=clock)
    services.append_note(viewing.number, "It was the side door.", person=viewer, clock=clock)
    noted = services.append_note(viewing.number, "Seen.", person=person("head"), clock=clock)
    assert [(note.place, note.text) for note in noted.notes] == [(1, "It was the side door."), (2, "Seen.")]
    assert noted.texts == SHORT
    for somebody in (person("viewer"), person("iod"), person("administrator")):
        with pytest.raises(AccessRefusedError):
            services.append_note(viewing.number, "I say.", person=somebody, clock=clock)
    assert len(registers.acts(names=["protocol.noted"]).acts) == 2
    assert codes(clock) == []


def test_a_clock_set_back_keeps_the_order(viewer: PersonView, source: str, clock: ManualClock) -> None:
    """What follows what is told by the ledger: a protocol finished at an earlier hour than its viewing began is whole."""
    viewing = open_viewing(viewer, source, clock)
    clock.advance(timedelta(hours=-5))
    services.close_viewing(viewing.id, clock=clock, actor="")
    done = services.finish_protocol(viewing.number, SHORT, person=viewer, clock=clock)
    assert done.state is ProtocolState.COMPLETE
    assert codes(clock) == []
    assert open_viewing(viewer, source, clock).number == "O-2026-2"


def test_taking_a_protocol_out_is_an_act(viewer: PersonView, source: str, clock: ManualClock) -> None:
    """It tells which one and whose."""
    viewing = closed_viewing(viewer, source, clock)
    with pytest.raises(ProtocolRefusedError):
        services.export_protocol(viewing.number, clock=clock, actor=str(viewer.id))
    services.finish_protocol(viewing.number, SHORT, person=viewer, clock=clock)
    entry = services.export_protocol(viewing.number, clock=clock, actor=str(viewer.id))
    assert registers.act(entry).facts == {"number": viewing.number, "person": str(viewer.id)}
    with pytest.raises(NoSuchProtocolError):
        services.export_protocol("O-2026-7", clock=clock, actor="")


def rewritten(number: str) -> None:
    """The viewer's text is written over."""
    assert number
    Protocol.objects.update(texts={**FULL, "breach": "There was none."})


def repositioned(number: str) -> None:
    """The head's position is written over."""
    assert number
    Protocol.objects.update(position="Charges.")


def ascribed(number: str) -> None:
    """Somebody else is said to have finished it."""
    assert number
    Protocol.objects.update(finished_by="")


def softened(number: str) -> None:
    """The protocol is said to have demanded less."""
    assert number
    Protocol.objects.update(fields=["findings"])


def renoted(number: str) -> None:
    """A note is written over."""
    assert number
    ProtocolNote.objects.update(text="Nothing.")


def unfinished_again(number: str) -> None:
    """It is made a draft again."""
    assert number
    Protocol.objects.update(finished_at=None, finished_by="")


@pytest.mark.parametrize("change", [rewritten, repositioned, ascribed, softened, renoted, unfinished_again])
def test_what_is_changed_in_the_database_is_found(
    change: Callable[[str], None], viewer: PersonView, person: People, staged: str, clock: ManualClock
) -> None:
    """Every part of a protocol is held against its commitment in the ledger."""
    number = waiting(viewer, staged, clock)
    services.state_position(number, "None.", person=person("head"), clock=clock)
    services.append_note(number, "A word more.", person=viewer, clock=clock)
    assert codes(clock) == []
    change(number)
    assert codes(clock) == ["differs-from-ledger"]


def test_a_protocol_that_is_gone_or_came_from_nowhere_is_found(
    viewer: PersonView, source: str, clock: ManualClock
) -> None:
    """A row removed so that the next viewing opens shows twice: it is missing, and the next viewing skipped it."""
    closed_viewing(viewer, source, clock)
    Protocol.objects.all().delete()
    assert codes(clock) == ["row-missing"]
    open_viewing(viewer, source, clock)
    assert codes(clock) == ["protocol-skipped", "row-missing"]
