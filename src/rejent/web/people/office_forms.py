"""Sources, people and their authorisations."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.catalog.views import SourceView
from rejent.office.people.duties import may_change
from rejent.office.people.role_words import ROLES
from rejent.office.regulation.vocabulary import PlaceKind
from rejent.office.views import PersonView
from rejent.web.pages.plain_form import DayField, PlainForm, one_of, text

KINDS = {
    PlaceKind.ENTRANCE: _("entrance"),
    PlaceKind.CORRIDOR: _("corridor"),
    PlaceKind.STAIRS: _("stairs"),
    PlaceKind.HALL: _("hall"),
    PlaceKind.OFFICE: _("office room"),
    PlaceKind.SERVICE_POINT: _("service point"),
    PlaceKind.MEETING: _("meeting room"),
    PlaceKind.OUTSIDE: _("outside"),
    PlaceKind.ARCHIVE: _("archive"),
    PlaceKind.TOILET: _("sanitary room"),
    PlaceKind.CHANGING: _("changing room"),
    PlaceKind.CANTEEN: _("canteen"),
    PlaceKind.SOCIAL: _("social room"),
    PlaceKind.SMOKING: _("smoking room"),
    PlaceKind.UNION: _("trade union room"),
}
ACTS = {
    "live": pgettext_lazy("what an authorisation covers", "live picture"),
    "recordings": pgettext_lazy("what an authorisation covers", "recordings"),
}


class _OfRoles(PlainForm):
    """A form with a choice of roles."""

    def offer_to(self, acting: Collection[str], by_regulation: Collection[str]) -> None:
        """Show only the roles that somebody may give; one that is sent all the same is refused with its reason."""
        widget = self.fields["roles"].widget
        if isinstance(widget, forms.CheckboxSelectMultiple):
            widget.choices = [
                (role, words) for role, words in ROLES.items() if may_change(acting, [role], by_regulation)
            ]


class PersonForm(_OfRoles):
    """Somebody of the office and their account."""

    name = text(_("Name and surname"), _("Enter the name and surname."), max_length=120)
    post = text(_("Post"), _("Enter the post."), max_length=120)
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        help_text=_("a role decides which pages open; pictures need an authorisation besides"),
        choices=list(ROLES.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    username = text(_("User name"), _("Enter a user name."), max_length=60)
    password = text(
        _("First password"),
        _("Enter a first password."),
        hint=_("at least 12 characters; the person changes it after signing in"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        max_length=128,
    )


class RolesForm(_OfRoles):
    """A person's roles in the office."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=list(ROLES.items()), widget=forms.CheckboxSelectMultiple, required=False
    )


class PasswordForm(PlainForm):
    """A password for somebody who has forgotten theirs."""

    password = text(
        _("New password"),
        _("Enter a new password."),
        hint=_("at least 12 characters; the person changes it after signing in"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        max_length=128,
    )
    without_second_step = forms.BooleanField(
        label=_("Take lost codes and passkeys off the account"), required=False
    )


class AuthorisationForm(PlainForm):
    """The controller's authorisation of a person: stream, acts, cameras, first and last day.

    The stream is offered only where the regulation prescribes more than one.
    """

    person = one_of(_("Person"), _("Choose a person."))
    stream = forms.ChoiceField(
        label=_("Kind of monitoring"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose the kind of monitoring.")),
    )
    acts = forms.MultipleChoiceField(
        label=_("Covers"),
        choices=list(ACTS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what the authorisation covers.")},
    )
    sources = forms.MultipleChoiceField(
        label=_("Cameras"),
        help_text=_("none chosen means every camera"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    valid_from = DayField(label=_("Valid from"), error_messages={"required": _("Enter the first day.")})
    valid_until = DayField(label=_("Valid until"), required=False, help_text=_("leave empty for no end"))

    def __init__(
        self,
        *args: Any,
        people: list[PersonView],
        streams: Mapping[str, str],
        live: Collection[str],
        by_source: Collection[str],
        sources: list[SourceView],
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.streams, self._live, self._by_source = streams, live, by_source
        self.offer("person", [(str(one.id), f"{one.name}, {one.post} ({one.username})") for one in people])
        self.offer("sources", [(source.id, source.name) for source in sources])
        if not sources:
            del self.fields["sources"]
        self._offer_streams()
        self.read_days_from(today)

    def _offer_streams(self) -> None:
        """Offer what the regulation prescribes; where none of it is watched live, nothing live."""
        kind = self.fields["stream"]
        if self.streams.keys().isdisjoint(self._live):
            self.offer("acts", [(act, words) for act, words in ACTS.items() if act != "live"])
        if len(self.streams) == 1:
            del self.fields["stream"]
        elif isinstance(kind, forms.ChoiceField):
            kind.choices = list(self.streams.items())
            kind.initial = max(self.streams, key=lambda name: name in self._by_source)

    def clean(self) -> dict[str, Any]:
        """Return the stream where there is no choice; no cameras but for cameras; the last day is not before the first."""
        cleaned = super().clean() or {}
        if "stream" not in self.fields:
            (cleaned["stream"],) = self.streams
        if cleaned.get("sources") and cleaned.get("stream") not in self._by_source:
            self.add_error("sources", gettext("Choose cameras only where the authorisation is of cameras."))
        first, last = cleaned.get("valid_from"), cleaned.get("valid_until")
        if first and last and last < first:
            self.add_error(
                "valid_until", gettext("The last day is earlier than the first. Correct one of them.")
            )
        return cleaned


class GateForm(PlainForm):
    """A fact that a stream's start needs."""

    on = DayField(label=_("On"), error_messages={"required": _("Enter the day.")})
