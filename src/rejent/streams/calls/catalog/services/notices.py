"""Entering what shows that an announcement was heard in a call."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from rejent.kernel.clock import Clock
from rejent.registers.guard.rows import matching
from rejent.registers.services import enter
from rejent.streams.calls.catalog.acts import ANNOUNCEMENT_CONFIRMED, ANNOUNCEMENT_HEARD, CALL_ANNOUNCED
from rejent.streams.calls.catalog.errors import NoSuchCallError, NoticeRefusedError
from rejent.streams.calls.catalog.models import Call, CallNotice
from rejent.streams.calls.catalog.phone_numbers import canonical_number, is_number
from rejent.streams.calls.catalog.views import HeardBeforehand, KnownBy, Notice, NoticeKind

FORGOTTEN_AFTER = timedelta(days=1)
"""After so long no call is found any more for what was heard, and its numbers go."""

AHEAD = timedelta(hours=1)
"""So far ahead of ours the clock of an exchange may be; what is said to be heard later than that finds no call."""


def within(now: datetime, leeway: timedelta = timedelta()) -> Q:
    """Return the condition that evidence was heard within the last day, and may still wait."""
    return Q(start__range=(now - FORGOTTEN_AFTER - leeway, now + AHEAD + leeway))


NEAR = timedelta(minutes=3)
CONFIRMED_WITHIN = timedelta(days=1)
"""After a call so long somebody may still say that they remember having read the announcement."""
SHORTEST_EXTENSION = 3
"""Digits of an extension that also stands for the number that ends with it; fewer would stand for too many numbers."""
AT_ONCE = 500
MOST_CONFIRMED = 100
"""Confirmations of one employee within a day; those that found their call count, too, or else it could be seen which did."""


def record_notices(call_id: str, notices: Iterable[Notice], *, clock: Clock) -> None:
    """Enter evidence of a call; NoSuchCallError: there is no such call, or nothing is left of it."""
    with transaction.atomic():
        row = Call.objects.select_for_update().filter(pk=call_id, destroyed=False).first()
        if row is None:
            raise NoSuchCallError("There is no such call.", advice="Find it anew.")
        for notice in notices:
            made = _made(row.source_id, notice)
            _join(made, row, clock)


def note_searched(call_id: str, notices: Iterable[Notice], *, clock: Clock) -> None:
    """The sound of a call was searched: enter what was found, and do not search it again."""
    with transaction.atomic():
        row = Call.objects.select_for_update().filter(pk=call_id).first()
        if row is None or row.notice_sought_at is not None:
            return
        row.notice_sought_at = clock.now()
        row.save(update_fields=["notice_sought_at"])
        if not row.destroyed:
            for notice in notices:
                _join(_made(row.source_id, notice), row, clock)


def note_heard(heard: HeardBeforehand, *, clock: Clock) -> bool:
    """Keep and enter what was heard until its call is known (`match_heard`); return False for what is kept already."""
    made = _made(heard.source_id, heard.notice)
    same = {
        "source": made.source_id,
        "by": made.by,
        "known_by": made.known_by,
        "kind": made.kind,
        "start": made.start,
    }
    caller = canonical_number(heard.caller)
    known = CallNotice.objects.filter(**same)
    if known.filter(call__isnull=True, caller=caller).exists() or known.filter(call__caller=caller).exists():
        return False
    made.caller, made.called = caller, canonical_number(heard.called)
    made.commit()
    act = ANNOUNCEMENT_CONFIRMED if made.by else ANNOUNCEMENT_HEARD
    subject = f"person:{made.by}" if made.by else f"source:{made.source_id}"
    record = {"source": made.source_id, **_facts(made)}
    with transaction.atomic():
        made.save(force_insert=True)
        enter(act, actor=made.by, subject=subject, record=record, at=clock.now(), row=made)
    return True


def confirm_read(call_id: str, by: str, *, clock: Clock) -> None:
    """Enter that an employee confirms having read the announcement in an outgoing call; a second time changes nothing.

    NoticeRefusedError: the call is none that the office made, goes on, or is a day old. NoSuchCallError: there is no
    such call, or nothing is left of it.
    """
    row = Call.objects.filter(pk=call_id, destroyed=False).first()
    if row is None:
        raise NoSuchCallError("There is no such call.", advice="Find it anew.")
    if row.direction != NoticeKind.OUTGOING or row.end is None or clock.now() - row.end > CONFIRMED_WITHIN:
        raise NoticeRefusedError(
            "Only an outgoing call that has ended can be confirmed, within a day.",
            advice="What was not confirmed in time stays marked.",
        )
    if row.notices.filter(kind=NoticeKind.OUTGOING, by=by).exists():
        return
    notice = Notice(NoticeKind.OUTGOING, KnownBy.EMPLOYEE, clock.now(), heard_s=0.0, completed=True, by=by)
    record_notices(call_id, [notice], clock=clock)


def match_heard(*, clock: Clock) -> int:
    """Find the calls in which was heard what is noted, and forget numbers of what found none within a day; return how many were found.

    What is not as it was entered belongs to no call, and nothing to a call that is not; what is said to be heard later
    waits for nothing.
    """
    joined = 0
    lonely = CallNotice.objects.filter(call__isnull=True)
    lonely.exclude(within(clock.now())).delete()
    last = 0
    while waiting := list(lonely.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        last = waiting[-1].pk
        near = _near(waiting)
        for made in waiting:
            call = _own_call(made) if made.kind == NoticeKind.OUTGOING else _heard_in(made, near)
            joined += call is not None and _join_heard(made.pk, call.pk, clock)
    return joined


def _join_heard(notice_id: int, call_id: str, clock: Clock) -> bool:
    """Join one with its call, unless somebody else did meanwhile, or one of them is not as it was entered."""
    with transaction.atomic():
        calls = matching(Call.objects.select_for_update().filter(pk=call_id))
        waiting = matching(CallNotice.objects.select_for_update().filter(pk=notice_id, call__isnull=True))
        if not calls or not waiting:
            return False
        waiting[0].caller = waiting[0].called = ""
        _join(waiting[0], calls[0], clock)
        return True


def note_read(own: str, called: str, by: str, *, clock: Clock) -> None:
    """Note that an employee says to have read the announcement; nobody learns thereby whether there is such a call.

    ``own`` is the extension or number that they called from. NoticeRefusedError: one of both is no number, or they said
    so too often within a day; whether calls were found does not count.
    """
    numbers = canonical_number(own), canonical_number(called)
    if not (is_number(own) and is_number(called)):
        raise NoticeRefusedError("This is no telephone number.", advice="Write both numbers in digits.")
    now = clock.now()
    lately = CallNotice.objects.filter(by=by, start__gt=now - FORGOTTEN_AFTER)
    if lately.count() >= MOST_CONFIRMED:
        raise NoticeRefusedError(
            "You have confirmed too many calls within a day.", advice="Confirm this call tomorrow."
        )
    notice = Notice(NoticeKind.OUTGOING, KnownBy.EMPLOYEE, now, heard_s=0.0, completed=True, by=by)
    note_heard(HeardBeforehand("", notice, *numbers), clock=clock)


def _own_call(made: CallNotice) -> Call | None:
    """Return the newest call of the day before that an employee made from their extension to this number, and not confirmed yet."""
    own = made.caller.lstrip("+")
    from_own = Q(caller=made.caller)
    if len(own) >= SHORTEST_EXTENSION:
        from_own |= Q(caller__endswith=own)
    rows = Call.objects.filter(
        from_own,
        direction=NoticeKind.OUTGOING,
        called=made.called,
        destroyed=False,
        end__isnull=False,
        start__range=(made.start - CONFIRMED_WITHIN, made.start),
    )
    return rows.exclude(notices__kind=NoticeKind.OUTGOING).order_by("-start").first()


def _near(waiting: Collection[CallNotice]) -> list[Call]:
    """Return calls into the office from the callers that somebody was heard by, since the first of them."""
    heard = [made for made in waiting if made.kind != NoticeKind.OUTGOING]
    if not heard:
        return []
    rows = Call.objects.filter(
        source__in={made.source_id for made in heard},
        caller__in={made.caller for made in heard},
        start__gte=min(made.start for made in heard) - NEAR,
        destroyed=False,
    )
    return list(rows.exclude(direction=NoticeKind.OUTGOING))


def _heard_in(made: CallNotice, calls: Iterable[Call]) -> Call | None:
    """Return the call of the same caller that began nearest to it; of a withheld number only where there is but one."""
    first, last = made.start - NEAR, made.start + timedelta(seconds=made.heard_s) + NEAR
    found = [
        call
        for call in calls
        if (call.source_id, call.caller) == (made.source_id, made.caller) and first <= call.start <= last
    ]
    if not made.caller and len(found) > 1:
        return None
    return min(found, key=lambda call: abs(call.start - made.start), default=None)


def _made(source_id: str, notice: Notice) -> CallNotice:
    return CallNotice(
        source_id=source_id or None,
        kind=notice.kind,
        known_by=notice.known_by,
        announcement_id=notice.announcement,
        start=notice.start,
        heard_s=notice.heard_s,
        completed=notice.completed,
        keys=notice.keys[:16],
        outcome=notice.outcome[:20],
        score=notice.score,
        doubt=notice.doubt[:20],
        by=notice.by,
    )


def _join(made: CallNotice, call: Call, clock: Clock) -> None:
    """Let evidence belong to a call, and enter it, under a new salt: by the old one, numbers that are gone could be guessed."""
    made.call, made.source_id = call, call.source_id
    made.commit()
    made.save()
    record = {"source": call.source_id, "call": call.pk, **_facts(made)}
    subject = f"source:{call.source_id}"
    enter(CALL_ANNOUNCED, actor=made.by, subject=subject, record=record, at=clock.now(), row=made)


def _facts(row: CallNotice) -> dict[str, object]:
    """Return what an act states of a piece of evidence, besides whose it is; never the keys, for they may be a number."""
    return {
        "kind": row.kind,
        "known": row.known_by,
        "announcement": row.announcement_id,
        "start": row.start.astimezone(UTC).isoformat(),
        "heard_ms": round(1000 * row.heard_s),
        "completed": row.completed,
        "became": row.outcome,
        "likeness_permille": None if row.score is None else round(1000 * row.score),
        "doubt": row.doubt,
    }
