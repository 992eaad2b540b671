"""Finding a camera's recording, and why; adding and changing a camera."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.catalog.views import SourceView
from rejent.kernel.clock import AmbiguousTimeError, instant_at
from rejent.kernel.errors import RejentError
from rejent.web.pages.plain_form import DayField, PlainForm, one_of, text
from rejent.web.player.opening_forms import WhyForm
from rejent.web.words.identifiers import PLACE_KINDS
from rejent.web.words.when import as_written, read_time


class FindForm(WhyForm):
    """Form for place, moment and purpose; a recording is opened for a purpose and a case."""

    field_order = ("source", "day", "time", "purpose", "case")

    source = one_of(_("Camera"), _("Choose a camera."))
    day = DayField(_("Date"), _("Enter the date. Write it like this: 21.11.2026."))
    time = text(
        _("About what time"),
        _("Enter the time. Write it like 14:05 or 14:05:09."),
        hint=_("for example 14:05"),
        width="w-8",
        max_length=30,
    )

    def __init__(self, *args: Any, sources: list[SourceView], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = now
        self.twice: AmbiguousTimeError | None = None
        self.moment: datetime | None = None
        camera = self.fields["source"]
        if isinstance(camera, forms.ChoiceField):
            camera.choices = [("", _("choose")), *_by_building(sources)]

    def clean_time(self) -> str:
        """Return the time in the form that reads back."""
        try:
            return as_written(read_time(self.cleaned_data["time"]))
        except RejentError as error:
            raise ValidationError(error.sentence(gettext)) from None

    def clean(self) -> dict[str, Any]:
        """Return the fields with the instant meant; ``twice`` marks an hour that ran twice where nobody said which run."""
        cleaned = super().clean() or {}
        if "day" in cleaned and "time" in cleaned:
            try:
                self.moment = instant_at(cleaned["day"], cleaned["time"])
            except AmbiguousTimeError as error:
                self.twice = error
                self.refuse(error, "time")
            except RejentError as error:
                self.refuse(error, "time")
            if self.moment is not None and self.moment > self._now + timedelta(seconds=1):
                self.add_error(
                    "day", gettext("This moment lies in the future. Enter today's date or an earlier one.")
                )
        return cleaned


def _by_building(sources: list[SourceView]) -> list[tuple[str, list[tuple[str, str]]]]:
    grouped: dict[str, list[tuple[str, str]]] = {}
    for source in sources:
        same = source.place.casefold() in {"", source.name.casefold()}
        words = source.name if same else f"{source.name} – {source.place}"
        grouped.setdefault(source.building or gettext("Cameras"), []).append((source.id, words))
    return list(grouped.items())


def _fingerprint() -> forms.CharField:
    return text(
        _("Fingerprint of the certificate"),
        hint=_(
            "only for an address that begins with rtsps or https: SHA-256, 64 hexadecimal digits, as the camera's own pages show it"
        ),
        max_length=200,
    )


def _known(names: str) -> forms.TextInput:
    """Return a line that offers the names entered already, which stand in the page's list."""
    return forms.TextInput(attrs={"autocomplete": "off", "list": names})


def _carried() -> forms.CharField:
    """Return a field that nobody sees: where the camera was found by ONVIF, and which of its streams was chosen."""
    return forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)


class SourceForm(PlainForm):
    """A camera: what it is called, where it is, how it is reached."""

    name = text(
        _("Name"), _("Enter a name."), hint=_("for example: Hall on the ground floor"), max_length=120
    )
    building = text(_("Building"), _("Enter the building."), max_length=120, widget=_known("buildings"))
    place = text(
        _("Place"),
        _("Enter the place."),
        hint=_("as the regulation's annex calls it"),
        max_length=120,
        widget=_known("places"),
    )
    kind = one_of(
        _("Kind of place"),
        _("Choose the kind of place."),
        [(str(kind), words) for kind, words in PLACE_KINDS.items()],
        hint=_("the statute forbids monitoring in some of them; the program then says which provision"),
    )
    address = text(
        _("Address of the stream"),
        _("Enter the address of the stream."),
        hint=_(
            "for example rtsp://user:password@192.0.2.10/stream1; once the camera is added, the password is stored sealed and never shown again"
        ),
        max_length=500,
    )
    transport = forms.ChoiceField(
        label=_("Transport"), choices=[("tcp", "TCP"), ("udp", "UDP")], initial="tcp"
    )
    fingerprint = _fingerprint()
    device = _carried()
    profile = _carried()


class SourceAddressForm(PlainForm):
    """Form for a camera's new address and login."""

    address = text(
        _("New address of the stream"),
        _("Enter the address of the stream."),
        hint=_("the whole address with user and password, also where only the password is new"),
        max_length=500,
    )
    transport = forms.ChoiceField(label=_("Transport"), choices=[("tcp", "TCP"), ("udp", "UDP")])
    fingerprint = _fingerprint()
