"""Holds: the list, one hold, placing one with a page to check it, ending one with a reason."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext_lazy

from rejent.access import queries as access
from rejent.cases import queries as cases
from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.kernel.clock import civil_date, clock_time
from rejent.kernel.errors import RejentError
from rejent.kernel.intervals import Interval
from rejent.office import queries as office
from rejent.registers import queries as registers
from rejent.retention import queries, services
from rejent.retention.errors import HoldRefusedError
from rejent.retention.queries import HoldView, Released
from rejent.web.desk import Desk, Line, Reader
from rejent.web.pages.hold_forms import EndHoldForm, HoldForm, ReviewHoldForm
from rejent.web.pages.plain_form import Check, check_page, is_confirmed, is_to_change
from rejent.web.requests.visitor import PersonRequest, acting, may, session_of
from rejent.web.stream_parts import PAGES
from rejent.web.words.acts import Names
from rejent.web.words.recordings import item_of, pages_of
from rejent.web.words.sources import find_sources
from rejent.web.words.wording import clock_span, day_digits, moment_digits, span_digits, whole_seconds

REVIEWED_WITHIN = timedelta(days=14)
"""Time before a review's day from which the review is what the page is opened for."""
REVIEW = "review"
"""Before the names of the fields of the review, which stands beside the end on one page."""


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


def hold(request: PersonRequest, number: str) -> HttpResponse:
    """Return one hold with its recording and its proof; who reviews or lifts it does so below."""
    return _hold_page(request, number)


def hold_end(request: PersonRequest, number: str) -> HttpResponse:
    """End a hold, after a page that says what is destroyed then and when; what nothing else keeps follows its ordinary term."""
    form = EndHoldForm(request.POST)
    if not form.is_valid() or is_to_change(request):
        return _hold_page(request, number, form, status=200 if is_to_change(request) else 422)
    if not is_confirmed(request):
        return check_page(request, _check_end(number, form.cleaned_data["reason"]))
    ended = services.end_hold(
        number, reason=form.cleaned_data["reason"], ledger=settings.LEDGER, **acting(request)
    )
    messages.success(
        request, gettext("The hold is lifted. What nothing else keeps follows its ordinary term.")
    )
    warn_unsigned(request, ended)
    return redirect("hold", number)


def _check_end(number: str, reason: str) -> Check:
    found = queries.hold(number)
    released = queries.released_by(number, clock=settings.CLOCK)
    held = _held(found)
    kept = span_digits(held["start"], held["end"]) if held["end"] else moment_digits(held["start"])
    facts = [
        (gettext("Hold"), (found.number, found.case)),
        (str(pages_of(found.source_id).words.source), (catalog.source(found.source_id).name,)),
        (gettext("It keeps"), (kept,)),
        (gettext("Reason"), (reason,)),
    ]
    return Check(
        title=gettext("Check before lifting"),
        facts=facts,
        outcome=[_released_words(one) for one in released]
        or [gettext("Nothing is destroyed: another hold keeps it as well, or nothing of it is left.")],
        confirm=gettext("Lift the hold"),
        icon="lock-open",
        grave=any(one.at_once for one in released),
    )


def _released_words(one: Released) -> str:
    facts = {
        "day": day_digits(one.day),
        "parts": ", ".join(clock_span(part.start, part.end) for part in one.parts),
        "until": moment_digits(one.until) if one.until else "",
    }
    if one.at_once:
        return gettext("Destroyed at once and for good: %(day)s, %(parts)s. Its term is over.") % facts
    if one.until:
        return gettext("Destroyed by %(until)s, as its term says: %(day)s, %(parts)s.") % facts
    return gettext("No term is known of: %(day)s, %(parts)s. It stays.") % facts


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
            warn_unsigned(request, reviewed)
            return redirect("hold", number)
    return _hold_page(request, number, review=form, status=422)


