"""Finding a recording, and why."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.access.rules import Provisions
from rejent.catalog.views import SourceView
from rejent.kernel.civil_time import AmbiguousTimeError, instant_at
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.kernel.plain_text import is_plain
from rejent.web.forms.plain import DayField, one_of, text
from rejent.web.forms.presence import PresenceFields
from rejent.web.when import as_written, read_time


def _demand_plain(case: str) -> None:
    """Refuse a case sign that a register would show otherwise than it was typed.

    Raises:
        ValidationError: it holds invisible characters.
    """
    if not is_plain(case):
        raise ValidationError(
            f"{gettext('A case may hold no invisible characters.')} {gettext('Type it anew.')}"
        )


class WhyForm(PresenceFields):
    """Why a recording is opened, and who is there."""

    purpose = one_of(
        _("Purpose"),
        _("Choose a purpose. Without one no recording is opened."),
        hint=_("only purposes of the regulation"),
    )
    case = text(
        _("Case sign"),
        _("Enter the case sign. Without one no recording is opened."),
        hint=_("for example OR.1431.17.2026"),
        max_length=120,
        validators=[_demand_plain],
    )

    def __init__(
        self,
        *args: Any,
        purposes: Mapping[str, str],
        demands: Provisions | None,
        sound: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.keep_presence(
            second=demands is not None and demands.second_person,
            guests=demands is not None and demands.guests,
            ban=demands is not None and demands.photographing_forbidden,
            sound=sound,
        )
        purpose = self.fields["purpose"]
        if isinstance(purpose, forms.ChoiceField):
            purpose.choices = [("", _("choose")), *purposes.items()]


class FindForm(WhyForm):
    """Where, when and why; a recording is opened for a purpose and a case, never just so."""

    field_order = ("source", "day", "time", "purpose", "case")

    source = one_of(_("Camera"), _("Choose a camera."))
    day = DayField(
        label=_("Date"), error_messages={"required": _("Enter the date. Write it like this: 21.11.2026.")}
    )
    time = text(
        _("About what time"),
        _("Enter the time. Write it like 14:05 or 14:05:09."),
        hint=_("for example 14:05"),
        width="w-8",
        max_length=30,
    )

    def __init__(
        self,
        *args: Any,
        sources: list[SourceView],
        now: datetime,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._now = now
        self.twice: AmbiguousTimeError | None = None
        self.moment: datetime | None = None
        camera, day = self.fields["source"], self.fields["day"]
        if isinstance(camera, forms.ChoiceField):
            camera.choices = [("", _("choose")), *_by_building(sources)]
        if isinstance(day, DayField):
            day.today = civil_date(now)

    def clean_time(self) -> str:
        """The time in the form that reads back."""
        try:
            return as_written(read_time(self.cleaned_data["time"]))
        except RejentError as error:
            raise ValidationError(error.sentence(gettext)) from None

    def clean(self) -> dict[str, Any]:
        """Which instant is meant; `twice` says that the hour ran twice and nobody said which run."""
        cleaned = super().clean() or {}
        if "day" in cleaned and "time" in cleaned:
            try:
                self.moment = instant_at(cleaned["day"], cleaned["time"])
            except AmbiguousTimeError as error:
                self.twice = error
                self.refuse(error, "time")
            except RejentError as error:
                self.refuse(error, "time")
            if self.moment is not None and self.moment > self._now + timedelta(seconds=1):
                self.add_error(
                    "day", gettext("This moment lies in the future. Enter today's date or an earlier one.")
                )
        return cleaned


def _by_building(sources: list[SourceView]) -> list[tuple[str, list[tuple[str, str]]]]:
    grouped: dict[str, list[tuple[str, str]]] = {}
    for source in sources:
        same = source.place.casefold() in {"", source.name.casefold()}
        words = source.name if same else f"{source.name} – {source.place}"
        grouped.setdefault(source.building or gettext("Cameras"), []).append((source.id, words))
    return list(grouped.items())
