"""The form of an application, as its office's regulation has it, and the form of the decision."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.cases.kinds import KINDS, RIGHTS, Demands
from rejent.cases.queries import is_namesake
from rejent.cases.rules import requested_interval
from rejent.cases.services.entering import (
    LONGEST_ADDRESS,
    LONGEST_CONTACT,
    LONGEST_LINE,
    LONGEST_NAME,
    LONGEST_TEXT,
)
from rejent.cases.views import Applicant, Application, Channel, Kind, State
from rejent.kernel.clock import instant_at
from rejent.kernel.errors import RejentError
from rejent.kernel.intervals import Interval
from rejent.office.regulation.vocabulary import ApplicationField
from rejent.office.views import PersonView
from rejent.web.cases.words import (
    CASE_STATES,
    CHANNELS,
    DESPITE,
    FIELDS,
    IDENTITIES,
    fields_of_form,
    right_words,
)
from rejent.web.pages.plain_form import DayField, PlainForm, area, one_of, several_of, text
from rejent.web.stream_parts import PAGES
from rejent.web.words.provenance import source_words
from rejent.web.words.when import as_written, read_time

STRANGER = "-"
"""Chosen where the applicant only bears the name of somebody of the office."""
_TIMED = frozenset({ApplicationField.EXACT_TIME, ApplicationField.APPROXIMATE_TIME})
_LONG = frozenset({ApplicationField.DESCRIPTION, ApplicationField.PURPOSE})


class Event(NamedTuple):
    """When an event was, as a form says it."""

    first: date | None
    last: date | None
    interval: Interval | None
    about: datetime | None


NO_EVENT = Event(None, None, None, None)


class CaseForm(PlainForm):
    """An application; texts and sources are those that the regulation and the stream ask for.

    ``sources`` are identifier and name of each to choose from, none where the kind finds recordings by itself; ``people`` are those of the
    office, for an applicant who is one of them.
    """

    applicant = text(_("Applicant"), _("Enter who applies."), max_length=LONGEST_NAME)
    address = text(_("Address"), hint=_("for letters; may be empty"), max_length=LONGEST_ADDRESS)
    contact = text(_("Telephone or e-mail"), hint=_("may be empty"), max_length=LONGEST_CONTACT)
    own = forms.ChoiceField(
        label=_("Does the applicant work in the office?"),
        required=False,
        help_text=_("nobody decides on their own application"),
    )
    event_first = DayField(_("Day of the event"), _("Enter the day of the event."))
    event_last = DayField(_("or up to the day"), hint=_("only if the day is not known exactly"))
    start = text(_("From or about"), hint=_("for example 14:30"), max_length=30)
    end = text(_("To"), hint=_("may be empty"), max_length=30)
    right = one_of(_("Which right is used"), _("Choose the right."))
    identity = one_of(
        _("How the identity was checked"),
        _("Choose how."),
        hint=_("without it no right is granted (GDPR art. 12(6))"),
    )
    sources = forms.MultipleChoiceField(
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
    received_on = DayField(_("Received on"), _("Enter the day of receipt."))
    posted_on = DayField(_("Posted on"), hint=_("postmark, of what came by post"))

    def __init__(
        self,
        *args: Any,
        kind: Kind,
        stream: str,
        demands: Demands,
        sources: Sequence[tuple[str, str]],
        people: Sequence[PersonView],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._kind, self._stream, self._people = kind, stream, people
        self._rules = KINDS[kind]
        self.texts = fields_of_form(demands)
        for field in self.texts:
            demanded = field in demands.fields
            source = self._source(field) if demanded else ""
            self.fields[field.value] = _detail_field(field, required=demanded, source=source)
        self._leave_out(sources)
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

    def _source(self, field: ApplicationField) -> str:
        section = _SECTIONS.get(self._kind)
        return source_words(self._stream, f"{section}.fields.{field.value}") if section else ""

    def _leave_out(self, sources: Sequence[tuple[str, str]]) -> None:
        left_out = (
            set() if self._rules.recordings else {"event_first", "event_last", "start", "end", "sources"}
        )
        if sources:
            self.offer("sources", sources)
            self.fields["sources"].label = str(PAGES.of(self._stream).words.sought)
        else:
            left_out.add("sources")
        if self._rules.of_a_right:
            self.offer("right", [(right.value, right_words(right)) for right in RIGHTS])
            self.fields["sources"].help_text = gettext(
                "what is chosen is held until the decision for access, restriction and portability alone"
            )
            self.offer("identity", [(each.value, words) for each, words in IDENTITIES.items()])
        else:
            left_out |= {"right", "identity"}
        for name in left_out:
            del self.fields[name]

    def detail_fields(self) -> list[Any]:
        """Return the bound fields of the texts, in the order of the form; the letter's day stands with how it was filed."""
        return [self[field.value] for field in self.texts if field is not ApplicationField.LETTER_DAY]

    def letter_day(self) -> Any:
        """Return the bound field of the letter's own day."""
        return self[ApplicationField.LETTER_DAY.value]

    def clean(self) -> dict[str, Any]:
        """Read the application that is meant, as ``application``."""
        cleaned = super().clean() or {}
        self._require_namesake(cleaned)
        if self.errors:
            return cleaned
        event = self._event(cleaned) if self._rules.recordings else NO_EVENT
        if event is None:
            return cleaned
        chosen = cleaned["own"] if cleaned["own"] != STRANGER else ""
        cleaned["application"] = Application(
            kind=self._kind,
            stream=self._stream,
            channel=Channel(cleaned["channel"]),
            received_on=cleaned["received_on"],
            event_first=event.first,
            event_last=event.last,
            interval=event.interval,
            applicant=Applicant(cleaned["applicant"], cleaned["address"], cleaned["contact"], chosen),
            about=event.about,
            posted_on=cleaned["posted_on"] if cleaned["channel"] == Channel.POST else None,
            details={
                field.value: str(cleaned[field.value]) for field in self.texts if cleaned.get(field.value)
            },
            source_ids=frozenset(cleaned.get("sources", ())),
            right=cleaned.get("right", ""),
            identity=cleaned.get("identity", ""),
        )
        return cleaned

    def _event(self, cleaned: dict[str, Any]) -> "Event | None":
        """Return when the event was; None where that cannot be read, which the form says then."""
        first = cleaned["event_first"]
        last = cleaned["event_last"] or first
        about, until = self._instant(first, "start"), self._instant(last, "end")
        if self.errors:
            return None
        if about is None and until is not None:
            self.add_error("start", gettext("Enter the time “from” as well."))
            return None
        try:
            return Event(first, last, requested_interval(first, max(first, last), about, until), about)
        except RejentError as error:
            self.refuse(error, getattr(error, "part", "") or None)
            return None

    def _require_namesake(self, cleaned: dict[str, Any]) -> None:
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


