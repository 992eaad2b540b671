"""Forms of a protocol: the writing after a viewing, the position on it, and notes."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from rejent.access.services.protocols import LONGEST_NOTE, LONGEST_TEXT
from rejent.web.pages.plain_form import PlainForm, text
from rejent.web.registers.protocol_words import FIELDS

_WHOLE = 3
"""Lines of a field that takes a paragraph or more."""

_NOTHING = _("Nothing is written here. Where there is nothing to tell, write that.")


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class WritingForm(PlainForm):
    """The fields that the protocol of one viewing demands; as a draft each may be empty."""

    def __init__(self, *args: Any, demanded: Iterable[str], draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in demanded:
            title, hint = FIELDS.get(name, (name, ""))
            self.fields[name] = text(
                title,  # type: ignore[arg-type]  # a promise of text
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
