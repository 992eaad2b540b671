"""Finding a call by its numbers, date and hour, and opening it for a purpose and a case.

What is looked for is posted, never part of an address; every search is entered before its hits are shown.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from rejent.access import queries as access
from rejent.access import services
from rejent.access.errors import AccessRefusedError, SearchRefusedError, ViewingRefusedError
from rejent.access.rules.decision import Statement
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.office.regulation.vocabulary import StreamName
from rejent.office.views import AskedFrom
from rejent.retention import queries as retention
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import searching
from rejent.streams.calls.catalog.numbers.phone_numbers import readable_number
from rejent.streams.calls.catalog.views import CallView, FoundCalls
from rejent.streams.calls.pages.finding.forms import OF_SOUND, CallSearchForm
from rejent.streams.calls.pages.words.call_words import direction_words, length_of
from rejent.streams.calls.pages.words.notice_words import announced_state
from rejent.web.people.duties import entry_lacking
from rejent.web.player.presence_forms import APART
from rejent.web.player.second_person import second_here
from rejent.web.player.why_form import WhyForm
from rejent.web.requests.client_station import asked_from
from rejent.web.requests.visitor import PersonRequest, session_of

_FOUND = "found-calls"
"""In the session: what the last search found, which was entered."""


@require_http_methods(["GET", "POST"])
def calls(request: PersonRequest) -> HttpResponse:
    """The form, and under it the few calls that fit."""
    here, now = asked_from(request), settings.CLOCK.now()
    if lacking := entry_lacking(request.person, "recordings"):
        raise AccessRefusedError(lacking)
    lines = searching.demand_search(request.person, clock=settings.CLOCK, asked_from=here)
    named = {one.id: one.name for one in catalog.sources(StreamName.CALLS, removed=True) if one.id in lines}
    form = CallSearchForm(
        request.POST or None,
        lines=[one for one in catalog.sources(StreamName.CALLS, removed=True) if one.id in lines],
        now=now,
    )
    context: dict[str, Any] = {"form": form, "lines": len(lines)}
    if request.method == "POST" and form.is_valid() and (found := _found(request, form, here)) is not None:
        heard = call_queries.announced(found.calls)
        rows = [_row(call, named, heard) for call in found.calls]
        request.session[_FOUND] = [call.id for call in found.calls]
        context |= {"found": found, "rows": rows, "announces": any(row["announced"] for row in rows)}
    return render(request, "calls/calls.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def call_open(request: PersonRequest, call_id: str) -> HttpResponse:
    """Ask for the purpose of hearing one call; a good answer opens the viewing. Showing its numbers is entered."""
    here = asked_from(request)
    call = searching.callable_of(request.person, call_id, clock=settings.CLOCK, is_held=_is_held)
    searching.demand_search(request.person, clock=settings.CLOCK, asked_from=here, source_id=call.source_id)
    form = WhyForm(
        request.POST or None,
        purposes=access.purposes(StreamName.CALLS, clock=settings.CLOCK),
        demands=access.provisions(StreamName.CALLS, civil_date(settings.CLOCK.now())),
        said=OF_SOUND,
    )
    if request.method == "POST" and form.is_valid():
        try:
            if (answer := _opened(request, call, form, here)) is not None:
                return answer
        except ViewingRefusedError as error:
            form.refuse(error)
    if call.id not in request.session.get(_FOUND, []):
        searching.enter_listed(request.person, "call", [call.source_id], 1, clock=settings.CLOCK)
    row = _row(call, {call.source_id: catalog.source(call.source_id).name}, call_queries.announced([call]))
    context = {"form": form, "row": row, "call": call}
    return render(request, "calls/call_open.html", context, status=422 if form.errors else 200)


def _is_held(call: CallView) -> bool:
    """Return True if a hold keeps a call."""
    return bool(retention.holds_over(call.source_id, call.interval.start, call.interval.end, call.id))


def _found(request: PersonRequest, form: CallSearchForm, here: AskedFrom) -> FoundCalls | None:
    """Return what is found; None where too little is known, which the form then says."""
    try:
        return searching.search_calls(
            request.person,
            form.question,
            clock=settings.CLOCK,
            asked_from=here,
            source_id=form.cleaned_data.get("source", ""),
        )
    except SearchRefusedError as error:
        form.refuse(error, "caller")
        return None


def _row(call: CallView, lines: dict[str, str], heard: dict[str, str]) -> dict[str, Any]:
    """A call as the list tells it."""
    return {
        "call": call,
        "caller": readable_number(call.caller),
        "called": readable_number(call.called),
        "direction": direction_words(call.direction),
        "line": lines.get(call.source_id, ""),
        "announced": announced_state(heard[call.id]),
        "length_s": length_of(call),
    }


def _opened(request: PersonRequest, call: CallView, form: WhyForm, here: AskedFrom) -> HttpResponse | None:
    """The viewing, or the wait for a second person; nothing where the second person did not prove who they are."""
    if not session_of(request):
        request.session.create()
    told = form.cleaned_data
    if told.get("second_way") == APART:
        interval = searching.recorded_interval(call)
        return redirect("second-asked", _asked(request, call, interval, told, here))
    try:
        second = second_here(request, told)
    except ValidationError as refused:
        form.add_error("second_username", refused)
        return None
    viewing = searching.open_call(
        person=request.person,
        call_id=call.id,
        purpose=told["purpose"],
        case=told["case"],
        session=session_of(request),
        clock=settings.CLOCK,
        is_held=_is_held,
        asked_from=here,
        acknowledged=told.get("acknowledged", False),
        second=second,
    )
    return redirect("viewing-guests" if told.get("with_guests") else "viewing", viewing.id)


def _asked(
    request: PersonRequest,
    call: CallView,
    interval: tuple[datetime, datetime],
    told: dict[str, Any],
    here: AskedFrom,
) -> Any:
    """Ask second persons to agree to a call."""
    return services.ask_second(
        person=request.person,
        source_id=call.source_id,
        item=call.id,
        interval=interval,
        position=interval[0],
        statement=Statement(told["purpose"], told["case"], told.get("acknowledged", False)),
        session=session_of(request),
        clock=settings.CLOCK,
        asked_from=here,
    ).id
