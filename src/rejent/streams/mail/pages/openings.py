"""Leaves to open messages of a case: the six questions and the scope, the second person's agreement, the end."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from django import forms
from django.conf import settings
from django.contrib import messages as notes
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from rejent.access import queries as access
from rejent.access.views import SecondRequestView
from rejent.cases import queries as cases
from rejent.cases.views import CaseView
from rejent.kernel.clock import civil_date
from rejent.kernel.intervals import Interval
from rejent.office import queries as office
from rejent.streams.mail.messages.addresses import shown_address
from rejent.streams.mail.messages.scope import Ground, Question
from rejent.streams.mail.records import openings
from rejent.streams.mail.records.errors import NoOpeningError, OpeningRefusedError
from rejent.streams.mail.records.openings import OpeningView, Wanted
from rejent.streams.mail.records.readings import copied_in, readings_of
from rejent.web.desk import Line, Reader
from rejent.web.pages.plain_form import DayField, PlainForm, form_page, text
from rejent.web.requests.visitor import PersonRequest, acting, may
from rejent.web.stream_parts import CasePanel
from rejent.web.words.stream_parts import Fact
from rejent.web.words.when import WithoutYear
from rejent.web.words.wording import day_digits, period_digits

QUESTIONS = {
    Question.NOTIFIED.value: (
        _("Were the people told beforehand that their mail may be opened?"),
        _("when and how: the notice, the statement of each, the regulation"),
    ),
    Question.EXTENT.value: (
        _("How far does the opening go?"),
        _("how many people's letters, which days, content or facts alone, how many read them"),
    ),
    Question.REASONS.value: (
        _("Which legitimate reasons make it necessary?"),
        _("what happened, and why the content must be read"),
    ),
    Question.LESS_INTRUSIVE.value: (
        _("Which less intrusive means were weighed?"),
        _("for example asking the person, counts and facts alone, one letter instead of all"),
    ),
    Question.CONSEQUENCES.value: (
        _("What follows for the people, and what are the findings used for?"),
        _("nothing else than what is stated here"),
    ),
    Question.SAFEGUARDS.value: (
        _("What protects the people meanwhile?"),
        _("who is present, what becomes of private letters, when the person is told"),
    ),
}
GROUNDS: Mapping[str, str | Promise] = {
    Ground.AUTHORITY.value: _("letter of an authority"),
    Ground.INTERNAL.value: _("internal ground"),
}


_STATED = ("first", "last", "expires_on", "paper", "addresses", "words")


def _answer(question: str) -> forms.CharField:
    label, hint = QUESTIONS[question]
    return forms.CharField(
        label=label,
        help_text=hint,
        error_messages={"required": format_lazy("{} {}", _("Answer:"), label)},
        max_length=openings.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class OpeningForm(PlainForm):
    """The six questions, the ground, the scope and the last day."""

    notified = _answer("notified")
    extent = _answer("extent")
    reasons = _answer("reasons")
    less_intrusive = _answer("less_intrusive")
    consequences = _answer("consequences")
    safeguards = _answer("safeguards")
    ground = forms.ChoiceField(
        label=_("On whose word"),
        choices=list(GROUNDS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose on whose word.")},
    )
    paper = text(
        _("Sign and date of the letter, or the internal ground"),
        _("State the letter or the ground."),
        hint=_("for example: letter RSD-114/26 of 3.11.2026; note of the Secretary OR.0142.7.2026"),
        max_length=openings.LONGEST_TEXT,
    )
    addresses = text(
        _("Addresses of the people"),
        _("State at least one address."),
        hint=_("whole addresses, or a domain as @firma.pl; by commas or lines"),
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )
    words = text(
        _("Words"),
        hint=_(
            "beginnings of words, by commas; a message with any of them is opened. Empty: every message of these people."
        ),
    )
    first = DayField(_("First day"), _("Enter the first day."))
    last = DayField(_("Last day"), _("Enter the last day."))
    expires_on = DayField(
        _("Messages are read until"), _("Enter the last day of reading."), meant=WithoutYear.COMING
    )

    def wanted(self, case: str) -> Wanted:
        """Return what is asked for."""
        given = self.cleaned_data
        stated = {name: given[name] for name in _STATED}
        answers = {each: given[each.value] for each in Question}
        return Wanted(case=case, answers=answers, ground=Ground(given["ground"]), **stated)


def ask(request: PersonRequest, number: str) -> HttpResponse:
    """Ask for leave to open messages of a case."""
    view = cases.case(number)
    interval = view.application.interval
    days = zip(("first", "last"), days_of(interval), strict=True) if interval else ()
    form = OpeningForm(request.POST or None, initial={name: day_digits(day) for name, day in days})
    if request.method == "POST" and form.is_valid():
        try:
            one = openings.ask_opening(form.wanted(number), request.person, clock=settings.CLOCK)
        except OpeningRefusedError as error:
            form.refuse(error, error.part if error.part in form.fields else None)
        else:
            notes.success(
                request, gettext("The questions are answered. Somebody of another role agrees, or does not.")
            )
            return redirect("mail-opening", one.number)
    return form_page(
        request, "mail/opening_new.html", form, view=view, questions=[form[each] for each in QUESTIONS]
    )


def opening(request: PersonRequest, number: str) -> HttpResponse:
    """Show a leave: the answers, the scope, who asked and who agreed."""
    one, today = openings.opening(number), civil_date(settings.CLOCK.now())
    refused = openings.agreeing_refusal(one, request.person, clock=settings.CLOCK)
    copied = copied_in(one.case)
    context = {
        "one": one,
        "addresses": ", ".join(map(shown_address, one.scope.addresses)),
        "answers": [(QUESTIONS[each][0], one.answers[each]) for each in QUESTIONS if each in one.answers],
        "ground": GROUNDS.get(one.ground, ""),
        "asked": _name(one.asked_by),
        "agreed": _name(one.agreed_by),
        "ended": _name(one.ended_by),
        "state": state_of(one),
        "may_agree": refused is None,
        "refused": refused.sentence(gettext) if refused is not None and one.waits(today) else "",
        "may_end": one.ended_at is None and (may(request, openings.ASK) or may(request, openings.AGREE)),
        "readings": [
            (each, _name(str(each.person_id)), [copy for copy in copied if copy.viewing == each.number])
            for each in readings_of(one)
        ],
        "period": period_digits(one.scope.interval.start, one.scope.interval.end),
        "in_force": one in openings.openings_in_force(settings.CLOCK),
        "may_read": bool(
            access.visible_sources(
                request.person, "recordings", clock=settings.CLOCK, of_stream=openings.STREAM
            )
        ),
    }
    return render(request, "mail/opening.html", context)


def agree(request: PersonRequest, number: str) -> HttpResponse:
    """Agree as the second person."""
    openings.agree(number, request.person, clock=settings.CLOCK)
    return redirect("mail-opening", number)


def end(request: PersonRequest, number: str) -> HttpResponse:
    """End or decline a leave."""
    openings.end_opening(number, **acting(request))
    return redirect("mail-opening", number)


def case_panel(request: PersonRequest, view: CaseView) -> CasePanel:
    """Return the panel of a case of messages: its leaves, and the way to a new one."""
    found = openings.openings_of(view.number)
    context = {
        "openings": [(one, state_of(one)) for one in found],
        "may_ask": may(request, openings.ASK) and openings.takes_openings(view),
    }
    return CasePanel(title=_("Opening of messages"), part="mail/case_panel.html", context=context)


def openings_waiting(reader: Reader) -> Iterator[Line]:
    """Yield the openings that wait for this person's agreement, for the page they start on."""
    for one in openings.openings_undecided():
        if openings.agreeing_refusal(one, reader.person, clock=settings.CLOCK) is None:
            words = gettext("Opening of messages %(number)s waits for a second person") % {
                "number": one.number
            }
            more = gettext("case %(case)s, asked by %(name)s") % {
                "case": one.case,
                "name": _name(one.asked_by),
            }
            address = reverse("mail-opening", args=[one.number])
            yield Line("attention", words, more, address, gettext("Read and answer"))


