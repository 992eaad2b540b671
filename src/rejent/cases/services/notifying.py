"""Who got a recording is to be told what became of it by a right that was granted (GDPR art. 19), from the register of hand-overs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from rejent.cases.acts import RECIPIENT_TOLD
from rejent.cases.copies import queries as copies
from rejent.cases.copies.views import HandOverView
from rejent.cases.errors import ApplicationRefusedError
from rejent.cases.kinds import rules_of_right
from rejent.cases.models import CaseNotice
from rejent.cases.queries import case_view
from rejent.cases.services.deciding import locked_case
from rejent.cases.views import CaseView, Channel, State
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.intervals import Interval
from rejent.ledger.location import LedgerLocation
from rejent.registers.guard.rows import verified_many
from rejent.registers.services import enter
from rejent.retention import queries as retention
from rejent.retention.services import sign_at_once


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
    if not granted or not rules_of_right(view.application.right).notifies:
        return []
    rows = verified_many(CaseNotice.objects.filter(case__number=view.number))
    notices = {row.hand_over: row for row in rows}
    found = {each.number: each for part in _parts(view) for each in copies.handed_of(*part)}
    return [
        Recipient(each, row.told_on, Channel(row.channel), row.by)
        if (row := notices.get(number)) is not None
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


def enter_notification(
    number: str,
    hand_over: str,
    *,
    told_on: date,
    channel: Channel,
    clock: Clock,
    ledger: LedgerLocation | None,
    actor: str,
) -> None:
    """Enter the notification of the recipient of a hand-over about the decision on a right (GDPR art. 19).

    Raises NoSuchCaseError: there is no such case; ApplicationRefusedError: they got nothing of this recording, were notified before, or the day
    is not between decision and today; LedgerMismatchError: a row is not as it was entered.
    """
    with transaction.atomic():
        row = locked_case(number)
        _require_enterable(case_view(row), hand_over, told_on, civil_date(clock.now()))
        notice = CaseNotice(
            number=f"{number}.{hand_over}",
            case=row,
            hand_over=hand_over,
            told_on=told_on,
            channel=channel.value,
            at=clock.now(),
            by=actor,
        )
        notice.save(force_insert=True)
        record = {
            "number": number,
            "hand_over": hand_over,
            "told_on": told_on.isoformat(),
            "channel": channel.value,
        }
        enter(
            RECIPIENT_TOLD, actor=actor, subject=f"case:{number}", record=record, at=clock.now(), row=notice
        )
    sign_at_once(ledger, clock)


def _require_enterable(view: CaseView, hand_over: str, told_on: date, today: date) -> None:
    found = {each.handed.number: each for each in recipients_of(view)}
    if hand_over not in found:
        raise ApplicationRefusedError("This recipient got nothing of the recording.", part="hand_over")
    if found[hand_over].told_on is not None:
        raise ApplicationRefusedError("This recipient was told before.", part="hand_over")
    decided = civil_date(view.decision.at) if view.decision else date.max
    if not decided <= told_on <= today:
        raise ApplicationRefusedError(
            "The day lies before the decision or has not come yet.", part="told_on", advice="Correct it."
        )
