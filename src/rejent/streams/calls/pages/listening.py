"""The pages of one call: listening to it within an open viewing, and holding it."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from rejent.access import queries as access
from rejent.access import services as access_services
from rejent.access.viewings import volume
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.content.opening import open_for
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import NotFoundError, RejentError
from rejent.kernel.intervals import Interval
from rejent.kernel.telephone import readable_number
from rejent.office.regulation.vocabulary import StreamName
from rejent.retention import queries, services
from rejent.retention import queries as retention
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog.views import CallView
from rejent.streams.calls.pages.announcement_words import announced_state, evidence_words, notice_lines
from rejent.streams.calls.pages.call_line import CallAxis, call_line, readable_parts
from rejent.streams.calls.pages.parties import parties_of
from rejent.streams.calls.pages.words import call_words, direction_words, fault_words, when_called
from rejent.streams.calls.player.services import AROUND, legs_of, rate_of, sound_piece
from rejent.web.pages.hold_forms import ItemHoldForm
from rejent.web.pages.holds import beside_page, hold_placed, warn_unsigned
from rejent.web.player.timeline import lifetime
from rejent.web.player.viewing import LONGEST_PIECE_S, gone, opened_viewing, position, viewing_context
from rejent.web.requests.visitor import PersonRequest, session_of
from rejent.web.words.acts import Names
from rejent.web.words.wording import day_digits


def listening_page(request: PersonRequest, opened: ViewingView) -> HttpResponse:
    """Return the call drawn by the server; the script adds the sound."""
    call, source, now = call_queries.call(opened.item), catalog.source(opened.source_id), settings.CLOCK.now()
    segments = call_queries.segments_of(call.source_id, call.id, call.start)
    axis = CallAxis.of(opened, call)
    whole = Interval(axis.start, axis.end)
    if not segments:
        raise NotFoundError("Nothing of this call is left.", advice="Its retention period has ended.")
    readable = readable_parts(segments, whole, settings.CLOCK)
    open_ones = [one for one in segments if readable_parts([one], one.interval, settings.CLOCK)]
    holds = retention.holds_over(opened.source_id, whole.start, whole.end, opened.item)
    notices = call_queries.notices([call.id]).get(call.id, [])
    known = call_queries.announced([call])[call.id]
    line = call_line(
        axis,
        segments=segments,
        legs=legs_of(open_ones, open_for(opened)),
        holds=holds,
        seen=access.presented_stretches(opened.id) or (),
        readable=readable,
        began=call.start,
        notices=notices,
        numbers={"caller": readable_number(call.caller), "called": readable_number(call.called)},
        faults=fault_words(call.faults),
    )
    context = {
        **viewing_context(request, opened, source),
        "call": call,
        **parties_of(call),
        "direction": direction_words(call.direction),
        "announced": announced_state(known),
        "evidence": evidence_words(notices, known, Names().person),
        "notices": notice_lines(notices, Names().person),
        "line": line,
        "index": line.index(),
        "words": call_words(),
        "explanation": lifetime(source.stream, call.day, [whole], holds, now),
    }
    return render(request, "calls/call.html", context)


def sound(request: PersonRequest, viewing_id: UUID) -> HttpResponse:
    """Return the sound of the viewing's call between two positions, in seconds from its beginning; a file of that length."""
    opened = opened_viewing(request, viewing_id)
    if not opened.item:
        raise NotFoundError("There is nothing to hear in this viewing.")
    axis = CallAxis.of(opened)
    first = position(request, "from", axis.length_s)
    wanted = axis.between(first, min(position(request, "to", axis.length_s), first + LONGEST_PIECE_S))
    segments = call_queries.segments_of(opened.source_id, opened.item, opened.start)
    around = Interval(wanted.start - AROUND, wanted.end + AROUND)
    near = [one for one in segments if one.interval.overlaps(around)]
    readable = readable_parts(near, around, settings.CLOCK)
    parts = [common for each in readable if (common := each.intersection(wanted)) is not None]
    if not parts:
        raise gone()
    volume.require_room(opened, clock=settings.CLOCK)
    content = sound_piece(near, wanted, readable, open_for(opened), rate=rate_of(segments))
    for part in parts:
        access_services.note_seen(opened.id, part.start, part.end, "sound", clock=settings.CLOCK)
    return HttpResponse(content, content_type="audio/mp4")


def call_hold(request: PersonRequest, call_id: str) -> HttpResponse:
    """Hold one call; whose it was is not shown here, for who holds need not be who listens."""
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
    warn_unsigned(request, placed)
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
