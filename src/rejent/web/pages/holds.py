"""Holds: the list, one hold, placing one with a page to check it, ending one with a reason."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from rejent.cases import queries as cases
from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.kernel.civil_time import clock_time
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.kernel.intervals import Interval
from rejent.office import queries as office
from rejent.retention import queries, services
from rejent.retention.errors import HoldRefusedError
from rejent.retention.queries import HoldView
from rejent.web.pages.hold_forms import EndHoldForm, HoldForm, ReviewHoldForm
from rejent.web.requests.visitor import PersonRequest, acting, may
from rejent.web.stream_parts import PAGES
from rejent.web.words.acts import Names
from rejent.web.words.recordings import item_of, pages_of
from rejent.web.words.wording import day_digits, whole_seconds

REVIEW = "review"
"""Before the names of the fields of the review, which stands beside the end on one page."""


@require_GET
def holds(request: PersonRequest) -> HttpResponse:
    """Return the holds that stand, or with ``?ended`` those that ended."""
    ended = "ended" in request.GET
    found = [hold for hold in queries.holds(active=not ended) if (hold.ended_at is not None) == ended]
    names, streams = _names(), set(catalog.streams(removed=True).values())
    there = [pages for stream, pages in PAGES.items() if stream in streams]
    context = {
        "holds": [(hold, names.get(hold.source_id, hold.source_id), _held(hold)) for hold in found],
        "ended": ended,
        "today": civil_date(settings.CLOCK.now()),
        "may_place": any(pages.by_interval for pages in there) and may(request, "place-hold"),
        "by_item": [pages.words.kept_by_item for pages in there if pages.words.kept_by_item],
    }
    return render(request, "pages/holds.html", context)


@require_GET
def hold(request: PersonRequest, number: str) -> HttpResponse:
    """Return one hold and who placed it."""
    context = {**_hold_context(request, number), **_rights(request), "form": EndHoldForm()}
    today = civil_date(settings.CLOCK.now())
    initial = {"review_on": day_digits(queries.usual_review(context["source"].stream, today))}
    context["review"] = ReviewHoldForm(initial=initial, prefix=REVIEW, today=today)
    return render(request, "pages/hold.html", context)


@require_http_methods(["POST"])
def hold_end(request: PersonRequest, number: str) -> HttpResponse:
    """End a hold; what nothing else keeps follows its ordinary term."""
    form = EndHoldForm(request.POST)
    if not form.is_valid():
        today = civil_date(settings.CLOCK.now())
        review = ReviewHoldForm(prefix=REVIEW, today=today)
        context = {**_hold_context(request, number), **_rights(request), "form": form, "review": review}
        return render(request, "pages/hold.html", context, status=422)
    ended = services.end_hold(
        number, reason=form.cleaned_data["reason"], ledger=settings.LEDGER, **acting(request)
    )
    messages.success(
        request, gettext("The hold is lifted. What nothing else keeps follows its ordinary term.")
    )
    tell_unsigned(request, ended)
    return redirect("hold", number)


@require_http_methods(["POST"])
def hold_review(request: PersonRequest, number: str) -> HttpResponse:
    """Enter that a hold was looked at and goes on."""
    form = ReviewHoldForm(request.POST, prefix=REVIEW, today=civil_date(settings.CLOCK.now()))
    if form.is_valid():
        try:
            reviewed = services.review_hold(
                number,
                review_on=form.cleaned_data["review_on"],
                reason=form.cleaned_data["reason"],
                ledger=settings.LEDGER,
                **acting(request),
            )
        except HoldRefusedError as error:
            form.refuse(error, "review_on")
        else:
            messages.success(request, gettext("The review is entered. The hold goes on."))
            tell_unsigned(request, reviewed)
            return redirect("hold", number)
    context = {**_hold_context(request, number), **_rights(request), "form": EndHoldForm(), "review": form}
    return render(request, "pages/hold.html", context, status=422)


def tell_unsigned(request: PersonRequest, done: HoldView) -> None:
    """Say where the ledger's head could not be signed after an act on a hold."""
    if not done.signed:
        messages.warning(
            request, gettext("The ledger's head could not be signed. Tell whoever runs the program.")
        )


