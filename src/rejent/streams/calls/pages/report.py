"""Part of the week's report: calls that should have been announced."""

from collections.abc import Iterator

from django.utils.translation import gettext, ngettext

from rejent.catalog import queries as catalog
from rejent.office.regulation.vocabulary import StreamName
from rejent.streams.calls.catalog import queries as call_queries
from rejent.web.supervision.week_report import Line, Reading, Section, section


def of_calls(reading: Reading) -> Iterator[Section]:
    """Yield the calls that should have been announced; nothing of it where no calls are recorded."""
    if catalog.sources(StreamName.CALLS, removed=True):
        empty = gettext(
            "Of every call of this week it is known that its announcement was heard, or none was owed."
        )
        yield section("announced", gettext("Calls without an announcement"), _unannounced(reading), empty)


def _unannounced(reading: Reading) -> Iterator[Line]:
    count = call_queries.unannounced(reading.span.start, reading.span.end)
    if count:
        words = ngettext(
            "Of %(n)s call nothing shows that its announcement was heard.",
            "Of %(n)s calls nothing shows that their announcement was heard.",
            count,
        )
        state = ("attention", gettext("announcement not known"))
        yield Line(gettext("Calls"), words % {"n": count}, state=state)
