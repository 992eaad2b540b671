"""Placing and ending a hold."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.catalog.views import SourceView
from rejent.kernel.clock import AmbiguousTimeError, instant_at
from rejent.kernel.errors import RejentError
from rejent.retention.queries import LONGEST_CASE
from rejent.web.pages.plain_form import DayField, PlainForm, area, one_of, text
from rejent.web.words.sources import name_with_place
from rejent.web.words.when import WithoutYear, as_written, both_runs, read_time


class ItemHoldForm(PlainForm):
    """The case, the grounds and the review day of a hold on one item, such as a call."""

    case = text(
        _("Case sign"),
        _("Enter the case sign."),
        hint=_("for example OR.1431.17.2026"),
        max_length=LONGEST_CASE,
    )
    basis = area(
        _("Grounds"),
        _("Enter the grounds: at least one sentence."),
        hint=_("who asked for it and why, without names of people in the recording"),
        rows=4,
    )
    review_on = DayField(
        _("Look at it again on"),
        _("Enter the day of the review."),
        hint=_("on this day the hold is reviewed; it does not end by itself"),
        meant=WithoutYear.COMING,
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["case"].error_messages["max_length"] = gettext(
            "The case sign is longer than %(most)s characters. Give the sign alone; the rest belongs to the grounds."
        ) % {"most": LONGEST_CASE}
        self._today = today

    def clean_review_on(self) -> date:
        """Return a day to come."""
        return _to_come(self.cleaned_data["review_on"], self._today)


class HoldForm(ItemHoldForm):
    """The interval of a source to be held, with the case, the grounds and the review day."""

    source = one_of(_("Camera"), _("Choose a camera."))
    day = DayField(_("Date of the recording"), _("Enter the date of the recording."))
    start = text(
        _("From"), _("Enter the time it starts."), hint=_("for example 14:30:00"), width="w-8", max_length=30
    )
    end = text(
        _("To"), _("Enter the time it ends."), hint=_("for example 14:44:10"), width="w-8", max_length=30
    )
    field_order = ("source", "day", "start", "end", "case", "basis", "review_on")

    def __init__(self, *args: Any, sources: list[SourceView], today: date, **kwargs: Any) -> None:
        super().__init__(*args, today=today, **kwargs)
        self.interval: tuple[datetime, datetime] | None = None
        self.twice: dict[str, list[tuple[str, str]]] = {}
        self.offer("source", [(source.id, name_with_place(source)) for source in sources])

    def clean(self) -> dict[str, Any]:
        """Return the interval that is meant."""
        cleaned = super().clean() or {}
        ends = [self._instant(cleaned, name) for name in ("start", "end") if "day" in cleaned]
        if len(ends) == 2 and None not in ends:
            first, last = ends[0], ends[1]
            if first is not None and last is not None and first < last:
                self.interval = (first, last)
            else:
                self.add_error("end", gettext("The time “to” is not later than “from”. Correct one of them."))
        return cleaned

    def _instant(self, cleaned: dict[str, Any], name: str) -> datetime | None:
        if name not in cleaned:
            return None
        try:
            written = read_time(cleaned[name])
            cleaned[name] = as_written(written)
            return instant_at(cleaned["day"], written)
        except AmbiguousTimeError as error:
            self.twice[name] = both_runs(error)
            self.refuse(error, name)
        except RejentError as error:
            self.refuse(error, name)
        return None


def _to_come(day: date, today: date) -> date:
    if day <= today:
        raise ValidationError(gettext("The day of the review has passed. Enter a later one."))
    return day


class ReviewHoldForm(PlainForm):
    """The reason why a hold goes on, and its next review day."""

    review_on = DayField(
        _("Look at it again on"), _("Enter the day of the review."), meant=WithoutYear.COMING
    )
    reason = area(
        _("Why it goes on"),
        _("Enter the reason: at least one sentence."),
        hint=_("for example: proceedings under way, and the sign of the letter that says so"),
        rows=2,
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today

    def clean_review_on(self) -> date:
        """Return a day to come."""
        return _to_come(self.cleaned_data["review_on"], self._today)


class EndHoldForm(PlainForm):
    """The reason why a hold ends."""

    reason = area(
        _("Reason"),
        _("Enter the reason: at least one sentence."),
        hint=_("for example: proceedings finally concluded, and the sign of the letter that says so"),
    )
