"""The regulation in force: what it says, and what each stream still lacks before it may start."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.kernel.terms import RetentionKind, RetentionRule
from rejent.notices.regulation_text import own_text_of
from rejent.office import queries, services
from rejent.office.people.role_words import ROLES
from rejent.office.regulation.loading import check
from rejent.office.regulation.provisions import StreamRules
from rejent.office.services.regulation import ENTERED
from rejent.office.setting_up.draft import OF_OFFICE, with_office
from rejent.web.desk import Desk, Line, Trouble, whoever_may
from rejent.web.pages.plain_form import DayField, PlainForm
from rejent.web.regulation.form import RegulationForm, count_errors
from rejent.web.regulation.office import OfficeForm, stated_office
from rejent.web.regulation.parameters import is_live
from rejent.web.requests.visitor import PersonRequest, acting, done, may
from rejent.web.stream_parts import PAGES
from rejent.web.words.acts import Names
from rejent.web.words.identifiers import in_words
from rejent.web.words.states import condition_words
from rejent.web.words.when import WithoutYear
from rejent.web.words.wording import day_words, length_words, sentence_words


class GateForm(PlainForm):
    """A fact that a stream's start needs."""

    on = DayField(_("On"), _("Enter the day."))


def regulation(request: PersonRequest) -> HttpResponse:
    """Show the regulation in force today."""
    today = civil_date(settings.CLOCK.now())
    versions = queries.every_version()
    if not queries.verified_streams(today):
        return render(request, "pages/regulation_none.html", {"versions": versions})
    rules, version = queries.verified_regulation(today), queries.version_in_force(today)
    own = own_text_of(version.version)
    context = {
        "rules": rules,
        "version": version,
        "versions": versions,
        "streams": [_stream(name, stream) for name, stream in rules.streams.items()],
        "may_enter": may(request, "enter-gate"),
        "may_change": may(request, "load-regulation"),
        "may_enter_text": may(request, "word-notices"),
        "text": own,
        "compared_by": Names().person(own.entered_by) if own else "",
    }
    return render(request, "pages/regulation.html", context)


class VersionForm(OfficeForm, RegulationForm):
    """The office and the parameters of a new version, and the day from which it counts."""

    in_force_from = DayField(
        _("In force from"),
        _("Enter the first day."),
        hint=_("today or later; what it says of older recordings decides about their period"),
        meant=WithoutYear.COMING,
    )

    @property
    def office(self) -> list[BoundField]:
        """Return the fields that say whose regulation it is."""
        return [self[name] for name in OF_OFFICE]

    @property
    def text(self) -> str:
        """Return the regulation with the fields of a valid form written into it."""
        return with_office(super().text, {name: self.cleaned_data[name] for name in OF_OFFICE})

    def clean_in_force_from(self) -> date:
        """Return the day. Raises ValidationError: it has passed, and what was done by another version stays done by that."""
        day: date = self.cleaned_data["in_force_from"]
        if day < civil_date(settings.CLOCK.now()):
            raise ValidationError(gettext("This day has passed. A version counts from today or later."))
        return day


def regulation_change(request: PersonRequest) -> HttpResponse:
    """Change parameters of the newest version as a new one from a day; what the statute finds stands beside each field."""
    newest = queries.every_version()[0] if queries.every_version() else None
    if newest is None:
        return redirect("regulation")
    form = VersionForm(request.POST or None, initial=stated_office(newest.text), began=newest.text)
    text, day = newest.text, None
    if request.method == "POST" and form.is_valid():
        text, day = form.text, form.cleaned_data["in_force_from"]
        if not count_errors(check(text)) and "confirmed" in request.POST:
            number = services.activate_regulation(text, in_force_from=day, **acting(request))
            words = gettext("Version %(n)s is entered, in force from %(day)s.")
            return done(request, words % {"n": number, "day": day_words(day)}, "regulation")
    findings = check(text)
    streams, others = form.parts(findings)
    barred = count_errors(findings)
    sound = day is not None and not barred
    context = {
        "form": form,
        "streams": streams,
        "others": others,
        "sound": sound,
        "barred": barred,
        "from_day": day,
        "newest": newest,
    }
    return render(request, "regulation/change.html", context, status=422 if form.errors else 200)


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
        "live": _roles(rules.access.live) if is_live(name) else "",
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
    """Yield the streams of the program that may not start yet, to who enters what is missing."""
    today, recorded = civil_date(now), {name for name, _ in PAGES.items()}
    for stream in filter(recorded.__contains__, queries.streams_if_entered(today)):
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
