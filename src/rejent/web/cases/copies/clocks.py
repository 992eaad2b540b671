"""What is known of the clocks that dated a copy: the source's own, as measured while each of its recordings was made, and the office's."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext

from rejent.cases.copies.views import CopyView
from rejent.catalog import queries as catalog
from rejent.evidence.contents import ClockStatement
from rejent.registers import queries as registers
from rejent.web.words.wording import moment_digits

WAY_MS = 250
"""Allowed for the way of a source's clock report through the network of the office, which nobody measures."""
_OFFICE_STEPS = ("clock.ahead", "clock.behind")
_AROUND = timedelta(hours=1)


def clock_statement(copy: CopyView) -> ClockStatement:
    """Return the offset of the source's clock over the copy's time with its uncertainty, or that it is unknown; and what the ledger says of the office's."""
    found = sorted(_measured(copy))
    lines = [gettext("Times are of the office's clock.")]
    offset = uncertainty = None
    if found:
        offset = (found[0] + found[-1]) // 2
        uncertainty = (found[-1] - found[0] + 1) // 2 + WAY_MS
        facts = {"n": len(found), "all": len(copy.parts), "way": WAY_MS}
        words = gettext(
            "The source's own clock was compared (recordings: %(n)s of %(all)s); the uncertainty is half of the difference between the comparisons, and %(way)s ms for the network."
        )
        lines.append(words % facts)
    else:
        lines.append(gettext("How the source's own clock went at that time is unknown."))
    lines.append(_office_words(copy))
    return ClockStatement(" ".join(lines), offset, uncertainty)


def _measured(copy: CopyView) -> Iterator[int]:
    """Yield the offset in milliseconds that each recording of the copy was sealed with, where one was measured."""
    for part in copy.parts:
        segment = catalog.verified_segment(part.segment)
        offset = segment.traits.get("clock_offset_s") if segment is not None else None
        if isinstance(offset, int | float):
            yield round(offset * 1000)


def _office_words(copy: CopyView) -> str:
    """Return what the ledger says of the office's clock around that time; how far it was from official time nobody measured."""
    since, until = copy.interval.start - _AROUND, copy.interval.end + _AROUND
    steps = registers.acts(names=_OFFICE_STEPS, since=since, until=until).acts
    if not steps:
        return gettext(
            "No jump of the office's clock was entered within an hour of it; how far it was from official time was not measured."
        )
    told = ", ".join(moment_digits(act.at) for act in steps)
    return gettext("The office's clock jumped: %(times)s.") % {"times": told}
