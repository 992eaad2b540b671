"""The page on which one call is listened to, within an open viewing."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from rejent.access import queries as access
from rejent.access.rules.decision import may_administer
from rejent.access.viewings import protocols
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.content.opening import open_for
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import NotFoundError
from rejent.kernel.intervals import Interval
from rejent.kernel.terms import deadlines
from rejent.office import queries as office
from rejent.retention import queries as retention
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog.numbers.phone_numbers import readable_number
from rejent.streams.calls.pages.call_line import CallAxis, call_line, readable_parts
from rejent.streams.calls.pages.words import (
    announced_state,
    call_words,
    direction_words,
    evidence_words,
    fault_words,
    notice_lines,
)
from rejent.streams.calls.player.services import legs_of
from rejent.web.player.timeline import lifetime
from rejent.web.requests.visitor import PersonRequest
from rejent.web.words.acts import Names


def heard(request: PersonRequest, opened: ViewingView) -> HttpResponse:
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
    rules = office.streams(civil_date(now)).get(source.stream)
    term = deadlines(rules.retention, call.day) if rules and rules.retention else None
    demands = access.provisions(source.stream, civil_date(now))
    context = {
        "viewing": opened,
        "call": call,
        "caller": readable_number(call.caller),
        "called": readable_number(call.called),
        "direction": direction_words(call.direction),
        "announced": announced_state(known),
        "evidence": evidence_words(notices, known, Names().person),
        "notices": notice_lines(notices, Names().person),
        "source": source,
        "line": line,
        "index": line.index(),
        "words": call_words(),
        "explanation": lifetime(term, [whole], holds, now) if term else None,
        "purpose": access.purposes(source.stream, clock=settings.CLOCK).get(opened.purpose, opened.purpose),
        "owes_protocol": bool(protocols.unfinished(request.person.id)),
        "second": office.person(opened.second_id).name if opened.second_id else "",
        "guests_permitted": bool(demands and demands.guests),
        "may_hold": may_administer(request.person.roles, "place-hold").allowed,
    }
    return render(request, "calls/call.html", context)
