"""Striking a station off the list."""

from django import forms
from django.utils.translation import gettext_lazy as _

from rejent.web.pages.plain_form import PlainForm, text


class StrikeOffForm(PlainForm):
    """The reason why a station is struck off."""

    reason = text(
        _("Reason"),
        _("Enter the reason: at least one sentence."),
        hint=_("for example: the computer was replaced, or its disk was lost"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )
