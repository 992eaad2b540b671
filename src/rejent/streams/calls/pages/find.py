"""Finding a call by its numbers, date and hour, and opening it for a purpose and a case.

What is looked for is posted, never part of an address; every search is entered before its hits are shown.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.access import queries as access
from rejent.access.errors import AccessRefusedError, ViewingRefusedError
from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.devices.views import ClientStation
from rejent.kernel.clock import AmbiguousTimeError, civil_date, instant_at
from rejent.kernel.errors import RejentError
from rejent.kernel.telephone import readable_number
from rejent.office.regulation.vocabulary import StreamName
from rejent.retention import queries as retention
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import searching
from rejent.streams.calls.catalog.errors import SearchRefusedError
from rejent.streams.calls.catalog.views import CallQuestion, CallView, FoundCalls
from rejent.streams.calls.pages.announcement_words import announced_state
from rejent.streams.calls.pages.parties import parties_of
from rejent.streams.calls.pages.words import DIRECTIONS, direction_words, length_of
from rejent.web.desk import Found, Sought
from rejent.web.pages.plain_form import DayField, PlainForm, one_of, text
from rejent.web.people.duties import entry_lacking
from rejent.web.player.opening import open_or_ask
from rejent.web.player.opening_forms import WhyForm
from rejent.web.requests.client_station import client_station
from rejent.web.requests.visitor import PersonRequest
from rejent.web.words.when import as_written, read_time
from rejent.web.words.wording import duration_short, moment_digits, time_digits, whole_seconds

OF_SOUND = {
    "with_guests": (
        _("Somebody without an authorisation listens beside me"),
        _("they are entered before the call is heard"),
    ),
    "acknowledged": (
        _("I know that copying or recording what is heard is forbidden"),
        _("whoever listens beside me knows it too; who listens, when and for which case is entered"),
    ),
}


class CallSearchForm(PlainForm):
    """Both numbers, the date and about what time; some of it is known."""

    caller = text(
        _("Number of the caller"),
        hint=_("in any spelling, or how it ends: at least four digits"),
        max_length=60,
    )
    called = text(
        _("Number that was called"),
        hint=_("a number of the office, or an extension; who took part later is found by either number"),
        max_length=60,
    )
    day = DayField(_("Date"))
    time = text(_("About what time"), hint=_("for example 14:05"), width="w-8", max_length=30)
    direction = one_of(_("Direction"), "", DIRECTIONS.items(), required=False)
    source = one_of(_("Line"), "", required=False)

    def __init__(self, *args: Any, lines: Iterable[SourceView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.about: datetime | None = None
        line, direction = self.fields["source"], self.fields["direction"]
        named = [(source.id, source.name) for source in lines]
        if isinstance(line, forms.ChoiceField) and isinstance(direction, forms.ChoiceField):
            line.choices = [("", _("any")), *named]
            direction.choices = [("", _("either way")), *DIRECTIONS.items()]
        if len(named) < 2:
            del self.fields["source"]

    def clean_time(self) -> str:
        """Return the time in the form that reads back."""
        if not (written := self.cleaned_data["time"]):
            return ""
        try:
            return as_written(read_time(written))
        except RejentError as error:
            raise ValidationError(error.sentence(gettext)) from None

    def clean(self) -> dict[str, Any]:
        """About which instant; of an hour that ran twice the first run, for what is found is near it."""
        cleaned = super().clean() or {}
        if cleaned.get("time") and "day" in cleaned:
            if cleaned["day"] is None:
                self.add_error("day", gettext("Enter the date too: an hour comes back every day."))
                return cleaned
            try:
                self.about = instant_at(cleaned["day"], cleaned["time"])
            except AmbiguousTimeError as error:
                self.about = error.earlier
            except RejentError as error:
                self.refuse(error, "time")
        return cleaned

    @property
    def question(self) -> CallQuestion:
        """Return the facts for the search; of a form without errors."""
        fields = self.cleaned_data
        return CallQuestion(
            caller=fields["caller"],
            called=fields["called"],
            day=fields["day"],
            about=self.about,
            direction=fields["direction"],
            source_ids=frozenset(),
        )


FILLED = "filled"
"""Sent where the number comes from elsewhere: the form is shown with it, and nothing is sought yet."""
_FOUND = "found-calls"
"""In the session: what the last search found, which was entered."""


def calls(request: PersonRequest) -> HttpResponse:
    """Return the form, and beside it a page of the calls that fit."""
    here = client_station(request)
    if lacking := entry_lacking(request.person, "recordings"):
        raise AccessRefusedError(lacking)
    lines = searching.require_search(request.person, clock=settings.CLOCK, client_station=here)
    named = {one.id: one.name for one in catalog.sources(StreamName.CALLS, removed=True) if one.id in lines}
    begun = FILLED in request.POST
    form = CallSearchForm(
        None if begun else request.POST or None,
        initial={"caller": request.POST.get("caller", "")} if begun else {},
        lines=[one for one in catalog.sources(StreamName.CALLS, removed=True) if one.id in lines],
    )
    context: dict[str, Any] = {"form": form, "lines": len(lines)}
    if form.is_valid() and (found := _found(request, form, here)) is not None:
        heard = call_queries.announced(found.calls)
        day, about = form.cleaned_data["day"], form.about
        rows = [
            _row(call, named, heard) | {"apart": _apart(call, about), "begun": _begun(call, day)}
            for call in found.calls
        ]
        request.session[_FOUND] = [call.id for call in found.calls]
        context |= {
            "found": found,
            "rows": rows,
            "announces": any(row["announced"] for row in rows),
            "passed_on": any(row["later"] for row in rows),
            "newest_first": day is None,
            "earlier": ("before", found.earlier),
            "later": ("after", found.later),
        }
    return render(request, "calls/calls.html", context, status=422 if form.errors else 200)


def call_open(request: PersonRequest, call_id: str) -> HttpResponse:
    """Ask for the purpose of hearing one call; a good answer opens the viewing. Showing its numbers is entered."""
    here = client_station(request)
    call = searching.callable_of(request.person, call_id, clock=settings.CLOCK, is_held=_is_held)
    searching.require_search(
        request.person, clock=settings.CLOCK, client_station=here, source_id=call.source_id
    )
    form = WhyForm(
        request.POST or None,
        purposes=access.purposes(StreamName.CALLS, clock=settings.CLOCK),
        demands=access.provisions(StreamName.CALLS, civil_date(settings.CLOCK.now())),
        labels=OF_SOUND,
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
    return bool(retention.holds_over(call.source_id, call.interval.start, call.interval.end, call.id))


def _found(request: PersonRequest, form: CallSearchForm, here: ClientStation) -> FoundCalls | None:
    """Return what is found; None where too little is known, which the form then says."""
    try:
        return searching.search_calls(
            request.person,
            form.question,
            clock=settings.CLOCK,
            client_station=here,
            source_id=form.cleaned_data.get("source", ""),
            before=request.POST.get("before", ""),
            after=request.POST.get("after", ""),
        )
    except SearchRefusedError as error:
        form.refuse(error, "caller")
        return None


def _begun(call: CallView, day: date | None) -> str:
    """Return when a call began, to the second; its date only where another one was asked for, or none."""
    return time_digits(call.start) if civil_date(call.start) == day else moment_digits(call.start)


def _apart(call: CallView, about: datetime | None) -> str:
    if about is None:
        return ""
    seconds = whole_seconds(about, call.start)
    if not seconds:
        return gettext("at that time")
    words = gettext("%(length)s later") if seconds > 0 else gettext("%(length)s earlier")
    return words % {"length": duration_short(abs(seconds))}


def _row(call: CallView, lines: dict[str, str], heard: dict[str, str]) -> dict[str, Any]:
    return {
        "call": call,
        **parties_of(call),
        "direction": direction_words(call.direction),
        "line": lines.get(call.source_id, ""),
        "announced": announced_state(heard[call.id]),
        "length_s": length_of(call),
    }


def _opened(
    request: PersonRequest, call: CallView, form: WhyForm, here: ClientStation
) -> HttpResponse | None:
    def asked() -> dict[str, Any]:
        start, end = searching.recorded_interval(call)
        return {
            "source_id": call.source_id,
            "item": call.id,
            "interval": (start, end),
            "position": start,
        }

    opened = partial(searching.open_call, call_id=call.id, is_held=_is_held)
    return open_or_ask(request, form, here, asked=asked, opened=opened)


_NUMBER = re.compile(r"[+(]?\d[\d\s()/-]*")
LEAST_DIGITS = 4


def offer_number(sought: Sought) -> Iterator[Found]:
    """Yield the way to look for a number among calls, to who may; without another fact of the call nothing is sought."""
    digits = sum(map(str.isdigit, sought.words))
    if _NUMBER.fullmatch(sought.words) is None or digits < LEAST_DIGITS:
        return
    if access.visible_sources(sought.person, "recordings", clock=settings.CLOCK, of_stream=StreamName.CALLS):
        words = gettext("Calls with the number %(number)s") % {"number": readable_number(sought.words)}
        more = gettext("State the date or the hour too; the search is entered in the register of actions.")
        sent = {FILLED: "1", "caller": sought.words}
        yield Found(gettext("Calls"), words, more, reverse("calls"), sent=sent)
