"""The form of an application, as its office's regulation has it, and the form of the decision."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.cases.queries import is_namesake
from rejent.cases.rules import Demands, sought
from rejent.cases.services.entering import LONGEST_ADDRESS, LONGEST_CONTACT, LONGEST_NAME, LONGEST_TEXT
from rejent.cases.views import Applicant, Application, Channel, Kind, State
from rejent.kernel.civil_time import instant_at
from rejent.kernel.errors import RejentError
from rejent.office.regulation.vocabulary import ApplicationField
from rejent.office.views import PersonView
from rejent.web.cases.words import CASE_STATES, CHANNELS, FIELDS, fields_of_form
from rejent.web.pages.plain_form import DayField, PlainForm, one_of, text
from rejent.web.words.when import as_written, read_time

STRANGER = "-"
"""Chosen where the applicant only bears the name of somebody of the office."""
_TIMED = frozenset({ApplicationField.EXACT_TIME, ApplicationField.APPROXIMATE_TIME})
_LONG = frozenset({ApplicationField.DESCRIPTION, ApplicationField.PURPOSE})


class CaseForm(PlainForm):
    """An application; texts and sources are those that the regulation and the stream ask for.

    Args:
        kind: of application.
        stream: about whose recordings.
        demands: of the regulation.
        sources: identifier and name of each source to choose from; empty where the kind finds recordings by itself.
        people: of the office, for an applicant who is one of them.
        today: the civil date.
    """

    applicant = text(_("Applicant"), _("Enter who applies."), max_length=LONGEST_NAME)
    address = text(
        _("Address"), "", required=False, hint=_("for letters; may be empty"), max_length=LONGEST_ADDRESS
    )
    contact = text(
        _("Telephone or e-mail"), "", required=False, hint=_("may be empty"), max_length=LONGEST_CONTACT
    )
    own = forms.ChoiceField(
        label=_("Does the applicant work in the office?"),
        required=False,
        help_text=_("nobody decides on their own application"),
    )
    event_first = DayField(
        label=_("Day of the event"), error_messages={"required": _("Enter the day of the event.")}
    )
    event_last = DayField(
        label=_("or up to the day"), required=False, help_text=_("only if the day is not known exactly")
    )
    start = text(_("From or about"), "", required=False, hint=_("for example 14:30"), max_length=30)
    end = text(_("To"), "", required=False, hint=_("may be empty"), max_length=30)
    sources = forms.MultipleChoiceField(
        label=_("Which sources may have recorded it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("all that are chosen are held until the decision"),
        error_messages={"invalid_choice": _("Choose among the sources of the list.")},
    )
    channel = one_of(
        _("How it came"),
        _("Choose how it came."),
        [(channel.value, words) for channel, words in CHANNELS.items()],
    )
    received_on = DayField(
        label=_("Received on"), error_messages={"required": _("Enter the day of receipt.")}
    )
    posted_on = DayField(label=_("Posted on"), required=False, help_text=_("postmark, of what came by post"))

    def __init__(
        self,
        *args: Any,
        kind: Kind,
        stream: str,
        demands: Demands,
        sources: Sequence[tuple[str, str]],
        people: Sequence[PersonView],
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._kind, self._stream, self._people = kind, stream, people
        self.read_days_from(today)
        self.texts = fields_of_form(kind, demands.fields)
        for field in self.texts:
            self.fields[field.value] = _text_field(field, required=field in demands.fields)
        if sources:
            self.offer("sources", sources)
        else:
            del self.fields["sources"]
        if _TIMED & set(demands.fields):
            self.fields["start"].required = True
            self.fields["start"].error_messages["required"] = gettext("Enter the time, at least about.")
        own = self.fields["own"]
        if isinstance(own, forms.ChoiceField):
            own.choices = [
                ("", gettext("no")),
                *((str(one.id), one.name) for one in people),
                (STRANGER, gettext("no, but somebody here has the same name")),
            ]
        self.application: Application | None = None

    def detail_fields(self) -> list[Any]:
        """Return the bound fields of the texts, in the order of the form."""
        return [self[field.value] for field in self.texts]

    def clean(self) -> dict[str, Any]:
        """Read the application that is meant."""
        cleaned = super().clean() or {}
        self._demand_namesake(cleaned)
        if self.errors:
            return cleaned
        first = cleaned["event_first"]
        last = cleaned["event_last"] or first
        about, until = self._instant(first, "start"), self._instant(last, "end")
        if self.errors:
            return cleaned
        if about is None and until is not None:
            self.add_error("start", gettext("Enter the time “from” as well."))
            return cleaned
        try:
            interval = sought(first, max(first, last), about, until)
        except RejentError as error:
            self.refuse(error, getattr(error, "part", "") or None)
            return cleaned
        chosen = cleaned["own"] if cleaned["own"] != STRANGER else ""
        self.application = Application(
            kind=self._kind,
            stream=self._stream,
            channel=Channel(cleaned["channel"]),
            received_on=cleaned["received_on"],
            event_first=first,
            event_last=last,
            interval=interval,
            applicant=Applicant(cleaned["applicant"], cleaned["address"], cleaned["contact"], chosen),
            about=about,
            posted_on=cleaned["posted_on"] if cleaned["channel"] == Channel.POST else None,
            details={field.value: cleaned[field.value] for field in self.texts if cleaned.get(field.value)},
            source_ids=frozenset(cleaned.get("sources", ())),
        )
        return cleaned

    def _demand_namesake(self, cleaned: dict[str, Any]) -> None:
        """Ask who is meant where the applicant bears the name of somebody of the office."""
        same = any(is_namesake(cleaned.get("applicant", ""), one.name) for one in self._people)
        if same and not cleaned.get("own"):
            self.add_error(
                "own", gettext("Somebody of this name works in the office. Say whether it is them.")
            )

    def _instant(self, day: date, name: str) -> datetime | None:
        written = self.cleaned_data.get(name, "")
        if not written:
            return None
        try:
            time = read_time(written)
            self.cleaned_data[name] = as_written(time)
            return instant_at(day, time)
        except RejentError as error:
            self.refuse(error, name)
            return None


def _text_field(field: ApplicationField, *, required: bool) -> forms.CharField:
    label, hint = FIELDS[field]
    missing = gettext("The regulation asks for this. Enter it.")
    more: dict[str, Any] = {"required": required, "hint": str(hint), "max_length": LONGEST_TEXT}
    if field in _LONG:
        more["widget"] = forms.Textarea(attrs={"rows": 2})
    return text(str(label), missing, **more)


class DecisionForm(PlainForm):
    """A decision on an application.

    Args:
        possible: the outcomes that the regulation leaves.
        holds: number and words of each hold of the case.
    """

    outcome = forms.ChoiceField(
        label=_("Decision"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a decision."), "invalid_choice": _("Choose a decision.")},
    )
    kept = forms.MultipleChoiceField(
        label=_("What stays held"),
        help_text=_("of a consent in part; the other holds are lifted"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    basis = text(_("Legal basis"), _("Enter the legal basis."), max_length=LONGEST_TEXT)
    reasons = text(
        _("Reasons"),
        "",
        required=False,
        hint=_("demanded of a refusal, also in part"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_TEXT,
    )
    knowledge = forms.ChoiceField(
        label=_("Does the office know now that the recording may be evidence in proceedings?"),
        help_text=_("if so, it stays held whatever is decided on the application (Labour Code art. 22² § 4)"),
        required=False,
        choices=[("yes", _("yes, it may be evidence")), ("no", _("no, nothing points to it"))],
        widget=forms.RadioSelect,
    )

    def __init__(
        self, *args: Any, possible: Sequence[State], holds: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        outcomes = [each for each in possible if each is not State.PARTLY or len(holds) > 1]
        outcome = self.fields["outcome"]
        if isinstance(outcome, forms.ChoiceField):
            outcome.choices = [(each.value, CASE_STATES[each][1]) for each in outcomes]
        if State.PARTLY in outcomes:
            self.offer("kept", holds)
        else:
            del self.fields["kept"]

    def answer(self) -> bool | None:
        """Return the answer on evidence; None where none is given."""
        return {"yes": True, "no": False}.get(self.cleaned_data.get("knowledge", ""))
