"""Absences, faults, agreements and statements; how long an authorisation is renewed."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rejent.catalog.views import SourceView
from rejent.office.views import PersonView
from rejent.web.pages.plain_form import DayField, PlainForm, one_of, text


class _Dated(PlainForm):
    """A form whose days are read as of today."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.read_days_from(today)


class AbsenceForm(_Dated):
    """An absence of the head."""

    person = one_of(_("Head of the office"), _("Choose who is away."))
    first_day = DayField(label=_("First day"), error_messages={"required": _("Enter the first day.")})
    last_day = DayField(
        label=_("Last day"), required=False, help_text=_("leave empty while the end is not known")
    )

    def __init__(self, *args: Any, heads: list[PersonView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("person", [(str(one.id), one.name) for one in heads])


class FaultForm(PlainForm):
    """A fault of one source, or of the machine."""

    MACHINE = "machine"
    """The choice that means no source but what all of them run on."""

    source = forms.ChoiceField(
        label=_("What is at fault"),
        error_messages={"required": _("Choose what is at fault.")},
        help_text=_(
            "a contractor who is called in reaches this camera or line only; the machine means every one"
        ),
    )
    description = text(
        _("What is wrong"),
        _("Enter what is wrong: at least one sentence."),
        hint=_("without names of people and without anything seen in a picture or heard in a call"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )

    def __init__(self, *args: Any, sources: list[SourceView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [(one.id, one.name) for one in sources]
        self.offer("source", [*places, (self.MACHINE, _("the machine itself"))])


class FaultClosedForm(PlainForm):
    """The repair of a fault."""

    outcome = text(
        _("What was done"),
        _("Enter what was done: at least one sentence."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )


class AgreementForm(_Dated):
    """A processing agreement with a firm, and whom of its people it covers."""

    number = text(_("Number"), _("Enter the number of the agreement."), max_length=80)
    party = text(_("Firm"), _("Enter the firm."), max_length=200)
    concluded_on = DayField(
        label=_("Concluded on"), error_messages={"required": _("Enter the day it was concluded.")}
    )
    valid_from = DayField(label=_("Valid from"), error_messages={"required": _("Enter the first day.")})
    valid_until = DayField(label=_("Valid until"), required=False, help_text=_("leave empty for no end"))
    people = forms.MultipleChoiceField(
        label=_("People of the firm"),
        help_text=_("only people entered as maintenance contractors"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose one person at least.")},
    )

    def __init__(self, *args: Any, contractors: list[PersonView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("people", [(str(one.id), f"{one.name}, {one.post}".rstrip(", ")) for one in contractors])


class StatementForm(_Dated):
    """The day on a signed statement."""

    on = DayField(label=_("Signed on"), error_messages={"required": _("Enter the day on the statement.")})


class RenewalForm(_Dated):
    """The new term of a renewed authorisation."""

    valid_from = DayField(label=_("Valid from"), error_messages={"required": _("Enter the first day.")})
    valid_until = DayField(label=_("Valid until"), required=False, help_text=_("leave empty for no end"))
