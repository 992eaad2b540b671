"""Looking for calls, and opening one: by the rules of recordings, and nothing of them to anybody else."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from rejent.access import queries
from rejent.access.errors import AccessRefusedError, ViewingRefusedError
from rejent.access.rules.decision import Rule, SeeingAct, Statement
from rejent.access.rules.question import require_regulation_entered
from rejent.access.services.viewings import entered_refusal, open_viewing
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.devices.views import UNLISTED, ClientStation
from rejent.kernel.clock import Clock
from rejent.office.views import PersonView
from rejent.registers.repetition import enter_or_count
from rejent.registers.services import enter
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog.acts import CALLS_SEARCHED
from rejent.streams.calls.catalog.errors import NoSuchCallError, SearchRefusedError
from rejent.streams.calls.catalog.lines.addresses import CALLS
from rejent.streams.calls.catalog.views import CallQuestion, CallView, FoundCalls

WITH_CALLS = frozenset({"see-refusals", "see-refused-numbers", "refuse-number"})
"""Whoever may hear calls takes those of the office's clients, and hears who refuses. Taking a refusal back is not among it."""
LEAST_FACTS = 2
"""Of caller, called, date and hour: whoever knows less would browse."""

IsHeld = Callable[[CallView], bool]
"""Function that returns True if a hold keeps a call; holds are known beside us, not here."""


def require_search(
    person: PersonView, *, clock: Clock, client_station: ClientStation = UNLISTED, source_id: str = ""
) -> frozenset[str]:
    """Return the lines among whose calls a person may look, here and now, without those of drills; of a line given, that one.

    AccessRefusedError: a rule forbids it, as it would forbid to open a recording; the attempt is entered.
    RegulationEditedError: the regulation in the database is not the one that was entered.
    """
    require_regulation_entered()
    visible = queries.visible_sources(person, SeeingAct.RECORDINGS, clock=clock, of_stream=CALLS)
    lines = {line for line, stream in catalog.streams(removed=True).items() if stream == CALLS}
    unstated = Statement("", "")
    for line in sorted({source_id} & lines or visible or lines)[:1]:
        decision = queries.may(
            person, SeeingAct.RECORDINGS, line, clock=clock, statement=unstated, client_station=client_station
        )
        if decision.rule is not Rule.PURPOSE_MISSING:
            raise entered_refusal(person, SeeingAct.RECORDINGS, line, decision, clock)
    if barred := queries.barring_refusal(person, SeeingAct.RECORDINGS, CALLS, clock=clock):
        raise AccessRefusedError(barred)
    return frozenset(visible & {source_id} if source_id else visible) - call_queries.drill_lines()


def search_calls(
    person: PersonView,
    question: CallQuestion,
    *,
    clock: Clock,
    client_station: ClientStation = UNLISTED,
    source_id: str = "",
    before: str = "",
    after: str = "",
) -> FoundCalls:
    """Return a page of the calls that fit, among the lines that a person may see; entered before anything is shown.

    SearchRefusedError: too little is known of the call. AccessRefusedError: a rule forbids it; the attempt is entered.
    """
    lines = require_search(person, clock=clock, client_station=client_station, source_id=source_id)
    restricted = replace(question, source_ids=lines)
    return enter_search(restricted, actor=str(person.id), clock=clock, before=before, after=after)


def enter_search(
    question: CallQuestion, *, actor: str, clock: Clock, before: str = "", after: str = ""
) -> FoundCalls:
    """Return the calls that fit, once the search is entered without numbers; SearchRefusedError: too little is known.

    ``before`` and ``after`` name another page, as in `call_queries.find_calls`; each is entered.
    """
    if len(question.facts) < LEAST_FACTS:
        raise SearchRefusedError(
            "Too little is known of the call to look for it.",
            advice="Give two facts: the caller's number, the called number, the date, the hour.",
        )
    found = call_queries.find_calls(question, before=before, after=after)
    record = {
        "facts": " ".join(question.facts),
        "direction": question.direction or None,
        "sources": sorted(question.source_ids),
        "count": found.count,
        "shown": len(found.calls),
        "more": found.more,
    }
    with transaction.atomic():
        subject = f"stream:{CALLS}"
        enter(CALLS_SEARCHED, actor=actor, subject=subject, record=record, at=clock.now())
    return found


def may_list(person: PersonView, line: str, *, clock: Clock, client_station: ClientStation) -> bool:
    """Return True if a person may be shown a line's calls, here and now."""
    decision = queries.may(
        person,
        SeeingAct.RECORDINGS,
        line,
        clock=clock,
        statement=Statement("", ""),
        client_station=client_station,
    )
    return decision.rule is Rule.PURPOSE_MISSING


def enter_listed(person: PersonView, facts: str, lines: Collection[str], count: int, *, clock: Clock) -> None:
    """Enter that numbers are shown to somebody who did not search, as `enter_shown` does."""
    enter_shown(str(person.id), facts, lines, count, clock=clock)


def enter_shown(actor: str, facts: str, lines: Collection[str], count: int, *, clock: Clock) -> None:
    """Enter that numbers are shown, of a ``date`` or one ``call``; the same within ten minutes is counted."""
    record = {"facts": facts, "direction": None, "sources": sorted(lines), "count": count, "more": False}
    subject = f"stream:{CALLS}"
    enter_or_count(CALLS_SEARCHED, actor=actor, subject=subject, record=record, at=clock.now())


def callable_of(person: PersonView, call_id: str, *, clock: Clock, is_held: IsHeld) -> CallView:
    """Return a call of a line that a person may see; NoSuchCallError for everybody else, or where nothing of it is left.

    One whose party refused is heard by nobody while it waits to be withdrawn, unless a hold keeps it for its
    proceedings.
    """
    call = call_queries.verified_call(call_id)
    if (
        call.destroyed
        or not queries.may(person, SeeingAct.RECORDINGS, call.source_id, clock=clock).allowed
        or (call_queries.was_refused(call_id) and not is_held(call))
    ):
        raise NoSuchCallError("There is no such call.", advice="Find it anew.")
    return call


def recorded_interval(call: CallView) -> tuple[datetime, datetime]:
    """Return the recorded interval of a call that is over; ViewingRefusedError where it goes on, or nothing was recorded."""
    segments = call_queries.segments_of(call.source_id, call.id, call.start)
    if call.end is None or not segments:
        raise ViewingRefusedError(
            "Nothing of this call can be heard yet.", advice="It can be once the call is over and booked."
        )
    return min(one.start for one in segments), max(one.end for one in segments)


def open_call(
    *,
    person: PersonView,
    call_id: str,
    purpose: str,
    case: str,
    session: str,
    clock: Clock,
    is_held: IsHeld,
    client_station: ClientStation = UNLISTED,
    acknowledged: bool = False,
    second: PersonView | None = None,
) -> ViewingView:
    """Open the whole of one call, as `open_viewing` opens an interval of a source.

    NoSuchCallError: there is none for this person, or nothing of it is left. ViewingRefusedError: it goes on, nothing
    of it was recorded, or the case has invisible characters. AccessRefusedError: a rule forbids it; the attempt is
    entered.
    """
    call = callable_of(person, call_id, clock=clock, is_held=is_held)
    start, end = recorded_interval(call)
    return open_viewing(
        person=person,
        source_id=call.source_id,
        start=start,
        end=end,
        purpose=purpose,
        case=case,
        session=session,
        clock=clock,
        client_station=client_station,
        acknowledged=acknowledged,
        second=second,
        item=call.id,
    )
