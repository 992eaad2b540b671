"""Signing in with what one types at every other computer of the office."""

from django import forms
from django.utils.translation import gettext_lazy as _

from rejent.web.pages.plain_form import PlainForm, text


class DirectoryForm(PlainForm):
    """Name and password as the directory knows them."""

    login = text(
        _("User name in the directory"),
        _("Enter your user name in the directory."),
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
        max_length=256,
    )
    password = forms.CharField(
        label=_("Password in the directory"),
        error_messages={"required": _("Enter your password in the directory.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
        max_length=1024,
    )
