"""Stations: the list, enrolling one, and striking one off."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.access.rules.sentences import AT_A_STATION
from rejent.devices import queries as stations
from rejent.devices import services
from rejent.devices.authority import LONGEST_VALIDITY_DAYS, SHORTEST_PASSPHRASE
from rejent.devices.errors import DeviceListedError
from rejent.devices.services import device_name
from rejent.devices.views import DeviceView, Lack
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.office import queries
from rejent.office.regulation.vocabulary import Stations
from rejent.web.pages.plain_form import PlainForm, area, clean_again, form_page, new_secret, submit, text
from rejent.web.requests.client_station import client_station, station_words
from rejent.web.requests.visitor import PersonRequest, acting, may


def station_list(request: PersonRequest) -> HttpResponse:
    """List the stations, valid and struck off, and name the one that this request comes from."""
    here = client_station(request)
    rules = queries.verified_streams(civil_date(settings.CLOCK.now())).values()
    clauses = [one.access.clause for one in rules if one.access.stations is Stations.LISTED]
    installation = settings.INSTALLATION
    context = {
        "rows": [(one, _standing(one)) for one in stations.stations()],
        "demanded": bool(clauses),
        "clauses": ", ".join(filter(None, clauses)),
        "asked": installation.client_certificates or bool(installation.station_header),
        "by_itself": installation.by_itself,
        "here": station_words(here),
        "lack": gettext(AT_A_STATION[here.lack]) if here.lack in _TOLD else "",
        "may_enrol": may(request, "enrol-device"),
        "may_revoke": may(request, "revoke-device"),
    }
    return render(request, "people/stations.html", context)


def station_new(request: PersonRequest) -> HttpResponse:
    """Enrol a computer, and hand out the file for its browser: its key and certificate, sealed to a passphrase that is kept nowhere.

    The file lies inside the page that says what to do with it, and nowhere else.
    """
    form = EnrolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            enrolled, bundle = _enrol_station(given, request)
        except RejentError as error:
            form.refuse(error, _FIELDS.get(type(error)))
        else:
            context = {
                "station": enrolled,
                "content": "data:application/x-pkcs12;base64," + b64encode(bundle).decode(),
            }
            return render(request, "people/station_file.html", context)
    return form_page(request, "people/station_new.html", form)


def _enrol_station(given: dict[str, Any], request: PersonRequest) -> tuple[DeviceView, bytes]:
    """Issue the certificate, put the station on the list, and return it with the sealed file, as `rejent device enrol --kind station` does."""
    name, now = device_name(given["name"]), settings.CLOCK.now()
    authority = services.office_authority(settings.CLOCK)
    issued = authority.issue(name, days=given["valid_days"], now=now, passphrase=given["passphrase"])
    enrolled = services.enrol_station(
        name=name,
        place=given["place"],
        address=given["address"],
        fingerprint=issued.fingerprint,
        expires_at=issued.expires_at,
        **acting(request),
    )
    return enrolled, issued.bundle


def station_revoke(request: PersonRequest, station_id: int) -> HttpResponse:
    """Strike a station off; viewings that are open on it end with their next request."""
    found = stations.device(station_id)
    form = StrikeOffForm(request.POST or None)
    answer = submit(
        request,
        form,
        lambda given: services.revoke_device(station_id, reason=given["reason"], **acting(request)),
        gettext("The station is struck off. Viewings open on it end now."),
        "stations",
        field="reason",
    )
    here = client_station(request).station == str(found.id)
    return answer or form_page(request, "people/station_revoke.html", form, found=found, here=here)


_TOLD = frozenset({Lack.REVOKED, Lack.EXPIRED, Lack.ELSEWHERE})
"""What the program knows of a computer that is none of the list, by the certificate that its browser shows."""


def _standing(one: DeviceView) -> tuple[str, str]:
    match one.lack(settings.CLOCK.now()):
        case Lack.REVOKED:
            return "neutral", gettext("struck off")
        case Lack.EXPIRED:
            return "attention", gettext("certificate has ended")
    return "recording", gettext("listed")


class EnrolForm(PlainForm):
    """A computer to be enrolled, and the passphrase of the file for its browser."""

    name = text(_("Name"), _("Enter a name."), hint=_("what people call the computer"), max_length=64)
    place = text(_("Place"), hint=_("where it stands"), max_length=120)
    address = text(
        _("Address"),
        hint=_("10.0.0.7 or 10.0.0.0/24; empty: it is known from anywhere"),
        max_length=43,
        width="w-16",
    )
    valid_days = forms.IntegerField(
        label=_("Valid for days"),
        initial=730,
        min_value=1,
        max_value=LONGEST_VALIDITY_DAYS,
        widget=forms.NumberInput(attrs={"class": "w-8"}),
    )
    passphrase = new_secret(
        _("Passphrase of the file"),
        _("Enter a passphrase."),
        hint=_(
            "at least 12 letters without accents, digits or signs; asked for once, when the file is imported"
        ),
        min_length=SHORTEST_PASSPHRASE,
    )
    again = new_secret(
        _("The same passphrase again"),
        _("Enter the passphrase again."),
    )

    def clean_again(self) -> str:
        """Return the second one. Raises ValidationError: it is another."""
        return clean_again(self, "passphrase", gettext("The two passphrases differ."))


_FIELDS: Mapping[type[RejentError], str] = {DeviceListedError: "name"}


class StrikeOffForm(PlainForm):
    """The reason why a station is struck off."""

    reason = area(
        _("Reason"),
        _("Enter the reason: at least one sentence."),
        hint=_("for example: the computer was replaced, or its disk was lost"),
    )
