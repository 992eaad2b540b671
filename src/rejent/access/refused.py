"""Entering that somebody was refused: once in ten minutes by person and rule, then how often it came again (R-ACC-7)."""

from collections.abc import Mapping
from uuid import UUID

from rejent.access.acts import REFUSED
from rejent.kernel.clock import Clock
from rejent.registers.repetition import enter_or_count


def enter_refused(person_id: UUID, rule: str, asked: Mapping[str, str], *, clock: Clock) -> int | None:
    """Enter that a rule refused somebody what they asked for, and return the entry's index; None where it was counted.

    Args:
        person_id: who was refused.
        rule: the rule that decided.
        asked: a seeing ``act`` of a ``source``; or the ``page``, or where the ``operation`` was asked for.
        clock: tells the instant.
    """
    person = str(person_id)
    subject = f"source:{asked['source']}" if "source" in asked else f"person:{person}"
    record = {"person": person, "rule": rule, **asked}
    return enter_or_count(
        REFUSED, actor=person, subject=subject, record=record, at=clock.now(), alike={"rule": rule}
    )
