"""Finding messages: under which opening of which case, in which journal and why; then a viewing of that time is opened by two people."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.access import authorisation_queries, services
from rejent.access import queries as access
from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import SeeingAct, Statement
from rejent.access.services.viewings import LONGEST_INTERVAL
from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.kernel.clock import civil_date
from rejent.office.regulation.vocabulary import StreamName
from rejent.office.views import ClientStation
from rejent.streams.mail.pages.openings import period_words
from rejent.streams.mail.records.openings import OpeningView, openings_in_force
from rejent.web.pages.plain_form import one_of
from rejent.web.people.duties import entry_lacking, nothing_open
from rejent.web.player.opening_forms import APART, WhyForm
from rejent.web.player.presence import second_here
from rejent.web.requests.client_station import client_station
from rejent.web.requests.visitor import PersonRequest, session_of

OF_MESSAGES = {
    "with_guests": (
        _("Somebody without an authorisation reads beside me"),
        _("they are entered before a message is shown"),
    ),
    "acknowledged": (
        _("I know that photographing or filming the screen is forbidden"),
        _("whoever reads beside me knows it too"),
    ),
}
"""Labels and hints of fields about who is there, for messages."""


class FindForm(WhyForm):
    """Form for the leave under which messages are opened, the journal and the purpose; time and case are the leave's."""

    field_order = ("opening", "source", "purpose")

    opening = one_of(_("Opening"), _("Choose the opening. Without one no message is opened."))
    source = one_of(_("Journal"), _("Choose a journal."))

    def __init__(
        self, *args: Any, sources: list[SourceView], standing: list[OpeningView], **kwargs: Any
    ) -> None:
        super().__init__(*args, labels=OF_MESSAGES, **kwargs)
        del self.fields["case"]
        self._standing = {one.number: one for one in standing}
        self.interval: tuple[datetime, datetime] | None = None
        self.offer("source", [(each.id, each.name) for each in sources])
        self.offer("opening", [(one.number, _option(one)) for one in standing])

    def clean(self) -> dict[str, Any]:
        """Return the fields with the case and the time of the leave."""
        cleaned = super().clean() or {}
        one = self._standing.get(cleaned.get("opening", ""))
        if one is not None and cleaned.get("source"):
            if cleaned["source"] not in one.source_ids:
                self.add_error("source", gettext("This opening does not cover that journal."))
                return cleaned
            cleaned["case"] = one.case
            start, end = one.scope.interval.start, one.scope.interval.end
            self.interval = start, min(end, start + LONGEST_INTERVAL)
        return cleaned


def _option(one: OpeningView) -> str:
    return f"{one.number}, {one.case}, {period_words(one.scope.interval)}"


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
    standing = openings_in_force(settings.CLOCK)
    sources = [each for each in catalog.sources(StreamName.MAIL, removed=True) if each.id in visible]
    only = {
        "source": sources[0].id if len(sources) == 1 else "",
        "opening": standing[0].number if len(standing) == 1 else "",
    }
    form = FindForm(
        request.POST or None,
        initial={name: request.GET.get(name, one) for name, one in only.items()},
        sources=sources,
        purposes=access.purposes(StreamName.MAIL, clock=settings.CLOCK),
        demands=access.provisions(StreamName.MAIL, civil_date(settings.CLOCK.now())),
        standing=standing,
    )
    if request.method == "POST" and form.is_valid() and form.interval is not None:
        answer = _opened(request, form, form.interval, here)
        if answer is not None:
            return answer
    status = 422 if form.errors and request.method == "POST" else 200
    return render(
        request, "mail/find.html", {"form": form, "visible": visible, "standing": standing}, status=status
    )


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
    common: dict[str, Any] = {
        "person": request.person,
        "source_id": fields["source"],
        "session": session_of(request),
        "clock": settings.CLOCK,
        "client_station": here,
    }
    if fields.get("second_way") == APART:
        statement = Statement(fields["purpose"], fields["case"], fields.get("acknowledged", False))
        asked = services.ask_second(interval=interval, position=interval[0], statement=statement, **common)
        return redirect("second-asked", asked.id)
    try:
        second = second_here(request, fields)
    except ValidationError as refused:
        form.add_error("second_username", refused)
        return None
    opened = services.open_viewing(
        start=interval[0],
        end=interval[1],
        purpose=fields["purpose"],
        case=fields["case"],
        acknowledged=fields.get("acknowledged", False),
        second=second,
        **common,
    )
    return redirect("viewing-guests" if fields.get("with_guests") else "viewing", opened.id)
