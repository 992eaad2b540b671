"""The fields and states of a protocol in the reader's words, and its forms: the writing, the position on it, notes."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.access.services.protocols import LONGEST_NOTE, LONGEST_TEXT
from rejent.access.views import ProtocolState, ProtocolView
from rejent.catalog import queries as catalog
from rejent.office.regulation.forms import FormPaper
from rejent.web.pages.plain_form import PlainForm, text
from rejent.web.registers.filled_forms import form_of
from rejent.web.words.recordings import pages_of

FIELDS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "event-time": (
        _("Date and time of the event"),
        _("as it is told there; the protocol lists the parts that were shown by itself"),
    ),
    "parties": (
        _("Who took part, or the kind of case"),
        _("employees by name and post; others as far as they are known, else the kind of case"),
    ),
    "place": (_("Place of the event"), _("for example the entrance, the counter, or the telephone number")),
    "breach": (_("Kind of breach and its circumstances"), _("what happened, and what else matters for it")),
    "causes": (_("Causes of the event"), _("as far as they can be told; else that they are not known")),
    "actions": (
        _("Actions taken"),
        _("for example: a hold placed, the police told, a superior told; or none"),
    ),
    "proceedings": (_("Explanatory proceedings"), _("who conducts them and under which sign; or none")),
    "findings": (_("What was found"), _("what it tells for this case; or that it tells nothing")),
    "follow-up": (
        _("What follows from it"),
        _("for example: a hold placed, handed to the police, nothing further"),
    ),
}
"""Title and hint of each field."""

STATES: Mapping[ProtocolState, tuple[str, str | Promise]] = {
    ProtocolState.OPEN: ("recording", pgettext_lazy("state of a protocol", "still open")),
    ProtocolState.UNFINISHED: ("attention", pgettext_lazy("state of a protocol", "to be finished")),
    ProtocolState.WAITING: ("held", pgettext_lazy("state of a protocol", "waits for the position")),
    ProtocolState.COMPLETE: ("neutral", pgettext_lazy("state of a protocol", "complete")),
}
"""Tint and word of each state."""


def protocol_title(view: ProtocolView) -> str:
    """Return the title of a protocol, after its act."""
    return str(pages_of(view.source_id).words.protocol) % {"number": view.number}


def field_title(field: str, named: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the title of a field, as the form ``named`` it, else in our own words; the identifier of an unknown one."""
    known = FIELDS.get(field)
    return named.get(field) or (str(known[0]) if known else field)


def names_on_form(view: ProtocolView) -> dict[str, str]:
    """Return what the form of a protocol calls its fields, without their numbers; nothing where there is no form, or for readers of another language."""
    if not (get_language() or "").startswith("pl"):
        return {}
    form = form_of(view.version, catalog.stream_of(view.source_id), FormPaper.PLAYBACK)
    return {field: _NUMBERED.sub("", name) for field, name in form.named.items()} if form else {}


_NUMBERED = re.compile(r"^\d+\. ?")


def state_words(state: ProtocolState) -> str:
    """Return the word of a state."""
    return str(STATES[state][1])


_WHOLE = 3
"""Lines of a field that takes a paragraph or more."""

_NOTHING = _("Nothing is written here. Where there is nothing to tell, write that.")


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class WritingForm(PlainForm):
    """The fields that the protocol of one viewing demands, as its form ``named`` them; as a draft each may be empty."""

    def __init__(
        self,
        *args: Any,
        demanded: Iterable[str],
        named: Mapping[str, str] = MappingProxyType({}),
        draft: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name in demanded:
            _own, hint = FIELDS.get(name, (name, ""))
            title = field_title(name, named)
            self.fields[name] = text(
                title,
                format_lazy("{title}: {missing}", title=title, missing=_NOTHING),
                hint=hint,  # type: ignore[arg-type]  # a promise of text
                widget=_area(_WHOLE),
                max_length=LONGEST_TEXT,
                required=not draft,
            )

    @property
    def texts(self) -> dict[str, str]:
        """The typed text of every field, valid or not."""
        return {name: str(self[name].value() or "") for name in self.fields}


class PositionForm(PlainForm):
    """The position of who decides on further steps."""

    position = text(
        _("Position on further steps"),
        _("Enter the position: at least one sentence."),
        hint=_("it is entered once and cannot be changed"),
        widget=_area(4),
        max_length=LONGEST_TEXT,
    )


class NoteForm(PlainForm):
    """A correction to what is finished."""

    note = text(
        _("Note to the protocol"),
        _("Enter the note: at least one sentence."),
        hint=_("what is corrected or added; what stands above stays as it is"),
        widget=_area(3),
        max_length=LONGEST_NOTE,
    )
