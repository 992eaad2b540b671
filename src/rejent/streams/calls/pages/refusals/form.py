"""Entering a number whose calls are not recorded."""

from django.utils.translation import gettext_lazy as _

from rejent.web.pages.plain_form import PlainForm, text


class RefusedNumberForm(PlainForm):
    """Form for a number whose calls are not recorded."""

    number = text(
        _("Number of who refused"),
        _("Enter the number."),
        hint=_("the whole number, in any spelling, for example +48 10 555 01 23"),
        max_length=60,
    )
