"""What was handed to the browser in a viewing, and what it says it presented, as pages and papers tell it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.utils.translation import gettext

from rejent.access import queries as access
from rejent.access.views import ViewingView
from rejent.kernel.intervals import Interval
from rejent.web.stream_parts import Fact
from rejent.web.words.recordings import pages_of
from rejent.web.words.wording import clock_span, duration_words, lasting, moment_digits, span_digits


def shown_facts(viewing: ViewingView, most: int | None = None) -> Iterator[Fact]:
    """Yield what was presented as the browser says, then what the program handed to it, with which of both is which.

    Args:
        viewing: of which.
        most: parts told one by one of each; all where left out.
    """
    pages = pages_of(viewing.source_id)
    if not pages.sources.lasting:
        yield gettext("Handed to the browser"), _instants(viewing)
        return
    presented = access.presented_stretches(viewing.id)
    told = (gettext("not reported"),) if presented is None else _parts(presented, most)
    yield str(pages.words.presented), told
    remarks = [
        gettext(
            "The program enters what it hands over, and that is what counts; what of it was presented the browser alone reports."
        ),
        *_alterations(viewing),
    ]
    yield gettext("Handed to the browser"), (*_parts(access.seen_stretches(viewing.id), most), *remarks)


def _alterations(viewing: ViewingView) -> Iterator[str]:
    if viewing.altered:
        yield gettext("These parts were changed past the program while the recording was open.")


def _instants(viewing: ViewingView) -> tuple[str, ...]:
    """Return when what was handed over was recorded, of a kind whose recordings last no time; what is close together is told as one."""
    told = tuple(
        span_digits(part.start, part.end)
        if moment_digits(part.start) != moment_digits(part.end)
        else moment_digits(part.start)
        for part in access.seen_stretches(viewing.id)
    )
    return (*(told or (gettext("none"),)), *_alterations(viewing))


def _parts(parts: Sequence[Interval], most: int | None) -> tuple[str, ...]:
    if not parts:
        return (gettext("none"),)
    lines = [f"{clock_span(part.start, part.end)} ({lasting(part)})" for part in parts[:most]]
    if len(parts) > 1:
        whole = sum((part.length for part in parts), timedelta()).total_seconds()
        counted = {"n": len(parts), "length": duration_words(whole)}
        lines.append(gettext("%(n)s parts, %(length)s altogether") % counted)
    return tuple(lines)
