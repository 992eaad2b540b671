"""What was handed to the browser in a viewing, and what it says it presented, as pages and papers tell it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.utils.translation import gettext

from rejent.access import queries as access
from rejent.access.views import ViewingView
from rejent.kernel.intervals import Interval
from rejent.web.stream_parts import Fact
from rejent.web.words.recordings import pages_of
from rejent.web.words.wording import clock_span, duration_words, lasting


def shown_facts(viewing: ViewingView, most: int | None = None) -> Iterator[Fact]:
    """Yield what was presented as the browser says, then what the program handed to it, with which of both is which.

    Args:
        viewing: of which.
        most: parts told one by one of each; all where left out.
    """
    words = pages_of(viewing.source_id).words
    presented = access.presented_stretches(viewing.id)
    told = (gettext("not reported"),) if presented is None else _parts(presented, most)
    yield str(words.presented), told
    remarks = [
        gettext(
            "The program enters what it hands over, and that is what counts; what of it was presented the browser alone reports."
        )
    ]
    if viewing.altered:
        remarks.append(gettext("These parts were changed past the program while the recording was open."))
    yield gettext("Handed to the browser"), (*_parts(access.seen_stretches(viewing.id), most), *remarks)


def _parts(parts: Sequence[Interval], most: int | None) -> tuple[str, ...]:
    if not parts:
        return (gettext("none"),)
    lines = [f"{clock_span(part.start, part.end)} ({lasting(part)})" for part in parts[:most]]
    if len(parts) > 1:
        whole = sum((part.length for part in parts), timedelta()).total_seconds()
        counted = {"n": len(parts), "length": duration_words(whole)}
        lines.append(gettext("%(n)s parts, %(length)s altogether") % counted)
    return tuple(lines)
