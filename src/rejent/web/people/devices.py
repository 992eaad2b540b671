"""Devices that are no stations: the list and since when each is silent, enrolling one by a one-time code, and striking one off."""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.devices import queries, services
from rejent.devices.errors import DeviceListedError
from rejent.devices.views import RIGHTS, DeviceView, Kind, Lack, Right, StateView
from rejent.kernel.errors import RejentError
from rejent.web.pages.plain_form import PlainForm, form_page, one_of, several_of, submit, text
from rejent.web.people.stations import StrikeOffForm
from rejent.web.requests.visitor import PersonRequest, acting, may
from rejent.web.words.identifiers import DEVICE_KINDS

SILENT_AFTER = timedelta(minutes=15)
"""An agent sends a batch in five minutes; two may be lost on the way."""
MOST_FACTS = 50
"""Of the page; all of them are acts in the register."""
_MAY = {Right.RECORD.value: _("send recordings"), Right.REPORT.value: _("say what it is and has")}
_JOINTS = {
    "hole": _("batches are missing"),
    "fork": _("two copies of its key, or an old state of it"),
    "replay": _("an old batch came again"),
}


def device_list(request: PersonRequest) -> HttpResponse:
    """List the devices with what they said last, and what does not join of their batches."""
    states, now = queries.states(), settings.CLOCK.now()
    found = [one for one in queries.devices() if one.kind != Kind.STATION]
    names = {one.id: one.name for one in found}
    context = {
        "rows": [
            (one, DEVICE_KINDS[one.kind], _standing(one, states.get(one.id), now), states.get(one.id))
            for one in found
        ],
        "facts": [
            (one, names.get(one.device_id, ""), _JOINTS[one.kind])
            for one in queries.chain_facts()[:MOST_FACTS]
        ],
        "reached": settings.INSTALLATION.gateway is not None,
        "may_enrol": may(request, "enrol-device"),
        "may_revoke": may(request, "revoke-device"),
    }
    return render(request, "people/devices.html", context)


def device_new(request: PersonRequest) -> HttpResponse:
    """Put a device on the list, and show its one-time code, which is shown on this page alone."""
    form = DeviceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            device, code = services.admit_device(
                kind=Kind(given["kind"]),
                name=given["name"],
                place=given["place"],
                address=given["address"],
                may=set(map(Right, given["may"])),
                authority=services.office_authority(settings.CLOCK),
                **acting(request),
            )
        except RejentError as error:
            form.refuse(error, "name" if isinstance(error, DeviceListedError) else None)
        else:
            gateway = settings.INSTALLATION.gateway
            addresses = [f"{name}:{gateway.port}" for name in gateway.names] if gateway is not None else []
            context = {"device": device, "code": code.text, "addresses": addresses}
            return render(request, "people/device_code.html", context)
    return form_page(request, "people/device_new.html", form)


def device_revoke(request: PersonRequest, device_id: int) -> HttpResponse:
    """Strike a device off; nothing that it sends is taken from its next request on."""
    found = queries.device(device_id)
    form = StrikeOffForm(request.POST or None)
    answer = submit(
        request,
        form,
        lambda given: services.revoke_device(device_id, reason=given["reason"], **acting(request)),
        gettext("The device is struck off. Nothing that it sends is taken any more."),
        "devices",
        field="reason",
    )
    return answer or form_page(request, "people/device_revoke.html", form, found=found)


def _standing(one: DeviceView, state: StateView | None, now: datetime) -> tuple[str, str]:
    lack = one.lack(now)
    if lack is Lack.REVOKED:
        return "neutral", gettext("struck off")
    if not one.is_enrolled:
        return ("attention", gettext("code has ended")) if lack else ("neutral", gettext("code not used yet"))
    if lack is not None:
        return "attention", gettext("certificate has ended")
    if state is None:
        return "attention", gettext("not heard yet")
    silent = now - state.seen_at > SILENT_AFTER
    return ("attention", gettext("silent")) if silent else ("recording", gettext("heard"))


class DeviceForm(PlainForm):
    """A device to be put on the list."""

    kind = one_of(
        _("Kind"),
        _("Choose what it is."),
        [(kind.value, DEVICE_KINDS[kind]) for kind in RIGHTS if kind != Kind.STATION],
    )
    name = text(_("Name"), _("Enter a name."), hint=_("what people call the device"), max_length=64)
    place = text(_("Place"), hint=_("where it stands"), max_length=120)
    address = text(
        _("Address"),
        hint=_("10.0.0.7 or 10.0.0.0/24; empty: it is known from anywhere"),
        max_length=43,
        width="w-16",
    )
    may = several_of(_("It may"), _("Tick what it may do."), _MAY.items())
