"""Parameters of a stream that the form shows, in its order: key, label, and kind of field.

What is not listed stays as it stands in the text that the form began with.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rejent.kernel.terms import RetentionKind, Unit
from rejent.notices.documents.words import BASES, GROUNDS, LATE, PLACES, RECORDS, SECOND, STATIONS
from rejent.office.people.role_words import ROLES
from rejent.office.regulation.vocabulary import (
    Assurance,
    ContractorAccess,
    Ground,
    RoleName,
)
from rejent.web.pages.plain_form import one_of, several_of, text
from rejent.web.stream_parts import PAGES

if TYPE_CHECKING:
    from django.utils.functional import Promise
    from django.utils.functional import _StrPromise as Translated
else:
    Promise = Translated = str

Words = str | Translated

UNITS: Mapping[str, Words] = {Unit.DAYS: _("days"), Unit.WEEKS: _("weeks"), Unit.MONTHS: _("months")}
GROUND_WORDS: Mapping[str, str | Promise] = {
    **{ground.value: words for ground, words in GROUNDS.items()},
    Ground.OUTSIDE_STATUTE: _("none of those that the statute lists"),
}
_KINDS = {
    RetentionKind.MAXIMUM: _("at most: destroyed by the end of the period"),
    RetentionKind.FIXED: _("exactly: readable through its last day, then destroyed"),
}
_CONTRACTOR = {
    ContractorAccess.NEVER: _("never"),
    ContractorAccess.ON_FAULT: _("while a fault is open"),
}
_ASSURANCES = {
    Assurance.NO_AUTOMATED_DECISIONS: _("nothing is decided automatically"),
    Assurance.NO_PROFILING: _("nobody is profiled"),
    Assurance.NO_TRANSFER: _("data are not sent outside the European Economic Area"),
}
_VIEWERS = [(role.value, ROLES[role.value]) for role in RoleName if role is not RoleName.PROTECTION_OFFICER]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a stream: its key within the stream's table, and its field."""

    path: tuple[str, ...]
    field: Callable[[], forms.Field]
    live: bool = False
    """Whether it is shown only for streams of which there is a live picture."""

    @property
    def name(self) -> str:
        """Return the name of its field, without the stream."""
        return "-".join(self.path)


def _choice(label: Words, options: Mapping[Any, str | Promise]) -> Callable[[], forms.Field]:
    pairs: list[tuple[Any, Any]] = [(str(value), words) for value, words in options.items()]
    return lambda: forms.ChoiceField(label=label, choices=pairs)


def _number(label: Words, *, least: int = 0, hint: Words = "") -> Callable[[], forms.Field]:
    def made() -> forms.Field:
        widget = forms.NumberInput(attrs={"class": "w-8", "inputmode": "numeric"})
        return forms.IntegerField(label=label, help_text=hint, min_value=least, required=False, widget=widget)

    return made


def _flag(label: Words) -> Callable[[], forms.Field]:
    return lambda: forms.BooleanField(label=label, required=False)


def _roles(label: Words, hint: Words = "") -> Callable[[], forms.Field]:
    return lambda: several_of(label, options=_VIEWERS, hint=hint)


def _line(label: Words, hint: Words = "") -> Callable[[], forms.Field]:
    return lambda: text(label, hint=hint, max_length=400)


GROUPS: tuple[tuple[Words, tuple[Parameter, ...]], ...] = (
    (
        _("How long recordings are kept"),
        (
            Parameter(("retention", "count"), _number(_("Period"), least=1)),
            Parameter(("retention", "unit"), _choice(_("Counted in"), UNITS)),
            Parameter(("retention", "kind"), _choice(_("The period is meant"), _KINDS)),
            Parameter(
                ("retention", "clause"), _line(_("Where the regulation says so"), _("for example § 3 ust. 4"))
            ),
        ),
    ),
    (
        _("Who sees them, where and how"),
        (
            Parameter(("places", "shown"), _choice(_("Places of cameras"), PLACES), live=True),
            Parameter(
                ("access", "live"),
                _roles(_("Live picture may be seen by"), _("nobody where nothing is ticked")),
                live=True,
            ),
            Parameter(
                ("access", "recordings"),
                _roles(_("Recordings may be opened by"), _("each needs an authorisation besides")),
            ),
            Parameter(("access", "second_person"), _choice(_("A second person is present"), SECOND)),
            Parameter(("access", "stations"), _choice(_("Recordings open on"), STATIONS)),
            Parameter(
                ("access", "second_factor"), _flag(_("Only who signs in with codes or a passkey, too"))
            ),
            Parameter(("access", "playback_record"), _choice(_("A viewing leaves"), RECORDS)),
            Parameter(
                ("access", "photographing_forbidden"), _flag(_("Photographing the screen is forbidden"))
            ),
            Parameter(("access", "contractor"), _choice(_("A maintenance firm is let in"), _CONTRACTOR)),
        ),
    ),
    (
        _("Applications and copies"),
        (
            Parameter(
                ("preservation", "window", "count"),
                _number(_("An application is filed within"), least=1, hint=_("empty: at any time")),
            ),
            Parameter(("preservation", "window", "unit"), _choice(_("Counted in"), UNITS)),
            Parameter(("preservation", "late"), _choice(_("An application filed later"), LATE)),
            Parameter(
                ("handover", "deputy_in_absence"), _flag(_("The deputy decides while the head is away"))
            ),
            Parameter(
                ("copies", "lifetime", "count"),
                _number(_("A copy is kept for"), least=1, hint=_("empty: decided for each copy")),
            ),
            Parameter(("copies", "lifetime", "unit"), _choice(_("Counted in"), UNITS)),
            Parameter(("copies", "commission"), _number(_("People of a commission that destroys"), least=1)),
        ),
    ),
    (
        _("What people are told"),
        (
            Parameter(
                ("notices", "staff_days"),
                _number(
                    _("Full days before the start when employees are told"), hint=_("the statute demands 14")
                ),
            ),
            Parameter(
                ("notices", "new_staff_statement"),
                _flag(_("Nobody sees anything before their signed statement is entered")),
            ),
            Parameter(
                ("notices", "assurances"),
                lambda: several_of(
                    _("The clause assures that"),
                    options=_ASSURANCES.items(),
                    hint=_("tick only what the regulation, or the office, assures"),
                ),
            ),
        ),
    ),
)


def is_live(stream: str) -> bool:
    """Return whether there is a live picture of a stream."""
    return any(name == stream and pages.live for name, pages in PAGES.items())


def parameters_of(stream: str) -> list[tuple[Words, list[Parameter]]]:
    """Return the groups of parameters that a stream has, with their titles."""
    live = is_live(stream)
    return [(title, [one for one in group if live or not one.live]) for title, group in GROUPS]


def purpose_fields() -> dict[str, forms.Field]:
    """Return the fields of one purpose; one whose text is emptied is taken out."""
    return {
        "text": text(
            _("Purpose"), hint=_("in the regulation's words; emptied, it is taken out"), max_length=1000
        ),
        "ground": one_of(_("The statute calls it"), "", GROUND_WORDS.items(), required=False),
        "basis": one_of(
            _("Its legal basis"),
            "",
            BASES.items(),
            hint=_("needed where the monitoring has several and the statute does not say which"),
            required=False,
        ),
        "position": text(
            _("Position of the data protection officer"),
            hint=_("only for a purpose that the statute does not list; without it nobody may choose it"),
            max_length=1000,
        ),
    }
