"""Finding messages: which journal, when and why; then a viewing of that time is opened by two people."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from rejent.access import authorisation_queries, services
from rejent.access import queries as access
from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import SeeingAct, Statement
from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.kernel.civil_time import instant_at
from rejent.kernel.clock import civil_date, local_midnight
from rejent.kernel.errors import RejentError
from rejent.office.regulation.vocabulary import StreamName
from rejent.office.views import ClientStation
from rejent.web.pages.plain_form import DayField, one_of, text
from rejent.web.people.duties import entry_lacking, nothing_open
from rejent.web.player.opening_forms import APART, WhyForm
from rejent.web.player.second_person import second_here
from rejent.web.requests.client_station import client_station
from rejent.web.requests.visitor import PersonRequest, session_of
from rejent.web.words.when import as_written, read_time


class FindForm(WhyForm):
    """Form for journal, day, from when until when; messages are opened for a purpose and a case."""

    field_order = ("source", "day", "since", "until", "purpose", "case")

    source = one_of(_("Journal"), _("Choose a journal."))
    day = DayField(
        label=_("Date"), error_messages={"required": _("Enter the date. Write it like this: 21.11.2026.")}
    )
    since = text(
        _("From"),
        _("Enter the time. Write it like 14:05."),
        hint=_("for example 14:05"),
        width="w-8",
        max_length=30,
    )
    until = text(
        _("Until"),
        _("Enter the time. Write it like 14:05."),
        hint=_("for example 15:00"),
        width="w-8",
        max_length=30,
    )

    def __init__(self, *args: Any, sources: list[SourceView], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = now
        self.interval: tuple[datetime, datetime] | None = None
        self.offer("source", [(each.id, each.name) for each in sources])
        self.read_days_from(civil_date(now))

    def clean_since(self) -> str:
        """Return the time in the form that reads back."""
        return self._time("since")

    def clean_until(self) -> str:
        """Return the time in the form that reads back."""
        return self._time("until")

    def clean(self) -> dict[str, Any]:
        """Return the fields with the interval meant."""
        cleaned = super().clean() or {}
        if {"day", "since", "until"} <= cleaned.keys():
            try:
                start, end = (instant_at(cleaned["day"], cleaned[name]) for name in ("since", "until"))
            except RejentError as error:
                self.refuse(error, "since")
                return cleaned
            if end <= start:
                self.add_error("until", gettext("The time ends before it begins."))
            elif start > self._now:
                self.add_error(
                    "day", gettext("This time lies in the future. Enter today's date or an earlier one.")
                )
            else:
                self.interval = start, min(end, local_midnight(cleaned["day"] + timedelta(days=1)))
        return cleaned

    def _time(self, name: str) -> str:
        try:
            return as_written(read_time(self.cleaned_data[name]))
        except RejentError as error:
            raise ValidationError(error.sentence(gettext)) from None


@require_http_methods(["GET", "POST"])
def find(request: PersonRequest) -> HttpResponse:
    """Return the form; a good one opens the viewing."""
    here = client_station(request)
    if request.method == "GET" and (barred := access.barred_here(request.person, here, clock=settings.CLOCK)):
        raise AccessRefusedError(barred)
    if request.method == "GET" and (lacking := entry_lacking(request.person, "recordings")):
        raise AccessRefusedError(lacking)
    if request.method == "POST" and (chosen := request.POST.get("source")) in catalog.streams(removed=True):
        services.demand_visible(request.person, str(chosen), clock=settings.CLOCK)
    visible = access.visible_sources(
        request.person, "recordings", clock=settings.CLOCK, of_stream=StreamName.MAIL
    )
    if not visible:
        _demand_something(request)
    form = FindForm(
        request.POST or None,
        initial={
            name: request.GET[name]
            for name in ("source", "day", "since", "until", "case")
            if name in request.GET
        },
        sources=[each for each in catalog.sources(StreamName.MAIL, removed=True) if each.id in visible],
        purposes=access.purposes(StreamName.MAIL, clock=settings.CLOCK),
        demands=access.provisions(StreamName.MAIL, civil_date(settings.CLOCK.now())),
        now=settings.CLOCK.now(),
    )
    if request.method == "POST" and form.is_valid() and form.interval is not None:
        answer = _opened(request, form, form.interval, here)
        if answer is not None:
            return answer
    status = 422 if form.errors and request.method == "POST" else 200
    return render(request, "mail/find.html", {"form": form, "visible": visible}, status=status)


def _demand_something(request: PersonRequest) -> None:
    """Refuse the page to somebody to whom no message is open. Raises AccessRefusedError: with what they lack."""
    held = authorisation_queries.authorisations(request.person.id, valid_at=settings.CLOCK.now())
    if not any(one.stream == StreamName.MAIL and SeeingAct.RECORDINGS in one.acts for one in held):
        raise AccessRefusedError(nothing_open(request.person, SeeingAct.RECORDINGS, StreamName.MAIL))


def _opened(
    request: PersonRequest, form: FindForm, interval: tuple[datetime, datetime], here: ClientStation
) -> HttpResponse | None:
    """Return the viewing, or the wait for a second person; nothing where the second person did not prove who they are."""
    fields = form.cleaned_data
    if not session_of(request):
        request.session.create()
    if fields.get("second_way") == APART:
        asked = services.ask_second(
            person=request.person,
            source_id=fields["source"],
            interval=interval,
            position=interval[0],
            statement=Statement(fields["purpose"], fields["case"], fields.get("acknowledged", False)),
            session=session_of(request),
            clock=settings.CLOCK,
            client_station=here,
        )
        return redirect("second-asked", asked.id)
    try:
        second = second_here(request, fields)
    except ValidationError as refused:
        form.add_error("second_username", refused)
        return None
    opened = services.open_viewing(
        person=request.person,
        source_id=fields["source"],
        start=interval[0],
        end=interval[1],
        purpose=fields["purpose"],
        case=fields["case"],
        session=session_of(request),
        clock=settings.CLOCK,
        client_station=here,
        acknowledged=fields.get("acknowledged", False),
        second=second,
    )
    return redirect("viewing-guests" if fields.get("with_guests") else "viewing", opened.id)
