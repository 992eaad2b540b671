"""Finding a recording, and why."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.access.rules.decision import Provisions
from rejent.kernel.plain_text import is_plain
from rejent.web.pages.plain_form import one_of, text
from rejent.web.player.presence_forms import PresenceFields


def _demand_plain(case: str) -> None:
    """Raise ValidationError on a case sign with invisible characters, which a register would show otherwise than typed."""
    if not is_plain(case):
        raise ValidationError(
            f"{gettext('A case may hold no invisible characters.')} {gettext('Type it anew.')}"
        )


class WhyForm(PresenceFields):
    """The purpose and the case of opening a recording, and the people beside the viewer."""

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
        said: Mapping[str, tuple[str | Promise, str | Promise]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.keep_presence(
            second=demands is not None and demands.second_person,
            guests=demands is not None and demands.guests,
            ban=demands is not None and demands.photographing_forbidden,
            said=said or {},
        )
        purpose = self.fields["purpose"]
        if isinstance(purpose, forms.ChoiceField):
            purpose.choices = [("", _("choose")), *purposes.items()]
