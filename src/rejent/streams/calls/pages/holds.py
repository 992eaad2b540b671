"""Holding one call from its own page."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from rejent.access import queries as access
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.office.regulation.vocabulary import StreamName
from rejent.retention import queries, services
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog.views import CallView
from rejent.streams.calls.pages.words import when_called
from rejent.web.pages.hold_forms import ItemHoldForm
from rejent.web.pages.holds import beside_page, hold_placed, tell_unsigned
from rejent.web.requests.visitor import PersonRequest, session_of
from rejent.web.words.wording import day_digits


@require_http_methods(["GET", "POST"])
def call_hold(request: PersonRequest, call_id: str) -> HttpResponse:
    """Hold one call; whose it was is not told here, for who holds need not be who listens."""
    today, found = civil_date(settings.CLOCK.now()), call_queries.call(call_id)
    if request.method == "GET":
        review_on = day_digits(queries.usual_review(StreamName.CALLS, today))
        initial = {"case": request.GET.get("case", ""), "review_on": review_on}
        return _call_page(request, found, ItemHoldForm(initial=initial, today=today))
    form = ItemHoldForm(request.POST, today=today)
    if not form.is_valid():
        return _call_page(request, found, form, status=422)
    try:
        placed = services.place_hold(
            source_id=found.source_id,
            start=found.start,
            end=found.interval.end,
            case=form.cleaned_data["case"],
            basis=form.cleaned_data["basis"],
            review_on=form.cleaned_data["review_on"],
            clock=settings.CLOCK,
            ledger=settings.LEDGER,
            actor=str(request.person.id),
            item=found.id,
        )
    except RejentError as error:
        form.refuse(error)
        return _call_page(request, found, form, status=422)
    messages.success(request, gettext("The recording is held."))
    tell_unsigned(request, placed)
    return hold_placed(request, placed)


def _call_page(request: PersonRequest, call: CallView, form: ItemHoldForm, status: int = 200) -> HttpResponse:
    way = way_to_call(request, call.id)
    context = {
        "form": form,
        "when": when_called(call),
        "line": catalog.source(call.source_id).name,
        "address": way or reverse("holds"),
        "title": gettext("The call") if way else gettext("Holds"),
    }
    return beside_page(request, "calls/call_hold.html", context, status)


def way_to_call(request: PersonRequest, call_id: str) -> str:
    """Return the page on which this browser listens to the call, else the one that opens it; empty to who may not hear it."""
    call = call_queries.call(call_id)
    for one in access.going_on(request.person.id, session_of(request), clock=settings.CLOCK):
        if one.item == call.id:
            return reverse("viewing", args=[one.id])
    hears = access.may(request.person, "recordings", call.source_id, clock=settings.CLOCK).allowed
    return reverse("call-open", args=[call.id]) if hears and not call.destroyed else ""
