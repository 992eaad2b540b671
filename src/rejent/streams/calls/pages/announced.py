"""Confirming that one read the announcement in a call, and calls of which nothing shows that it was heard."""

from datetime import date, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date, local_midnight
from rejent.kernel.errors import InputRefusedError
from rejent.office import queries as office
from rejent.office.regulation.vocabulary import StreamName
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import searching
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.errors import NoticeRefusedError
from rejent.streams.calls.catalog.phone_numbers import is_number
from rejent.streams.calls.pages.words import direction_words, length_of
from rejent.web.pages.plain_form import PlainForm, text
from rejent.web.requests.client_station import client_station
from rejent.web.requests.visitor import PersonRequest
from rejent.web.words.when import read_day


class ReadForm(PlainForm):
    """From where, and to whom."""

    own = text(_("Your extension or number"), "", hint=_("from which the call was made"), max_length=40)
    called = text(_("Number that was called"), "", hint=_("the whole number, in any spelling"), max_length=60)


def announcement_read(request: PersonRequest) -> HttpResponse:
    """Show what is to be read, and the form; the answer is the same whether or not there is such a call."""
    form = ReadForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            call_services.note_read(
                fields["own"], fields["called"], str(request.person.id), clock=settings.CLOCK
            )
        except NoticeRefusedError as error:
            form.refuse(error, "called" if is_number(fields["own"]) else "own")
        else:
            messages.success(
                request,
                gettext(
                    "Noted. It is joined with the call when that is found; otherwise it is forgotten within a day."
                ),
            )
            return redirect("announcement-read")
    rules = office.verified_streams(civil_date(settings.CLOCK.now())).get(StreamName.CALLS)
    context = {"form": form, "wording": rules.announcements.outgoing if rules else ""}
    return render(request, "calls/announcement_read.html", context, status=422 if form.errors else 200)


MOST_CALLS = 200
LONGEST = timedelta(days=92)


def calls_unannounced(request: PersonRequest) -> HttpResponse:
    """Return the calls from one day to another, without numbers; who may hear a line's calls is led to each."""
    today, wrong = civil_date(settings.CLOCK.now()), ""
    first, last = today - timedelta(days=6), today
    try:
        first = _day(request, "from", first, today)
        last = min(max(_day(request, "to", last, today), first), first + LONGEST)
    except InputRefusedError as error:
        wrong = error.sentence(gettext)
    start, end = local_midnight(first), local_midnight(last + timedelta(days=1))
    count = call_queries.unannounced(start, end)
    names = {one.id: one.name for one in catalog.sources(StreamName.CALLS, removed=True)}
    heard = {line: _hears(request, line) for line in names}
    rows = [
        (
            call,
            names.get(call.source_id, ""),
            direction_words(call.direction),
            length_of(call),
            heard.get(call.source_id),
        )
        for call in call_queries.unannounced_calls(start, end, MOST_CALLS)
    ]
    context = {
        "first": first, "last": last, "wrong": wrong, "rows": rows, "count": count, "more": count - len(rows),
        "lead": any(row[-1] for row in rows),
    }  # fmt: skip
    return render(request, "calls/unannounced.html", context)


def _day(request: PersonRequest, name: str, usual: date, today: date) -> date:
    written = request.GET.get(name, "").strip()
    return read_day(written, today) if written else usual


def _hears(request: PersonRequest, line: str) -> bool:
    station = client_station(request)
    return searching.may_list(request.person, line, clock=settings.CLOCK, client_station=station)
