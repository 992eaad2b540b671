"""The clock's judgement kept between rounds, told in the ledger when it changes, overruled by a person's word."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction

from rejent.kernel.clock import Clock
from rejent.office.people import standing
from rejent.registers.services import enter
from rejent.retention.acts import CLOCK_AHEAD, CLOCK_BEHIND, CLOCK_CONFIRMED, CLOCK_STEADY
from rejent.retention.clock.judgement import Anchor, Judgement, Reading, Verdict, believed, judge
from rejent.retention.errors import NothingToConfirmError
from rejent.retention.models import ClockAnchor
from rejent.retention.rounds.keeping import boot_id

_A_DAY = timedelta(days=1)
SEEN_WITHIN = timedelta(minutes=1)
"""A keeper looks at the clock several times in this."""
_ACTS = {Verdict.AHEAD: CLOCK_AHEAD, Verdict.BEHIND: CLOCK_BEHIND, Verdict.STEADY: CLOCK_STEADY}


@dataclass(frozen=True, slots=True)
class ClockState:
    """What the guard says of the clock.

    Attributes:
        verdict: ``steady``, ``ahead`` (nothing is destroyed until confirmed) or ``behind``.
        since: since when it says so.
        off_by_s: how far the clock is off, in seconds; positive when ahead.
        seen: the latest instant that was believed; access never counts with an earlier one.
    """

    verdict: Verdict
    since: datetime
    off_by_s: float
    seen: datetime

    @property
    def blocks(self) -> bool:
        """Whether destruction waits for a person's word."""
        return self.verdict is Verdict.AHEAD


def watch_clock(clock: Clock, boot: str) -> ClockState:
    """Hold the clock against the last readings; a change of the verdict is entered in the ledger."""
    reading = Reading(clock.now(), clock.monotonic(), boot)
    with transaction.atomic():
        row = ClockAnchor.objects.select_for_update().filter(pk=1).first()
        judgement = believed(reading) if row is None or clock.confirmed else judge(_anchor(row), reading)
        before = Verdict(row.verdict) if row is not None else Verdict.STEADY
        changed = judgement.verdict is not before
        if changed:
            record = {
                "off_by_s": round(judgement.off_by.total_seconds()),
                "seen": judgement.anchor.last.at.isoformat(),
            }
            enter(_ACTS[judgement.verdict], actor="", subject="clock", record=record, at=reading.at)
        since = reading.at if changed or row is None else row.since
        return _stored(judgement, reading, since)


def confirm_clock(clock: Clock, actor: str) -> ClockState:
    """Take a person's word that the clock is right, whatever was seen before.

    Raises:
        NothingToConfirmError: the clock is believed as it is.
    """
    with transaction.atomic():
        row = ClockAnchor.objects.select_for_update().filter(pk=1).first()
        if row is None or row.verdict == Verdict.STEADY:
            raise NothingToConfirmError("The clock needs no confirmation.")
        reading = Reading(clock.now(), clock.monotonic(), boot_id())
        place = standing.place_taken(actor, clock=clock)
        record = {"off_by_s": round(row.off_by_s), "seen": row.seen_at.isoformat(), **place}
        enter(CLOCK_CONFIRMED, actor=actor, subject="clock", record=record, at=reading.at)
        return _stored(believed(reading), reading, reading.at)


def doubted(clock: Clock) -> bool:
    """Whether the clock, as it stands now, is further on than keepers believe: no term may end by it.

    It says so before a keeper has looked at it again.
    """
    judgement = _judged_now(clock, boot_id())
    return judgement is not None and judgement.verdict is Verdict.AHEAD


def stepped(clock: Clock, boot: str = "") -> bool:
    """Whether the clock was put ahead while the machine ran, or back by a day and more: nothing may be dated by it.

    A machine that was off for days is none of this: its clock is believed by everything that may be put right later.

    Args:
        clock: what the time is.
        boot: which boot of the machine this is; found out where left out.
    """
    boot = boot or boot_id()
    judgement = _judged_now(clock, boot)
    if judgement is None:
        return False
    ahead = judgement.verdict is Verdict.AHEAD and judgement.anchor.first.boot == boot
    return ahead or judgement.off_by < -_A_DAY


def _judged_now(clock: Clock, boot: str) -> Judgement | None:
    """The judgement on the clock as it stands; none where nobody has looked at it yet, or somebody vouches for it."""
    row = ClockAnchor.objects.filter(pk=1).first()
    if row is None or clock.confirmed:
        return None
    return judge(_anchor(row), Reading(clock.now(), clock.monotonic(), boot))


def clock_state() -> ClockState | None:
    """What the guard said last; nothing before the first round."""
    row = ClockAnchor.objects.filter(pk=1).first()
    return None if row is None else ClockState(Verdict(row.verdict), row.since, row.off_by_s, row.seen_at)


def is_believed(clock: Clock) -> bool:
    """Return whether a keeper has seen the clock as it stands now and believes it, or a person does."""
    try:
        state = clock_state()
    except DatabaseError:
        return False
    if state is None or state.verdict is not Verdict.STEADY:
        return False
    return abs(clock.now() - state.seen) < SEEN_WITHIN


def latest_believed(clock: Clock) -> datetime:
    """What the clock says, or the latest instant that was believed: a clock set back gives nothing a second life."""
    state = clock_state()
    now = clock.now()
    return now if state is None else max(now, state.seen)


def _anchor(row: ClockAnchor) -> Anchor:
    return Anchor(
        Reading(row.at, row.monotonic, row.boot), Reading(row.seen_at, row.seen_monotonic, row.boot)
    )


def _stored(judgement: Judgement, reading: Reading, since: datetime) -> ClockState:
    first, last = judgement.anchor.first, judgement.anchor.last
    off_by_s = judgement.off_by.total_seconds()
    ClockAnchor.objects.update_or_create(
        pk=1,
        defaults={
            "at": first.at,
            "monotonic": first.monotonic,
            "boot": first.boot,
            "seen_at": last.at,
            "seen_monotonic": last.monotonic,
            "verdict": judgement.verdict,
            "since": since,
            "off_by_s": off_by_s,
        },
    )
    return ClockState(judgement.verdict, since, off_by_s, judgement.anchor.expected(reading))