_SECTIONS = {Kind.PRESERVATION: "preservation", Kind.DISCLOSURE: "handover"}
"""Where the regulation says what an application of a kind must state."""


def _detail_field(field: ApplicationField, *, required: bool, source: str) -> forms.CharField:
    label, hint = FIELDS[field]
    missing = gettext("%(field)s: nothing is written here. Enter it.") % {"field": label}
    told = "; ".join(part for part in (str(hint), source) if part)
    if field is ApplicationField.LETTER_DAY:
        return DayField(str(label), missing if required else None, hint=told)
    more: dict[str, Any] = {"required": required, "hint": told, "max_length": LONGEST_TEXT}
    if field in _LONG:
        more["widget"] = forms.Textarea(attrs={"rows": 2})
    return text(str(label), missing, **more)


class CorrectionForm(CaseForm):
    """An application as it should have been entered, and why it was not."""

    reason = text(
        _("Why it is corrected"),
        _("Give a reason."),
        hint=_("for example: a digit of the day was mistyped"),
        max_length=LONGEST_LINE,
    )


class WithdrawForm(PlainForm):
    """The day on which an applicant took the application back."""

    withdrawn_on = DayField(_("Withdrawn on"), _("Enter the day of the withdrawal."))


class RecipientToldForm(PlainForm):
    """When and how a recipient was told of a decision."""

    told_on = DayField(_("Told on"), _("Enter the day."))
    channel = forms.ChoiceField(label=_("How"), choices=list(CHANNELS.items()))


class ProlongForm(PlainForm):
    """The reasons why an answer comes later."""

    reasons = area(
        _("Reasons"),
        _("An answer is put off with reasons (GDPR art. 12(3))."),
        hint=_("such as the complexity or the number of applications; the person is told within the month"),
        max_length=LONGEST_TEXT,
    )


class EraseForm(PlainForm):
    """The grounds on which what an applicant said is erased."""

    grounds = text(
        _("Term that ended"),
        _("Say which term of the office's file plan ended."),
        hint=_("class of the file plan and the day on which its term ended"),
        max_length=LONGEST_LINE,
    )


class DecisionForm(PlainForm):
    """A decision on an application.

    ``evidence``: it is asked whether the recording may be evidence; ``restricted``: somebody recorded had some of it restricted.
    """

    outcome = forms.ChoiceField(
        label=_("Decision"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a decision."), "invalid_choice": _("Choose a decision.")},
    )
    kept = several_of(_("What stays held"), hint=_("of a consent in part; the other holds are lifted"))
    basis = text(_("Legal basis"), _("Enter the legal basis."), max_length=LONGEST_TEXT)
    reasons = area(_("Reasons"), hint=_("demanded of a refusal, also in part"), max_length=LONGEST_TEXT)
    despite = forms.ChoiceField(
        label=_(
            "Somebody recorded had this recording restricted. Is it used for this application nevertheless?"
        ),
        help_text=_("without a ground nobody copies it or hands it over (GDPR art. 18(2))"),
        required=False,
        choices=[("", _("no")), *((each.value, words) for each, words in DESPITE.items())],
        widget=forms.RadioSelect,
    )
    knowledge = forms.ChoiceField(
        label=_("Does the office know now that the recording may be evidence in proceedings?"),
        help_text=_(
            "an answer is demanded of a refusal, of an erasure, and of what was withdrawn or filed late; if so, it stays held whatever is decided"
        ),
        required=False,
        choices=[("yes", _("yes, it may be evidence")), ("no", _("no, nothing points to it"))],
        widget=forms.RadioSelect,
    )

    def __init__(
        self,
        *args: Any,
        possible: Sequence[State],
        holds: Sequence[tuple[str, str]],
        evidence: bool,
        restricted: bool,
        **kwargs: Any,
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
        if not evidence:
            del self.fields["knowledge"]
        if not restricted:
            del self.fields["despite"]
        if State.WITHDRAWN in outcomes:
            self.fields["basis"].required = False

    def answer(self) -> bool | None:
        """Return the answer on evidence; None where none is given."""
        return {"yes": True, "no": False}.get(self.cleaned_data.get("knowledge", ""))
