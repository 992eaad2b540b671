"""Judge whether the clock may be accepted when it says that a term has ended, and keep the judgement between rounds.

A wrong clock must not destroy anything early. Within one boot of the machine the monotonic clock shows how much time has
passed, whatever a time server says. Across a boot nothing does, so that only an interruption as long as a night is
accepted without a person's word; a longer one, which looks the same as a clock set ahead, waits for it. A clock that runs
slowly away is caught as well, since it is held against one anchor for a whole day.

The row counts only with the tag that the program's keys make over it. Where it was planted, edited or deleted, the keepers' newest
act stands in its place as the last reading: a clock that is further on than a night waits for a person's word.
"""

import json
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b

from django.conf import settings
from django.db import DatabaseError, transaction

from rejent.kernel.clock import Clock
from rejent.ledger.entry_keys import Role, Tagged
from rejent.office.people import standing
from rejent.registers.queries import EnteredAct, entered
from rejent.registers.services import enter
from rejent.retention.acts import (
    CLOCK_AHEAD,
    CLOCK_BEHIND,
    CLOCK_CONFIRMED,
    CLOCK_STEADY,
    DESTRUCTION_DECIDED,
)
from rejent.retention.errors import NothingToConfirmError
from rejent.retention.models import ClockAnchor
from rejent.retention.rounds.round import boot_id

JUMP = timedelta(minutes=5)
"""More than this against the monotonic clock, within a day, is no drift."""

NIGHT = timedelta(hours=12)
"""The longest the machine may have been off for its clock to be accepted without a person's word.

A recorder is off for minutes when it is maintained and for a night in a power cut; a clock that is wrong by less than that
destroys at most what would have ended the same day. Whoever was without recordings for longer has to look after the
gap anyway."""

ANCHORED = timedelta(days=1)
"""One reading is the anchor of later ones for so long."""


class Verdict(StrEnum):
    """The worth of a reading of the clock."""

    STEADY = "steady"
    AHEAD = "ahead"
    """Further on than the time that has passed explains: nothing is destroyed until a person confirms it."""
    BEHIND = "behind"
    """Earlier than an instant already seen. Nothing is destroyed early by it, nor does anything live again."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Both hands of the clock at once.

    Args:
        at: the civil instant, in UTC.
        monotonic: seconds since an origin that belongs to the boot.
        boot: which boot of the machine.
    """

    at: datetime
    monotonic: float
    boot: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """A reading that was accepted, and the last one accepted since."""

    first: Reading
    last: Reading

    def expected(self, reading: Reading) -> datetime:
        """Return the least instant that it can be now, as far as is known."""
        if reading.boot != self.first.boot:
            return self.last.at
        return max(self.last.at, self.first.at + timedelta(seconds=reading.monotonic - self.first.monotonic))


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, how far off the clock is (positive: ahead), and the anchor to go on with."""

    verdict: Verdict
    off_by: timedelta
    anchor: Anchor


def accepted(reading: Reading) -> Judgement:
    """Return the judgement on a clock that somebody vouches for, and on the first reading of all."""
    return Judgement(Verdict.STEADY, timedelta(), Anchor(reading, reading))


def judge(anchor: Anchor, reading: Reading) -> Judgement:
    """Hold a reading against the anchor."""
    if reading.boot != anchor.first.boot:
        off_by = reading.at - anchor.last.at
        if off_by > NIGHT:
            return Judgement(Verdict.AHEAD, off_by, anchor)
        if off_by < -JUMP:
            return Judgement(Verdict.BEHIND, off_by, anchor)
        return Judgement(Verdict.STEADY, timedelta(), Anchor(reading, reading))
    passed = timedelta(seconds=reading.monotonic - anchor.first.monotonic)
    off_by = reading.at - (anchor.first.at + passed)
    if off_by > JUMP:
        return Judgement(Verdict.AHEAD, off_by, anchor)
    if off_by < -JUMP:
        return Judgement(Verdict.BEHIND, off_by, anchor)
    first = reading if passed >= ANCHORED else anchor.first
    last = reading if reading.at >= anchor.last.at else anchor.last
    return Judgement(Verdict.STEADY, timedelta(), Anchor(first, last))


_A_DAY = timedelta(days=1)
SEEN_WITHIN = timedelta(minutes=1)
"""A keeper looks at the clock several times in this."""
_REJECTIONS = {CLOCK_AHEAD.name, CLOCK_BEHIND.name}
"""They say which instant was accepted last; of their own nothing is."""
_KEEPERS = {*_REJECTIONS, CLOCK_CONFIRMED.name, CLOCK_STEADY.name, DESTRUCTION_DECIDED.name}
"""None of them is there before a keeper has looked at the clock."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_THING = "clock"
"""Bound by the tag; entries of the ledger are of things with a colon."""
_ACTS = {Verdict.AHEAD: CLOCK_AHEAD, Verdict.BEHIND: CLOCK_BEHIND, Verdict.STEADY: CLOCK_STEADY}


@dataclass(frozen=True, slots=True)
class ClockState:
    """The last judgement of the clock.

    Attributes:
        verdict: ``steady``, ``ahead`` (nothing is destroyed until confirmed) or ``behind``.
        off_by_s: how far the clock is off, in seconds; positive when ahead.
        seen: the latest instant that was accepted; access never counts with an earlier one.
    """

    verdict: Verdict
    since: datetime
    off_by_s: float
    seen: datetime

    @property
    def blocks(self) -> bool:
        """Return whether destruction waits for a person's word."""
        return self.verdict is Verdict.AHEAD


