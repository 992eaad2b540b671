"""The office as its papers name it: fields of the first regulation and of every later version."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from rejent.office.setting_up.draft import office_in
from rejent.web.pages.plain_form import DayField, PlainForm, text
from rejent.web.words.wording import day_digits


class OfficeForm(PlainForm):
    """The office as its papers name it."""

    name = text(_("Name of the office"), _("Enter the name of the office."), max_length=120)
    controller = text(
        _("Controller of the data"),
        _("Enter the controller."),
        hint=_("for example: Mayor of the town; papers and clauses name it"),
        max_length=200,
    )
    address = text(
        _("Address"), _("Enter the address."), hint=_("in one line, as it stands on letters"), max_length=200
    )
    email = text(_("E-mail of the office"), hint=_("clauses and forms state it"), max_length=200)
    telephone = text(_("Telephone of the office"), max_length=60)
    head = text(
        _("Head of the office"), _("Enter the post."), hint=_("the post, not the name"), max_length=120
    )
    deputy = text(_("Deputy head"), hint=_("the post; empty where there is none"), max_length=120)
    contact = text(
        _("Contact of the data protection officer"),
        _("Enter an e-mail address or a telephone number."),
        max_length=200,
    )
    contact_telephone = text(_("Telephone of the data protection officer"), max_length=60)
    title = text(
        _("Title of the regulation"),
        _("Enter the title of the regulation."),
        hint=_("as it was adopted"),
        max_length=300,
    )
    adopted = DayField(_("Adopted on"), hint=_("for example 21.11.2026; empty where it is not adopted yet"))


def stated_office(draft: str) -> dict[str, Any]:
    """Return what the form begins with: the day as people write it."""
    stated = office_in(draft)
    return {**stated, "adopted": day_digits(stated["adopted"])} if "adopted" in stated else stated
