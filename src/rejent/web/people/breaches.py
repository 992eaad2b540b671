"""Breaches of personal data and incidents: the log, a breach with its clocks, and entering what was done."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.kernel.clock import OFFICE_ZONE, civil_date
from rejent.kernel.errors import RejentError
from rejent.office.breaches import queries, services
from rejent.office.breaches.rules import BreachView, StepClock, clocks, lacking
from rejent.web.pages.plain_form import DayField, PlainForm, area, form_page, submit
from rejent.web.requests.visitor import PersonRequest, acting, may
from rejent.web.words.acts import Names
from rejent.web.words.wording import day_digits, duration_words, moment_digits, time_digits

STEPS = {
    "warned_at": _("early warning to the CSIRT, 24 h"),
    "notified_at": _("notification to the supervisory authority (UODO), 72 h"),
    "reported_at": _("report to the CSIRT, 72 h"),
    "final_at": _("final report to the CSIRT, one month from the report"),
    "told_at": _("people concerned told"),
    "effects": _("effects"),
    "remedies": _("remedies"),
}
"""Steps, and what else the log must hold."""


class BreachForm(PlainForm):
    """What was found, and when."""

    day = DayField(_("Found on"), _("Enter the day."))
    time = forms.TimeField(
        label=_("Found at"),
        help_text=_("the clocks run from this moment; for example 14:05"),
        error_messages={"required": _("Enter the time."), "invalid": _("Write it like this: 14:05.")},
        widget=forms.TimeInput(attrs={"class": "w-12", "autocomplete": "off"}, format="%H:%M"),
    )
    facts = area(
        _("What happened"),
        _("Say what happened."),
        hint=_("kind of data, about how many people and records; no names"),
        rows=4,
        max_length=4000,
    )
    personal_data = forms.BooleanField(label=_("Breach of personal data (GDPR art. 33-34)"), required=False)
    incident = forms.BooleanField(
        label=_("Serious incident under the act on cybersecurity (KSC)"), required=False
    )


class StepForm(PlainForm):
    """A step taken, and what is known meanwhile."""

    step = forms.ChoiceField(label=_("Step taken"), required=False)
    day = DayField(_("On"))
    time = forms.TimeField(
        label=_("At"), required=False, widget=forms.TimeInput(attrs={"class": "w-12"}, format="%H:%M")
    )
    effects = area(_("Effects"), max_length=4000)
    remedies = area(_("Remedies"), hint=_("taken and planned"), max_length=4000)
    not_notified = area(
        _("Why the supervisory authority is not notified"),
        hint=_("only where a risk to people is unlikely"),
        max_length=4000,
    )
    not_told = area(
        _("Why the people are not told"), hint=_("only where there is no high risk to them"), max_length=4000
    )

    def clean(self) -> dict[str, Any]:
        """Return the instant of the step under its name. Raises ValidationError through the form: day or time is missing."""
        given = super().clean() or {}
        if given.get("step"):
            if not given.get("day") or given.get("time") is None:
                self.add_error("day", gettext("Enter day and time of the step."))
            else:
                given[given["step"]] = datetime.combine(given["day"], given["time"], OFFICE_ZONE)
        return given


def breaches(request: PersonRequest) -> HttpResponse:
    """List the breaches, each with the clock that ends next."""
    rows = [(one, _next(one)) for one in queries.breaches()]
    return render(request, "people/breaches.html", {"rows": rows, "may_enter": may(request, "enter-breach")})


def breach_new(request: PersonRequest) -> HttpResponse:
    """Enter a breach; its clocks run at once."""
    now = settings.CLOCK.now()
    initial = {"day": day_digits(civil_date(now)), "time": time_digits(now, seconds=False)}
    form = BreachForm(request.POST or None, initial=initial)
    answer = submit(
        request,
        form,
        lambda given: services.open_breach(
            found_at=datetime.combine(given["day"], given["time"], OFFICE_ZONE),
            facts=given["facts"],
            personal_data=given["personal_data"],
            incident=given["incident"],
            **acting(request),
        ),
        lambda made: gettext("Breach %(number)s is entered.") % {"number": made.number},
        lambda made: reverse("breach", args=[made.number]),
    )
    return answer or form_page(request, "people/breach_new.html", form)


def breach(request: PersonRequest, number: str) -> HttpResponse:
    """Show a breach with its clocks; enter steps."""
    found = queries.breach(number)
    form = StepForm(request.POST or None, initial={name: getattr(found, name) for name in services.TEXTS})
    form.offer("step", [(name, STEPS[name]) for name in _steps(found)])
    if request.method == "POST" and may(request, "enter-breach"):
        answer = submit(
            request,
            form,
            lambda given: services.change_breach(number, given, **acting(request)),
            gettext("Entered."),
            reverse("breach", args=[number]),
        )
        if answer:
            return answer
    lacks = [str(STEPS[name]) for name in lacking(found)]
    context = {
        "found": found,
        "clocks": [_clock_line(each) for each in clocks(found)],
        "lacks": lacks,
        "by": Names().person(found.opened_by),
        "may_enter": may(request, "enter-breach") and found.closed_at is None,
    }
    return form_page(request, "people/breach.html", form, **context)


def breach_close(request: PersonRequest, number: str) -> HttpResponse:
    """Close a breach of which everything stands in the log."""
    try:
        services.close_breach(number, **acting(request))
        messages.success(request, gettext("Breach %(number)s is closed.") % {"number": number})
    except RejentError as error:
        messages.error(request, error.sentence(gettext))
    return redirect("breach", number)


def _steps(found: BreachView) -> list[str]:
    steps = [each.step for each in clocks(found) if each.open]
    return steps + (["told_at"] if found.personal_data and found.told_at is None else [])


def _next(found: BreachView) -> tuple[str, str, str] | None:
    running = [each for each in clocks(found) if each.open]
    return (
        _clock_line(min(running, key=lambda each: each.ends_at))
        if running and found.closed_at is None
        else None
    )


def _clock_line(each: StepClock) -> tuple[str, str, str]:
    """Return how a clock of a breach stands: its colour, its step, and when it ends or was done."""
    now, step = settings.CLOCK.now(), str(STEPS[each.step])
    ends = gettext("until %(moment)s") % {"moment": moment_digits(each.ends_at)}
    if each.excused:
        return "neutral", step, gettext("not done, with the reason")
    if each.done_at is not None:
        done = gettext("done %(moment)s") % {"moment": moment_digits(each.done_at)}
        return ("attention" if each.late(now) else "recording"), step, done
    if each.late(now):
        return "stopped", step, gettext("%(ends)s, late") % {"ends": ends}
    left = duration_words((each.ends_at - now).total_seconds())
    return "attention", step, gettext("%(ends)s, left: %(left)s") % {"ends": ends, "left": left}
