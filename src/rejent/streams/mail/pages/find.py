"""Finding messages: under which opening of which case, and why; then a viewing of its time and its journals is opened by two people."""

from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from rejent.access import queries as access
from rejent.access import services
from rejent.access.services.viewings import LONGEST_INTERVAL
from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.devices.views import ClientStation
from rejent.kernel.clock import civil_date
from rejent.office.regulation.vocabulary import StreamName
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.pages.keys import possible_readers, whom_to_fetch
from rejent.streams.mail.records.openings import OpeningView, openings_in_force
from rejent.web.pages.plain_form import one_of
from rejent.web.player.opening import open_or_ask, require_finder
from rejent.web.player.opening_forms import APART, SECOND_FIELDS, WhyForm
from rejent.web.requests.client_station import client_station
from rejent.web.requests.visitor import PersonRequest
from rejent.web.words.wording import period_digits

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
    """Form for the leave under which messages are opened and the purpose; journals, time and case are the leave's.

    Whoever reads beside agrees from their own session: two people act at two desks.
    """

    field_order = ("opening", "purpose")

    opening = one_of(_("Opening"), _("Choose the opening. Without one no message is opened."))

    def __init__(
        self, *args: Any, sources: list[SourceView], standing: list[OpeningView], **kwargs: Any
    ) -> None:
        super().__init__(*args, labels=OF_MESSAGES, **kwargs)
        self._two = "second_way" in self.fields
        for name in ("case", *SECOND_FIELDS):
            self.fields.pop(name, None)
        self._standing = {one.number: one for one in standing}
        self._named = {each.id: each.name for each in sources}
        self.sources: list[str] = []
        self.interval: tuple[datetime, datetime] | None = None
        self.offer(
            "opening",
            [
                (
                    one.number,
                    f"{one.number}, {one.case}, {period_digits(one.scope.interval.start, one.scope.interval.end)}: {', '.join(self._journals_of(one).values())}",
                )
                for one in standing
            ],
        )

    def _journals_of(self, one: OpeningView) -> dict[str, str]:
        """Return the journals of a leave that the person may see, by name."""
        found = ((each, self._named[each]) for each in one.source_ids if each in self._named)
        return dict(sorted(found, key=lambda pair: pair[1]))

    def clean(self) -> dict[str, Any]:
        """Return the fields with the case of the leave; its journals and its time stand beside them."""
        cleaned = super().clean() or {}
        cleaned["second_way"] = APART if self._two else ""
        one = self._standing.get(cleaned.get("opening", ""))
        if one is not None:
            self.sources = list(self._journals_of(one))
            cleaned["case"] = one.case
            start, end = one.scope.interval.start, one.scope.interval.end
            self.interval = start, min(end, start + LONGEST_INTERVAL)
        return cleaned


def find(request: PersonRequest) -> HttpResponse:
    """Return the form; a good one opens the viewing."""
    here = client_station(request)
    visible = require_finder(request, StreamName.MAIL, here)
    in_force = openings_in_force(settings.CLOCK)
    standing = [one for one in in_force if visible & one.source_ids]
    sources = [each for each in catalog.sources(StreamName.MAIL, removed=True) if each.id in visible]
    only = standing[0].number if len(standing) == 1 else ""
    form = FindForm(
        request.POST or None,
        initial={"opening": request.GET.get("opening", only)},
        sources=sources,
        purposes=access.purposes(StreamName.MAIL, clock=settings.CLOCK),
        demands=access.provisions(StreamName.MAIL, civil_date(settings.CLOCK.now())),
        standing=standing,
    )
    if request.method == "POST" and form.is_valid() and form.interval is not None:
        answer = _opened(request, form, form.interval, here)
        if answer is not None:
            return answer
    context = {
        "form": form,
        "visible": visible,
        "standing": standing,
        "in_force": in_force,
        "readers": possible_readers(request.person.id),
        "fetch": whom_to_fetch(list(KeyRole)),
    }
    status = 422 if form.errors and request.method == "POST" else 200
    return render(request, "mail/find.html", context, status=status)


def _opened(
    request: PersonRequest, form: FindForm, interval: tuple[datetime, datetime], here: ClientStation
) -> HttpResponse | None:
    start, end = interval
    first, *further = form.sources
    return open_or_ask(
        request,
        form,
        here,
        asked=lambda: {"source_id": first, "further": further, "interval": interval, "position": start},
        opened=partial(services.open_viewing, source_id=first, further=further, start=start, end=end),
    )