def watch_clock(clock: Clock, boot: str) -> ClockState:
    """Hold the clock against the last readings; a change of the verdict is entered in the ledger."""
    reading = Reading(clock.now(), clock.monotonic(), boot)
    with transaction.atomic():
        row = _row(lock=True)
        judgement = accepted(reading) if row is None or clock.confirmed else judge(_anchor(row), reading)
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

    Raises `NothingToConfirmError`: the clock is accepted as it is.
    """
    with transaction.atomic():
        row = _row(lock=True)
        if row is None or row.verdict == Verdict.STEADY:
            raise NothingToConfirmError("The clock needs no confirmation.")
        reading = Reading(clock.now(), clock.monotonic(), boot_id())
        place = standing.place_taken(actor, clock=clock)
        record = {"off_by_s": round(row.off_by_s), "seen": row.seen_at.isoformat(), **place}
        enter(CLOCK_CONFIRMED, actor=actor, subject="clock", record=record, at=reading.at)
        return _stored(accepted(reading), reading, reading.at)


def is_ahead(clock: Clock) -> bool:
    """Return whether the clock, as it stands now, is further on than keepers accept: no term may end by it.

    It says so before a keeper has looked at it again.
    """
    judgement = _judged_now(clock, boot_id())
    return judgement is not None and judgement.verdict is Verdict.AHEAD


def stepped(clock: Clock, boot: str = "") -> bool:
    """Return whether the clock was put ahead while the machine ran, or back by a day and more: nothing may be dated by it.

    A machine that was off for days is none of this: its clock is accepted by everything that may be put right later.

    ``boot`` is found out where it is left out.
    """
    boot = boot or boot_id()
    judgement = _judged_now(clock, boot)
    if judgement is None:
        return False
    ahead = judgement.verdict is Verdict.AHEAD and judgement.anchor.first.boot == boot
    return ahead or judgement.off_by < -_A_DAY


def off_since_boot(clock: Clock) -> timedelta:
    """Return by how much the clock was put ahead since the machine booted (negative: back), as long as nobody vouches for it."""
    boot = boot_id()
    try:
        judgement = _judged_now(clock, boot)
    except DatabaseError:
        return timedelta()
    here = judgement is not None and judgement.anchor.first.boot == boot
    return judgement.off_by if judgement is not None and here else timedelta()


def _judged_now(clock: Clock, boot: str) -> Judgement | None:
    """Return the judgement on the clock as it stands; none where nobody has looked at it yet, or somebody vouches for it."""
    row = _row()
    if row is None or clock.confirmed:
        return None
    return judge(_anchor(row), Reading(clock.now(), clock.monotonic(), boot))


def clock_state() -> ClockState | None:
    """Return the last judgement; nothing before the first round."""
    row = _row()
    return None if row is None else ClockState(Verdict(row.verdict), row.since, row.off_by_s, row.seen_at)


def is_accepted(clock: Clock) -> bool:
    """Return whether a keeper has seen the clock as it stands now and accepts it, or a person does."""
    try:
        state = clock_state()
    except DatabaseError:
        return False
    if state is None or state.verdict is not Verdict.STEADY:
        return False
    return abs(clock.now() - state.seen) < SEEN_WITHIN


def latest_accepted(clock: Clock) -> datetime:
    """Return what the clock says, or the latest instant that was accepted: a clock set back gives nothing a second life."""
    state = clock_state()
    now = clock.now()
    return now if state is None else max(now, state.seen)


def _row(*, lock: bool = False) -> ClockAnchor | None:
    """Return the row as a keeper stored it, or what stands in its place; nothing before the first round."""
    rows = ClockAnchor.objects.select_for_update() if lock else ClockAnchor.objects.all()
    row = rows.filter(pk=1).first()
    if row is not None and settings.ENTRY_KEYS.verifies(
        bytes(row.tag), Tagged(0, _digest(row), _THING), signer=Role.OFFICE
    ):
        return row
    acts = deque(entered(_KEEPERS, committed_only=True), maxlen=1)
    if row is None and not acts:
        return None
    last = _believed_by(acts[0]) if acts else _LONG_AGO
    return ClockAnchor(at=last, monotonic=0, boot="", seen_at=last, seen_monotonic=0, since=last)


def _believed_by(act: EnteredAct) -> datetime:
    if act.facts is None:
        return _LONG_AGO
    return datetime.fromisoformat(str(act.facts["seen"])) if act.act in _REJECTIONS else act.at


def _digest(row: ClockAnchor) -> bytes:
    instants = [each.astimezone(UTC).isoformat() for each in (row.at, row.seen_at, row.since)]
    numbers = [float(each) for each in (row.monotonic, row.seen_monotonic, row.off_by_s)]
    columns = [*instants, *numbers, row.boot, row.verdict]
    return blake2b(json.dumps(columns).encode(), digest_size=32).digest()


def _anchor(row: ClockAnchor) -> Anchor:
    return Anchor(
        Reading(row.at, row.monotonic, row.boot), Reading(row.seen_at, row.seen_monotonic, row.boot)
    )


def _stored(judgement: Judgement, reading: Reading, since: datetime) -> ClockState:
    first, last = judgement.anchor.first, judgement.anchor.last
    columns = {
        "at": first.at,
        "monotonic": first.monotonic,
        "boot": first.boot,
        "seen_at": last.at,
        "seen_monotonic": last.monotonic,
        "verdict": judgement.verdict.value,
        "since": since,
        "off_by_s": judgement.off_by.total_seconds(),
    }
    columns["tag"] = settings.ENTRY_KEYS.tag(Tagged(0, _digest(ClockAnchor(**columns)), _THING))
    row, _ = ClockAnchor.objects.update_or_create(pk=1, defaults=columns)
    return ClockState(judgement.verdict, since, row.off_by_s, judgement.anchor.expected(reading))
