"""Who got a recording of which a right was granted, by the register of hand-overs, and who of them was told (GDPR art. 19)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from rejent.cases.copies import queries as copies
from rejent.cases.copies.views import HandOverView
from rejent.cases.kinds import RIGHTS
from rejent.cases.models import CaseNotice
from rejent.cases.views import CaseView, Channel, State
from rejent.kernel.intervals import Interval
from rejent.office.regulation.vocabulary import Right
from rejent.registers.guard.rows import verified_many
from rejent.retention import queries as retention


@dataclass(frozen=True, slots=True)
class Recipient:
    """A hand-over of what a right was granted of; when and how the recipient was told, if they were."""

    handed: HandOverView
    told_on: date | None
    channel: Channel | None
    told_by: str


def recipients_of(view: CaseView) -> list[Recipient]:
    """Return the recipients whom the office tells of a decision, oldest hand-over first; none where nothing is to be told.

    Raises LedgerMismatchError: a hand-over or a notice is not as it was entered.
    """
    granted = view.state in {State.GRANTED, State.PARTLY}
    if not granted or not view.application.right or not RIGHTS[Right(view.application.right)].told:
        return []
    rows = verified_many(CaseNotice.objects.filter(case__number=view.number))
    told = {row.hand_over: row for row in rows}
    found = {each.number: each for part in _parts(view) for each in copies.handed_of(*part)}
    return [
        Recipient(each, row.told_on, Channel(row.channel), row.by)
        if (row := told.get(number)) is not None
        else Recipient(each, None, None, "")
        for number, each in sorted(found.items(), key=lambda pair: pair[1].at)
    ]


def _parts(view: CaseView) -> Iterator[tuple[str, Interval, str]]:
    """Yield what the right is about: what was erased or is held by the decision, else the sources and the time that were stated."""
    erased = [each for each in retention.erasures_of(view.number) if each.state != "dropped"]
    kept = [hold for hold in map(retention.hold, view.holds) if hold.restricted]
    for one in erased:
        yield one.source_id, Interval(one.start, one.end), one.item
    for hold in kept:
        yield hold.source_id, Interval(hold.start, hold.end), hold.item
    if not erased and not kept and view.application.interval is not None:
        for source in sorted(view.application.source_ids):
            yield source, view.application.interval, ""
