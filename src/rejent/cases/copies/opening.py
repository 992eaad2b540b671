"""The plain content of copies, for whoever may make copies of their source, until their last day is over."""

from collections.abc import Callable

from rejent.access import queries as access
from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import SeeingAct
from rejent.cases import queries as cases
from rejent.cases.copies.errors import CopyStateError
from rejent.cases.copies.models import Copy
from rejent.cases.copies.permission import making_refusal, restricting
from rejent.cases.copies.queries import LIVING, copy_row, copy_view
from rejent.cases.copies.views import PartView
from rejent.content.opening import open_copied
from rejent.formats.source import Source
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.intervals import Interval
from rejent.office.views import PersonView
from rejent.registers.guard.rows import verified


def open_part(part: PartView, *, person: PersonView, clock: Clock) -> Source:
    """Return the plain content of a part of a copy; conditions and errors as `parts_opener`."""
    number = Copy.objects.values_list("number", flat=True).get(pk=part.copy_id)
    return parts_opener(number, person=person, clock=clock)(part)


def parts_opener(number: str, *, person: PersonView, clock: Clock) -> Callable[[PartView], Source]:
    """Return what opens the parts of a copy, for whoever may make copies of its source, until its last day is over.

    Raises AccessRefusedError: it is not this person's to open, in the clear by a viewing's choice and not theirs to see, or somebody
    recorded had the recording restricted and the decision states no ground; CopyStateError: the copy is destroyed, dying, or past its last
    day; LedgerMismatchError: its row was planted or altered; NotAsEnteredError: another object lies there; raised when a part is opened.
    """
    row = verified(copy_row(number))
    interval = Interval(row.start, row.end)
    refused = making_refusal(person, row.source_id, clock=clock) or restricting(
        cases.case(row.case_id), row.source_id, interval, row.item
    )
    if refused is None and row.chosen:
        seeing = access.may(person, SeeingAct.RECORDINGS, row.source_id, clock=clock)
        refused = None if seeing.allowed else seeing
    if refused is not None:
        raise AccessRefusedError(refused)
    if row.state not in LIVING or row.due_on is None or row.due_on < civil_date(clock.now()):
        raise CopyStateError("Copy {number} is not opened any more: its life has ended.", number=number)
    entered = set(copy_view(row).parts)

    def opened(part: PartView) -> Source:
        if part not in entered:
            raise CopyStateError("Copy {number} has no such content.", number=number)
        return open_copied(part)

    return opened