@require_http_methods(["GET", "POST"])
def hold_new(request: PersonRequest) -> HttpResponse:
    """Return the form, then the page to check it, then the act."""
    today = civil_date(settings.CLOCK.now())
    found = [one for stream in _by_interval() for one in catalog.sources(stream, removed=True)]
    if request.method == "GET":
        return _form_page(request, HoldForm(initial=_initial(request), sources=found, today=today))
    form = HoldForm(request.POST, sources=found, today=today)
    if not form.is_valid() or "change" in request.POST or form.interval is None:
        return _form_page(request, form, status=200 if "change" in request.POST else 422)
    if "confirmed" not in request.POST:
        return render(request, "pages/hold_check.html", _check_context(form, form.interval, found))
    try:
        placed = services.place_hold(
            source_id=form.cleaned_data["source"],
            start=form.interval[0],
            end=form.interval[1],
            case=form.cleaned_data["case"],
            basis=form.cleaned_data["basis"],
            review_on=form.cleaned_data["review_on"],
            ledger=settings.LEDGER,
            **acting(request),
        )
    except RejentError as error:
        form.refuse(error)
        return _form_page(request, form, status=422)
    if catalog.segments(placed.source_id, placed.start, placed.end):
        messages.success(request, gettext("The recording is held."))
    else:
        messages.success(request, gettext("The hold is entered."))
        messages.warning(request, gettext("Nothing was recorded in this time."))
    tell_unsigned(request, placed)
    return redirect("hold", placed.number)


def _by_interval() -> list[str]:
    return [stream for stream, pages in PAGES.items() if pages.by_interval]


def _form_page(request: PersonRequest, form: HoldForm, status: int = 200) -> HttpResponse:
    return render(request, "pages/hold_new.html", {"form": form}, status=status)


def _initial(request: PersonRequest) -> dict[str, str]:
    """Return what the player hands over in the address: source, from, to, case."""
    initial = {name: request.GET[name] for name in ("source", "case") if name in request.GET}
    initial["review_on"] = day_digits(
        queries.usual_review(_by_interval()[0], civil_date(settings.CLOCK.now()))
    )
    try:
        start, end = (datetime.fromisoformat(request.GET[name]) for name in ("from", "to"))
        if start.tzinfo is None or end.tzinfo is None:
            return initial
        day, first, last = day_digits(civil_date(start)), clock_time(start), clock_time(end)
    except (KeyError, ValueError, OverflowError):
        return initial
    return {**initial, "day": day, "start": first, "end": last}


def _check_context(
    form: HoldForm, interval: tuple[datetime, datetime], found: list[SourceView]
) -> dict[str, Any]:
    start, end = interval
    source = next(source for source in found if source.id == form.cleaned_data["source"])
    whole = Interval(start, end)
    covered = [
        part
        for segment in catalog.segments(source.id, start, end)
        if (part := segment.interval.intersection(whole))
    ]
    return {
        "form": form,
        "source": source,
        "start": start,
        "end": end,
        "length_s": whole.length.total_seconds(),
        "recorded_s": sum(part.length.total_seconds() for part in covered),
        "data": {name: form.data.get(name, "") for name in form.fields},
    }


def _hold_context(request: PersonRequest, number: str) -> dict[str, Any]:
    found = queries.hold(number)
    names = Names()
    return {
        "hold": found,
        "source": catalog.source(found.source_id),
        "placed_by": names.person(found.placed_by),
        "ended_by": names.person(found.ended_by) if found.ended_at else "",
        "held": _held(found),
        "case_way": reverse("case", args=[found.case])
        if may(request, "see-cases") and cases.known(found.case)
        else "",
        "way": pages_of(found.source_id).way_to_item(request, found.item) if found.item else "",
        "words": pages_of(found.source_id).words,
    }


def _held(hold: HoldView) -> dict[str, Any]:
    """Return from when until when a hold keeps what: of one item the times that every page says of that."""
    item = item_of(hold.source_id, hold.item)
    if item is None:
        return {"start": hold.start, "end": hold.end, "length_s": whole_seconds(hold.start, hold.end)}
    one = pages_of(hold.source_id).words.one_item
    return {"start": item.start, "end": item.end, "length_s": item.length_s, "item": one}


def _rights(request: PersonRequest) -> dict[str, Any]:
    head = office.regulation(civil_date(settings.CLOCK.now())).head
    return {"may_end": may(request, "end-hold"), "may_review": may(request, "place-hold"), "head": head}


def _names() -> dict[str, str]:
    return {source.id: source.name for source in catalog.sources(removed=True)}
