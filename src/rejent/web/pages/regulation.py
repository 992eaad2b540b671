"""The regulation in force: what it says, and what each stream still lacks before it may start."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.kernel.terms import RetentionKind, RetentionRule
from rejent.office import queries, services
from rejent.office.people.role_words import ROLES
from rejent.office.regulation.provisions import StreamRules
from rejent.office.services.regulation import ENTERED
from rejent.web.desk import Desk, Line, Trouble, whoever_may
from rejent.web.pages.plain_form import DayField, PlainForm
from rejent.web.requests.visitor import PersonRequest, acting, may
from rejent.web.words.identifiers import in_words
from rejent.web.words.states import condition_words
from rejent.web.words.wording import length_words, sentence_words


class GateForm(PlainForm):
    """A fact that a stream's start needs."""

    on = DayField(_("On"), _("Enter the day."))


def regulation(request: PersonRequest) -> HttpResponse:
    """Show the regulation in force today."""
    today = civil_date(settings.CLOCK.now())
    versions = queries.every_version()
    if not queries.verified_streams(today):
        return render(request, "pages/regulation_none.html", {"versions": versions})
    rules = queries.verified_regulation(today)
    context = {
        "rules": rules,
        "version": queries.version_in_force(today),
        "versions": versions,
        "streams": [_stream(name, stream) for name, stream in rules.streams.items()],
        "may_enter": may(request, "enter-gate"),
    }
    return render(request, "pages/regulation.html", context)


def gate_enter(request: PersonRequest, stream: str, kind: str) -> HttpResponse:
    """Enter a fact that the stream's start needs."""
    form = GateForm(request.POST)
    if form.is_valid():
        try:
            services.enter_gate(stream, kind, form.cleaned_data["on"], note="", **acting(request))
            messages.success(request, gettext("The fact is entered."))
        except RejentError as error:
            messages.error(request, error.sentence(gettext))
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("regulation")


def _stream(name: str, rules: StreamRules) -> dict[str, Any]:
    retention = rules.retention
    activation = queries.gates(name, civil_date(settings.CLOCK.now()))
    title = in_words("stream", name) or name
    return {
        "name": name,
        "rules": rules,
        "title": title[0].upper() + title[1:],
        "activation": activation,
        "conditions": [
            (one, condition_words(one.name), sentence_words(one.statement), one.name in ENTERED)
            for one in activation.conditions
        ],
        "unmarked": len(catalog.unmarked_sources(activation)),
        "lacking": ", ".join(condition_words(one.name) for one in activation.missing),
        "retention": retention,
        "period": _period(retention) if retention else gettext("not set; the stream stays off"),
        "live": _roles(rules.access.live),
        "recordings": _roles(rules.access.recordings),
    }


def _period(retention: RetentionRule) -> str:
    length = length_words(retention.length.count, retention.length.unit)
    if retention.kind is RetentionKind.MAXIMUM:
        return gettext("up to %(length)s") % {"length": length}
    return gettext("exactly %(length)s") % {"length": length}


def _roles(names: Iterable[str]) -> str:
    return ", ".join(str(ROLES[name]) for name in names) or gettext("nobody")


def _wrong(now: datetime) -> Iterator[Trouble]:
    """Yield the streams that may not start yet, to who enters what is missing."""
    today = civil_date(now)
    for stream in queries.streams_if_entered(today):
        missing = queries.gates(stream, today).missing
        if missing:
            words = ngettext(
                "Monitoring not started (%(stream)s): %(n)s condition is missing",
                "Monitoring not started (%(stream)s): %(n)s conditions are missing",
                len(missing),
            )
            named = {"n": len(missing), "stream": in_words("stream", stream) or stream}
            address = f"{reverse('regulation')}#stream-{stream}"
            line = Line("attention", words % named, sentence_words(missing[0].statement), address)
            yield Trouble(line, whoever_may("enter-gate"))


DESK = Desk(wrong=_wrong)
