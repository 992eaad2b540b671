"""Saying in which call one read the announcement."""

from django.utils.translation import gettext_lazy as _

from rejent.web.pages.plain_form import PlainForm, text


class ReadForm(PlainForm):
    """From where, and to whom."""

    own = text(_("Your extension or number"), "", hint=_("from which the call was made"), max_length=40)
    called = text(_("Number that was called"), "", hint=_("the whole number, in any spelling"), max_length=60)
