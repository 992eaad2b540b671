"""Entering that somebody was refused: once in ten minutes by person, rule and source, then how often it came again (R-ACC-7)."""

import re
from collections.abc import Mapping
from uuid import UUID

from django.urls import ResolverMatch

from rejent.access.acts import REFUSED
from rejent.kernel.clock import Clock
from rejent.registers.repetition import enter_or_count


def enter_refused(person_id: UUID, rule: str, asked: Mapping[str, str], *, clock: Clock) -> int | None:
    """Enter that a rule refused somebody what they asked for, and return the entry's index; None where it was counted.

    ``asked`` is a seeing ``act`` of a ``source``; or the ``page``, or where the ``operation`` was asked for.
    """
    person = str(person_id)
    subject = f"source:{asked['source']}" if "source" in asked else f"person:{person}"
    record = {"person": person, "rule": rule, **asked}
    return enter_or_count(
        REFUSED,
        actor=person,
        subject=subject,
        record=record,
        at=clock.now(),
        alike={"rule": rule, "source": asked.get("source", "")},
    )


def address_for_entry(match: ResolverMatch | None) -> str:
    """Return an address's pattern, filled where a place holds an identifier or a number of ours: all else was written by who asked."""
    if match is None:
        return "/"
    route = match.route
    for name, value in match.kwargs.items():
        if not isinstance(value, str) or _NUMBER.fullmatch(value):
            route = re.sub(rf"<\w+:{name}>", str(value), route)
    return f"/{route}"


_NUMBER = re.compile(r"[A-Z]{1,3}-[0-9]{4}-[0-9]{1,9}|[0-9a-f]{32}")
"""Number of a document, such as ``Z-2026-1``, or a source's identifier."""
