"""Tell the recipients of a recording what became of it by a right that was granted (GDPR art. 19), from the register of hand-overs."""

from datetime import date

from django.db import transaction

from rejent.cases.acts import RECIPIENT_TOLD
from rejent.cases.errors import ApplicationRefusedError
from rejent.cases.models import CaseNotice
from rejent.cases.notices import recipients_of
from rejent.cases.queries import case_view
from rejent.cases.services.deciding import locked_case
from rejent.cases.views import CaseView, Channel
from rejent.kernel.clock import Clock, civil_date
from rejent.ledger.location import LedgerLocation
from rejent.registers.services import enter
from rejent.retention import services as retention


def tell_recipient(
    number: str,
    hand_over: str,
    *,
    told_on: date,
    channel: Channel,
    clock: Clock,
    ledger: LedgerLocation | None,
    actor: str,
) -> None:
    """Enter that the recipient of a hand-over was told of the decision on a right.

    Raises NoSuchCaseError: there is no such case; ApplicationRefusedError: they got nothing of this recording, were told before, or the day
    is not between decision and today; LedgerMismatchError: a row is not as it was entered.
    """
    with transaction.atomic():
        row = locked_case(number)
        _demand_tellable(case_view(row), hand_over, told_on, civil_date(clock.now()))
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
    retention.sign_at_once(ledger, clock)


def _demand_tellable(view: CaseView, hand_over: str, told_on: date, today: date) -> None:
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