def _hold_page(
    request: PersonRequest,
    number: str,
    form: EndHoldForm | None = None,
    review: ReviewHoldForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context, today = _hold_context(request, number), civil_date(settings.CLOCK.now())
    if review is None:
        again = queries.usual_review(context["source"].stream, today)
        review = ReviewHoldForm(initial={"review_on": day_digits(again)}, prefix=REVIEW, today=today)
    context |= {
        **_rights(request),
        "form": form or EndHoldForm(),
        "review": review,
        "review_due": context["hold"].review_on <= today + REVIEWED_WITHIN,
    }
    return render(request, "pages/hold.html", context, status=status)


def warn_unsigned(request: PersonRequest, done: HoldView) -> None:
    """Say where the ledger's head could not be signed after an act on a hold."""
    if not done.signed:
        messages.warning(
            request, gettext("The ledger's head could not be signed. Tell whoever runs the program.")
        )


def hold_new(request: PersonRequest) -> HttpResponse:
    """Return the form, then the page to check it, then the act."""
    today = civil_date(settings.CLOCK.now())
    found = [one for stream in _by_interval() for one in find_sources(request, stream, removed=True)]
    if request.method == "GET":
        return _form_page(request, HoldForm(initial=_initial(request), sources=found, today=today))
    form = HoldForm(request.POST, sources=found, today=today)
    if not form.is_valid() or "change" in request.POST or form.interval is None:
        return _form_page(request, form, status=200 if "change" in request.POST else 422)
    if "confirmed" not in request.POST:
        return beside_page(request, "pages/hold_check.html", _check_context(form, form.interval, found))
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
    warn_unsigned(request, placed)
    return hold_placed(request, placed)


def hold_placed(request: PersonRequest, placed: HoldView) -> HttpResponse:
    """Go on to a hold that was placed; beside a recording say so there."""
    if is_beside(request):
        return beside_page(request, "pages/hold_placed.html", {"hold": placed, "held": _held(placed)})
    return redirect("hold", placed.number)


def _by_interval() -> list[str]:
    return [stream for stream, pages in PAGES.items() if pages.by_interval]


def _form_page(request: PersonRequest, form: HoldForm, status: int = 200) -> HttpResponse:
    source = str(form["source"].value() or "")
    chosen = catalog.source(source).name if source in catalog.streams(removed=True) else ""
    return beside_page(request, "pages/hold_new.html", {"form": form, "chosen": chosen}, status)


def _initial(request: PersonRequest) -> dict[str, str]:
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
        **_ways(request, found),
        **_proof(request, found),
    }


def _ways(request: PersonRequest, found: HoldView) -> dict[str, Any]:
    """Return the address of the recording: as it is open in this browser, else where it is opened; empty to who may not."""
    for one in access.going_on(request.person.id, session_of(request), clock=settings.CLOCK):
        covers = one.start < found.end and found.start < one.end
        if one.source_id == found.source_id and one.item == found.item and covers:
            return {"recording": reverse("viewing", args=[one.id]), "goes_on": True}
    pages = pages_of(found.source_id)
    stream = catalog.stream_of(found.source_id)
    sees = access.visible_sources(request.person, "recordings", clock=settings.CLOCK, of_stream=stream)
    if not pages.by_interval or found.source_id not in sees:
        return {"recording": pages.way_to_item(request, found.item) if found.item else ""}
    asked = {
        "source": found.source_id,
        "day": day_digits(civil_date(found.start)),
        "time": clock_time(found.start),
        "case": found.case,
    }
    return {"recording": f"{reverse(pages.finder)}?{urlencode(asked)}"}


def _proof(request: PersonRequest, found: HoldView) -> dict[str, Any]:
    placed = registers.entered_naming("hold.placed", found.number, subject=f"source:{found.source_id}")
    entry = next((act.index for act in placed if act.facts and act.facts["number"] == found.number), None)
    return {"entry": entry, "proof": entry if may(request, "see-ledger") else None}


def _held(hold: HoldView) -> dict[str, Any]:
    """Return from when until when a hold keeps what: of one item the times that every page says of that."""
    item = item_of(hold.source_id, hold.item)
    if item is None:
        return {"start": hold.start, "end": hold.end, "length_s": whole_seconds(hold.start, hold.end)}
    one = pages_of(hold.source_id).words.one_item
    return {"start": item.start, "end": item.end, "length_s": item.length_s, "item": one}


def _rights(request: PersonRequest) -> dict[str, Any]:
    head = office.verified_regulation(civil_date(settings.CLOCK.now())).head
    return {"may_end": may(request, "end-hold"), "may_review": may(request, "place-hold"), "head": head}


def _names() -> dict[str, str]:
    return {source.id: source.name for source in catalog.sources(removed=True)}


def is_beside(request: HttpRequest) -> bool:
    """Return whether the page stands beside a recording."""
    return "beside" in request.GET


def beside_page(request: HttpRequest, path: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Return a page in its frame, or beside a recording without it."""
    beside = is_beside(request)
    layout = "parts/beside.html" if beside else "base.html"
    response = render(request, path, {**context, "layout": layout, "beside": beside}, status=status)
    if beside:
        response["X-Beside"] = "1"
    return response


_TO_REVIEW = ngettext_lazy("%(n)s hold is to be reviewed", "%(n)s holds are to be reviewed", "n")


def _waits(reader: Reader) -> Iterator[Line]:
    """Yield the holds that are to be reviewed, to who reviews them; a provisional one waits for its application's decision."""
    if not reader.may("place-hold"):
        return
    for one in queries.holds(active=True):
        if one.review_on <= reader.today + REVIEWED_WITHIN and not one.provisional:
            words = gettext("Review of hold %(number)s, case %(case)s") % {
                "number": one.number,
                "case": one.case,
            }
            address = reverse("hold", args=[one.number])
            yield Line("held", words, "", address, gettext("Review"), one.review_on, alike=_TO_REVIEW)


DESK = Desk(waits=_waits)
