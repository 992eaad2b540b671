"""After the viewer has finished: the position, notes, and what is found where somebody changed a row."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.auth import get_user_model

from rejent.access import services
from rejent.access.errors import (
    AccessRefusedError,
    NoSuchProtocolError,
    ProtocolFinishedError,
    ProtocolRefusedError,
)
from rejent.access.models import Protocol, ProtocolNote
from rejent.access.rules.decision import Rule
from rejent.access.viewings import protocols
from rejent.access.views import ProtocolState
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.unit.access.conftest import Issue, People
from tests.unit.access.protocols_written import (
    FULL,
    SHORT,
    closed_viewing,
    codes,
    staged,
    two_stages,
    viewer,
    waiting,
)
from tests.unit.access.test_viewings import open_viewing

__all__ = ["staged", "viewer"]


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


def test_no_position_on_a_viewing_of_an_account_that_shares_something(
    viewer: PersonView, person: People, staged: str, clock: ManualClock
) -> None:
    """The head whose second account viewed is refused while a deputy may; where the deputy's is the viewer's too, or nobody else is there, the head states it as their own."""
    office.activate_regulation(
        two_stages("head-or-deputy"), in_force_from=date(2026, 1, 1), clock=clock, actor=""
    )
    head, deputy, first = person("head"), person("deputy"), waiting(viewer, staged, clock)
    same_mail(head, viewer)
    with pytest.raises(AccessRefusedError) as refused:
        services.state_position(first, "None.", person=head, clock=clock)
    assert refused.value.decision.rule is Rule.OWN
    twin = person("clerk")
    same_mail(twin, viewer)
    with pytest.raises(AccessRefusedError):
        services.append_note(first, "None.", person=twin, clock=clock)
    services.state_position(first, "None.", person=deputy, clock=clock)
    same_mail(deputy, viewer)
    services.state_position(waiting(viewer, staged, clock), "None.", person=head, clock=clock)
    told = {
        act.actor: act.facts["own"]
        for act in registers.acts(names=["protocol.position-stated"]).acts
        if act.facts
    }
    assert told == {str(deputy.id): False, str(head.id): True}
    assert codes(clock) == []


def test_who_finished_for_a_viewer_who_has_left_is_known_by_another_account_too(
    viewer: PersonView, person: People, staged: str, clock: ManualClock
) -> None:
    """A deputy whose account shares the mail of the head, who wrote for the viewer, leaves the position to the other deputy."""
    office.activate_regulation(
        two_stages("head-or-deputy"), in_force_from=date(2026, 1, 1), clock=clock, actor=""
    )
    head, deputy, other = person("head"), person("deputy"), person("deputy")
    viewing = closed_viewing(viewer, staged, clock)
    office.person_left(viewer.id, clock=clock, actor="")
    services.finish_protocol(viewing.number, FULL, person=head, clock=clock)
    assert protocols.position_decision(protocols.protocol(viewing.number), deputy, clock=clock) is None
    same_mail(head, deputy)
    refused = protocols.position_decision(protocols.protocol(viewing.number), deputy, clock=clock)
    assert refused is not None
    assert refused.rule is Rule.OWN
    assert protocols.position_decision(protocols.protocol(viewing.number), other, clock=clock) is None


def same_mail(*people: PersonView) -> None:
    """Their accounts have one mail address."""
    get_user_model().objects.filter(person_id__in=[one.id for one in people]).update(email="one@example.org")


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
    """A row removed so that the next viewing opens is missing, and opens nothing."""
    closed_viewing(viewer, source, clock)
    Protocol.objects.all().delete()
    assert codes(clock) == ["row-missing"]
    with pytest.raises(AccessRefusedError):
        open_viewing(viewer, source, clock)
    assert codes(clock) == ["row-missing"]
