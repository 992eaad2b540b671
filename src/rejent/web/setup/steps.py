"""The steps of set-up: the office, its first regulation, and the end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.notices.regulation_text import own_texts
from rejent.office import queries, services
from rejent.office.regulation.findings import Finding, Severity
from rejent.office.regulation.loading import check
from rejent.office.setting_up.draft import OF_OFFICE, draft_from, patterns, with_office
from rejent.office.setting_up.founding import ACTOR, first_people
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.web.pages.plain_form import PlainForm, is_confirmed
from rejent.web.regulation.finding_words import word_findings
from rejent.web.regulation.form import RegulationForm, count_errors
from rejent.web.regulation.office import OfficeForm, stated_office
from rejent.web.regulation.own_text import OwnTextForm, first_facts
from rejent.web.setup.entrance import set_up, unbind
from rejent.web.words.identifiers import in_words
from rejent.web.words.wording import size_words

LARGEST_PARAMETERS = 200_000
"""Bytes; the longest of the five offices' files has a tenth of that."""


class PatternForm(OfficeForm):
    """The office, and the pattern of its regulation."""

    pattern = forms.ChoiceField(label=_("Nearest regulation, as a pattern"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, drafted: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(one.name, _describe_pattern(one.title, one.office, one.streams)) for one in patterns()]
        self.offer(
            "pattern",
            [("", gettext("none other: go on with the draft as it is")), *offered] if drafted else offered,
        )
        self.fields["pattern"].required = not drafted
        self.fields["pattern"].error_messages["required"] = gettext("Choose a regulation.")


def _describe_pattern(title: str, office: str, streams: tuple[str, ...]) -> str:
    kinds = ", ".join(in_words("stream", stream) or stream for stream in streams)
    return f"{title} – {office} ({kinds})"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its title, where it is done, and whether it is; empty ``address`` where it is not to be done now; one that ``may_wait`` leads nobody on."""

    title: str
    words: str
    address: str
    done: bool
    may_wait: bool = False


def is_regulated() -> bool:
    """Return whether a regulation is loaded."""
    return bool(queries.every_version())


def setup_steps(request: HttpRequest) -> HttpResponse:
    """List the steps with what is done, and the next one as the primary action."""
    people = first_people()
    regulated, entered = is_regulated(), all(people.values())
    confirmed = all(one is not None and one.sign_in is SignIn.CONFIRMED for one in people.values())
    steps = [
        Step(
            gettext("The office and the pattern of its regulation"),
            gettext("Name, controller, address; the nearest of five regulations."),
            "" if regulated else "setup-office",
            done=regulated or bool(set_up().draft),
        ),
        Step(
            gettext("The regulation"),
            gettext("Periods, purposes, who sees what; each with what the statute says."),
            "setup-regulation" if set_up().draft and not regulated else "",
            done=regulated,
        ),
        Step(
            gettext("The text of the regulation"),
            gettext("The office's own, as PDF or text, beside the parameters. It may wait."),
            "setup-text" if regulated else "",
            done=regulated and bool(own_texts()),
            may_wait=True,
        ),
        Step(
            gettext("The first three people"),
            gettext(
                "Head of the office, data protection officer, IT administrator; each gets a one-time address."
            ),
            "setup-people" if regulated else "",
            done=entered,
        ),
        Step(
            gettext("Whose account it is"),
            gettext("Each chose a password, and a signed paper confirms it."),
            "setup-people" if entered else "",
            done=confirmed,
        ),
    ]
    following = next((step for step in steps if not (step.done or step.may_wait) and step.address), None)
    later = [
        gettext("Places and cameras, telephone lines, the mail journal"),
        gettext("Stations on which recordings are opened"),
        gettext("Storage: where recordings lie, how much is free, for how long it lasts"),
        gettext("The mail server for reminders, with a test message"),
        gettext("The passphrase and its paper copy"),
        gettext("What each kind of monitoring still waits for, with days"),
    ]
    over = confirmed and regulated
    context = {"steps": steps, "following": following, "over": over, "later": later}
    return render(request, "setup/steps.html", context)


def setup_office(request: HttpRequest) -> HttpResponse:
    """Ask whose regulation it is, and which pattern it follows; a draft is kept."""
    if is_regulated():
        return redirect("setup-steps")
    before = set_up().draft
    form = PatternForm(request.POST or None, initial=stated_office(before), drafted=bool(before))
    if request.method == "POST" and form.is_valid():
        office: Mapping[str, Any] = {key: form.cleaned_data[key] for key in OF_OFFICE}
        pattern = form.cleaned_data["pattern"]
        set_up().keep_draft(draft_from(pattern, office) if pattern else with_office(before, office))
        return redirect("setup-regulation")
    return render(request, "setup/office.html", {"form": form}, status=422 if form.errors else 200)


class ParametersForm(PlainForm):
    """A file of parameters that the office has already."""

    file = forms.FileField(
        label=_("File of parameters"),
        help_text=_("as rejent regulation show writes it; its office and periods fill the next two pages"),
        error_messages={"required": _("Choose a file.")},
        widget=forms.ClearableFileInput(attrs={"accept": ".toml,.txt,text/plain"}),
    )

    def clean_file(self) -> str:
        """Return the text. Raises ValidationError: it is none, or too long."""
        given: bytes = self.cleaned_data["file"].read(LARGEST_PARAMETERS + 1)
        try:
            text = given.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ValidationError(gettext("The text is not UTF-8.")) from None
        if len(given) > LARGEST_PARAMETERS:
            raise ValidationError(
                gettext("The file is larger than %(size)s.") % {"size": size_words(LARGEST_PARAMETERS)}
            )
        return text.replace("\r\n", "\n")


def setup_parameters(request: HttpRequest) -> HttpResponse:
    """Take in a file of parameters as the draft; one in which something is wrong is not taken, and each finding names its line and key."""
    if is_regulated():
        return redirect("setup-steps")
    form = ParametersForm(request.POST or None, request.FILES or None)
    findings: list[Finding] = []
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["file"]
        findings = sorted(check(text), key=lambda each: each.severity is not Severity.ERROR)
        if not count_errors(findings):
            set_up().keep_draft(text)
            messages.success(request, gettext("The file is taken in: the pages that follow begin with it."))
            return redirect("setup-office")
    context = {"form": form, "findings": word_findings(findings), "barred": count_errors(findings)}
    return render(request, "setup/parameters.html", context, status=422 if form.errors else 200)


def setup_regulation(request: HttpRequest) -> HttpResponse:
    """Show the draft's parameters with what the statute says of them; put it in force where nothing forbids it."""
    draft = set_up().draft
    if is_regulated() or not draft:
        return redirect("setup-steps")
    form = RegulationForm(request.POST or None, began=draft)
    text = draft
    if request.method == "POST" and form.is_valid():
        text = form.text
        set_up().keep_draft(text)
        if not count_errors(check(text)) and is_confirmed(request):
            services.found_regulation(
                text, test=settings.INSTALLATION.test, clock=settings.CLOCK, actor=ACTOR
            )
            messages.success(request, gettext("The regulation is in force from today."))
            return redirect("setup-people")
        form = RegulationForm(began=text)
    findings = check(text)
    streams, others = form.parts(findings)
    context = {
        "form": form,
        "streams": streams,
        "others": others,
        "sound": not count_errors(findings),
        "barred": count_errors(findings),
        "today": civil_date(settings.CLOCK.now()),
    }
    return render(request, "setup/regulation.html", context, status=422 if form.errors else 200)


def setup_text(request: HttpRequest) -> HttpResponse:
    """Ask for the office's own text of the regulation that is in force; it may wait."""
    if not is_regulated():
        return redirect("setup-steps")
    form = OwnTextForm(
        request.POST or None,
        request.FILES or None,
        newest=None,
        adopted=queries.verified_version(queries.every_version()[0].version).adopted,
        initial=first_facts(None),
    )
    if request.method == "POST" and form.is_valid():
        try:
            form.enter(clock=settings.CLOCK, actor=ACTOR)
        except RejentError as error:
            form.refuse(error)
        else:
            messages.success(request, gettext("The text of the regulation is entered."))
            return redirect("setup-people")
    return render(request, "setup/text.html", {"form": form}, status=422 if form.errors else 200)


def setup_end(request: HttpRequest) -> HttpResponse:
    """End set-up: the addresses of it exist no more, and the people go on in their own names."""
    set_up().end()
    messages.success(request, gettext("Set-up is ended. From now on everybody signs in."))
    return unbind(redirect("account_login"))
