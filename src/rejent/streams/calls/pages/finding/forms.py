"""Finding a call by what is known of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.catalog.views import SourceView
from rejent.kernel.civil_time import AmbiguousTimeError, instant_at
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.streams.calls.catalog.views import CallQuestion
from rejent.streams.calls.pages.words.call_words import DIRECTIONS
from rejent.web.pages.plain_form import DayField, PlainForm, one_of, text
from rejent.web.words.when import as_written, read_time

OF_SOUND = {
    "with_guests": (
        _("Somebody without an authorisation listens beside me"),
        _("they are entered before the call is heard"),
    ),
    "acknowledged": (
        _("I know that copying or recording what is heard is forbidden"),
        _("whoever listens beside me knows it too; who listens, when and for which case is entered"),
    ),
}
"""Label and hint of the fields that say something else of a call than of pictures."""


class CallSearchForm(PlainForm):
    """Both numbers, the date and about what time; some of it is known."""

    caller = text(
        _("Number of the caller"),
        "",
        hint=_("in any spelling, or how it ends: at least four digits"),
        required=False,
        max_length=60,
    )
    called = text(
        _("Number that was called"),
        "",
        hint=_("a number of the office, or an extension"),
        required=False,
        max_length=60,
    )
    day = DayField(label=_("Date"), required=False)
    time = text(
        _("About what time"), "", hint=_("for example 14:05"), width="w-8", required=False, max_length=30
    )
    direction = one_of(_("Direction"), "", DIRECTIONS.items(), required=False)
    source = one_of(_("Line"), "", required=False)

    def __init__(self, *args: Any, lines: Iterable[SourceView], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.about: datetime | None = None
        day, line, direction = self.fields["day"], self.fields["source"], self.fields["direction"]
        named = [(source.id, source.name) for source in lines]
        if isinstance(line, forms.ChoiceField) and isinstance(direction, forms.ChoiceField):
            line.choices = [("", _("any")), *named]
            direction.choices = [("", _("either way")), *DIRECTIONS.items()]
        if len(named) < 2:
            del self.fields["source"]
        if isinstance(day, DayField):
            day.today = civil_date(now)

    def clean_time(self) -> str:
        """The time in the form that reads back."""
        if not (written := self.cleaned_data["time"]):
            return ""
        try:
            return as_written(read_time(written))
        except RejentError as error:
            raise ValidationError(error.sentence(gettext)) from None

    def clean(self) -> dict[str, Any]:
        """About which instant; of an hour that ran twice the first run, for what is found is near it."""
        cleaned = super().clean() or {}
        if cleaned.get("time") and "day" in cleaned:
            if cleaned["day"] is None:
                self.add_error("day", gettext("Enter the date too: an hour comes back every day."))
                return cleaned
            try:
                self.about = instant_at(cleaned["day"], cleaned["time"])
            except AmbiguousTimeError as error:
                self.about = error.earlier
            except RejentError as error:
                self.refuse(error, "time")
        return cleaned

    @property
    def question(self) -> CallQuestion:
        """Return the facts for the search; of a form without errors."""
        told = self.cleaned_data
        return CallQuestion(
            caller=told["caller"],
            called=told["called"],
            day=told["day"],
            about=self.about,
            direction=told["direction"],
            source_ids=frozenset(),
        )
