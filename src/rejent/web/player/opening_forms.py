"""Forms of opening a recording: purpose, case, and people beside the viewer."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.access.rules.decision import Provisions
from rejent.kernel.plain_text import is_plain
from rejent.web.pages.plain_form import PlainForm, one_of, text

HERE, APART = "here", "apart"
SECOND_FIELDS = ("second_way", "second_username", "second_password", "second_code")


class PresenceFields(PlainForm):
    """The part of the opening form on who is there; `keep_presence` leaves what the regulation asks for."""

    second_way = forms.ChoiceField(
        label=_("Second person"),
        choices=[(HERE, _("signs in here, below")), (APART, _("agrees from their own computer"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how the second person agrees.")},
    )
    second_username = text(_("User name of the second person"), max_length=150)
    second_password = text(
        _("Password of the second person"),
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    second_code = text(
        _("One-time code of the second person"),
        hint=_("from their app, or a recovery code; who has neither agrees from their own computer"),
        width="w-8",
        max_length=32,
    )
    with_guests = forms.BooleanField(
        label=_("Somebody without an authorisation watches beside me"),
        help_text=_("they are entered before the picture is shown"),
        required=False,
    )
    acknowledged = forms.BooleanField(
        label=_("I know that photographing or filming the screen is forbidden"),
        help_text=_(
            "whoever watches beside me knows it too; the picture shows who watches, when and for which case"
        ),
        error_messages={"required": _("Confirm that you know of the ban. Without that nothing is opened.")},
    )

    def keep_presence(
        self,
        *,
        second: bool,
        guests: bool,
        ban: bool,
        labels: Mapping[str, tuple[str | Promise, str | Promise]],
    ) -> None:
        """Take away what the regulation does not ask for; ``labels`` replace label and hint of fields."""
        for name, (label, hint) in labels.items():
            self.fields[name].label, self.fields[name].help_text = str(label), str(hint)
        gone = [*(SECOND_FIELDS if not second else ()), *(() if guests else ("with_guests",))]
        for name in [*gone, *(() if ban else ("acknowledged",))]:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Demand user name, password and code of a second person who signs in here."""
        cleaned = super().clean() or {}
        if cleaned.get("second_way") == HERE:
            for name, missing in (
                ("second_username", gettext("Enter the second person's user name.")),
                ("second_password", gettext("The second person enters their password.")),
                ("second_code", gettext("The second person enters a one-time code.")),
            ):
                if not cleaned.get(name):
                    self.add_error(name, missing)
        return cleaned


def _require_plain(written: str) -> None:
    """Raise ValidationError on invisible characters, which a register would show otherwise than typed."""
    if not is_plain(written):
        raise ValidationError(gettext("There are invisible characters here. Type it anew."))


class GuestForm(PlainForm):
    """Somebody without an authorisation who is beside the person whose viewing it is."""

    name = text(
        _("Name and surname"), _("Enter the name and surname."), max_length=120, validators=[_require_plain]
    )
    function = text(
        _("Who they are"),
        _("Enter who they are."),
        hint=_("for example: police officer, the person whose bicycle was taken, head of a department"),
        max_length=120,
        validators=[_require_plain],
    )
    reason = text(
        _("Why they are there"),
        _("Enter why they are there."),
        hint=_("for example: recognises their property, explains what is seen or heard"),
        max_length=300,
        validators=[_require_plain],
    )


def _require_plain_case(case: str) -> None:
    if not is_plain(case):
        raise ValidationError(
            f"{gettext('A case may hold no invisible characters.')} {gettext('Type it anew.')}"
        )


class WhyForm(PresenceFields):
    """The purpose and the case of opening a recording, and the people beside the viewer."""

    purpose = one_of(
        _("Purpose"),
        _("Choose a purpose. Without one nothing is opened."),
        hint=_("only purposes of the regulation"),
    )
    case = text(
        _("Case sign"),
        _("Enter the case sign. Without one nothing is opened."),
        hint=_("for example OR.1431.17.2026"),
        max_length=120,
        validators=[_require_plain_case],
    )

    def __init__(
        self,
        *args: Any,
        purposes: Mapping[str, str],
        demands: Provisions | None,
        labels: Mapping[str, tuple[str | Promise, str | Promise]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.keep_presence(
            second=demands is not None and demands.second_person,
            guests=demands is not None and demands.guests,
            ban=demands is not None and demands.photographing_forbidden,
            labels=labels or {},
        )
        self.offer("purpose", purposes.items())
