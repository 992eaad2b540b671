"""Find the calls that an application is about, by the numbers it states; who enters it is not shown them."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from rejent.cases.errors import ApplicationRefusedError
from rejent.cases.stream_parts import Candidate, Search
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.office.regulation.vocabulary import ApplicationField
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog.lines.addresses import CALLS
from rejent.streams.calls.catalog.searching import enter_search
from rejent.streams.calls.catalog.views import CallQuestion, CallView

LEAST_DIGITS = 4
"""Of a number, or of its ending."""
_EITHER = ApplicationField.TELEPHONE_NUMBER
_CALLER = ApplicationField.CALLER_NUMBER
_CALLED = ApplicationField.CALLED_NUMBER


def find_candidates(search: Search) -> list[Candidate]:
    """Return the calls of these numbers in the time that is asked for; none where no number is known.

    ApplicationRefusedError: a number cannot be read, or more calls fit than can be distinguished.
    """
    _require_numbers(search.application.details)
    wanted = search.interval
    found = {call.id: call for question in _questions(search) for call in _calls(question, search)}
    return [
        Candidate(call.source_id, call.interval, call.id)
        for call in sorted(found.values(), key=lambda each: (each.start, each.id))
        if call.interval.overlaps(wanted)
    ]


def _questions(search: Search) -> Iterator[CallQuestion]:
    details = search.application.details
    either = details.get(_EITHER, "")
    parties = [(details.get(_CALLER, ""), details.get(_CALLED, ""))]
    if either:
        parties = [(either, parties[0][1]), (parties[0][0], either)]
    lines = {line for line, stream in catalog.streams(removed=True).items() if stream == CALLS}
    lines -= call_queries.drill_lines()
    for day in _days(search.interval.start, search.interval.end):
        for caller, called in parties:
            if caller or called:
                yield CallQuestion(caller, called, day, _about(search, day), "", frozenset(lines))


def _days(start: datetime, end: datetime) -> Iterator[date]:
    day, last = civil_date(start), civil_date(end - timedelta(microseconds=1))
    while day <= last:
        yield day
        day += timedelta(days=1)


def _about(search: Search, day: date) -> datetime | None:
    about = search.application.about
    return about if about is not None and civil_date(about) == day else None


def _calls(question: CallQuestion, search: Search) -> tuple[CallView, ...]:
    found = enter_search(question, actor=search.actor, clock=search.clock)
    if found.more:
        raise ApplicationRefusedError(
            "More calls of these numbers fit than can be told apart.",
            part="start",
            advice="State the hour, or the other number.",
        )
    return found.calls


def _require_numbers(details: Mapping[str, str]) -> None:
    for part in (_CALLER, _CALLED, _EITHER):
        written = details.get(part, "")
        if written and sum(map(str.isdigit, written)) < LEAST_DIGITS:
            raise ApplicationRefusedError(
                "This is no telephone number.", part=part.value, advice="Enter it, or its last four digits."
            )