def scope_of(asked: SecondRequestView) -> Sequence[Fact]:
    """Return which messages a reading would open, on whose word; nothing once no opening lets it."""
    try:
        one = openings.opening_of(asked, settings.CLOCK)
    except NoOpeningError:
        return ()
    words = ", ".join(one.scope.words) or gettext("every message of these people")
    return (
        (gettext("Addresses of the people"), tuple(map(shown_address, one.scope.addresses))),
        (gettext("Words"), (words,)),
        (gettext("On whose word"), (f"{GROUNDS.get(one.ground, '')}: {one.paper}",)),
        (gettext("Opening of messages"), (one.number,)),
    )


def days_of(interval: Interval) -> tuple[date, date]:
    """Return the first and the last civil date of a time."""
    return civil_date(interval.start), civil_date(interval.end - timedelta(microseconds=1))


def state_of(one: OpeningView) -> tuple[str, str]:
    """Return the state of a leave, as pages mark it, and its words."""
    if one.ended_at is not None:
        return "neutral", pgettext("opening", "ended") if one.agreed_at else pgettext("opening", "declined")
    if civil_date(settings.CLOCK.now()) > one.expires_on:
        return "neutral", pgettext("opening", "expired")
    if one.agreed_at is None:
        return "attention", pgettext("opening", "waits for the second person")
    return "held", pgettext("opening", "in force")


def _name(person: str) -> str:
    return office.person(person).name if person else ""
