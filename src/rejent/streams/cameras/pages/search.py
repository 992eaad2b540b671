"""Finding a camera in the network, and asking it what it streams, before it is added."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from rejent.kernel.errors import RejentError
from rejent.streams.cameras.network.onvif.asking import describe_device, find_devices, with_login
from rejent.streams.cameras.trial_picture import cameras_at, host_of
from rejent.web.pages.plain_form import PlainForm, text
from rejent.web.requests.visitor import PersonRequest

LISTEN_S = 3.0
"""As the command waits; cameras answer within half a second (WS-Discovery, APP_MAX_DELAY 500 ms)."""


class DeviceForm(PlainForm):
    """A camera that is asked what it streams, and its login."""

    device = text(
        _("Address of the camera"),
        _("Enter the address of the camera."),
        hint=_("for example 192.0.2.10; the port of its ONVIF service behind a colon, where it is not 80"),
        max_length=300,
    )
    user = text(_("User"), hint=_("as the camera knows it"), max_length=64)
    password = text(
        _("Password"),
        hint=_("it goes to this camera alone, and is kept only once the camera is added"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        max_length=128,
        strip=False,
    )


def source_search(request: PersonRequest) -> HttpResponse:
    """Search the network for cameras, or ask one of them; each of its streams leads to the form that adds it."""
    asks = "ask" in request.POST
    form = DeviceForm(request.POST if asks else None, initial={"device": request.POST.get("device", "")})
    context: dict[str, Any] = {"form": form, "found": None, "described": None}
    if asks and form.is_valid():
        try:
            context.update(_ask_device(**form.cleaned_data))
        except RejentError as error:
            form.refuse(error, "device")
    elif "search" in request.POST:
        context["found"] = [
            (device, cameras_at(host_of(str(device["url"])), settings.CLOCK))
            for device in find_devices(LISTEN_S)
        ]
    return render(request, "cameras/source_search.html", context, status=422 if form.errors else 200)


def _ask_device(device: str, user: str, password: str) -> dict[str, Any]:
    bare = device.removeprefix("onvif://").removeprefix("http://")
    url = f"onvif://{bare}"
    described = describe_device(with_login(url, user, password), settings.CLOCK)
    streams = [
        (profile, with_login(profile["url"], *(("", "") if profile["elsewhere"] else (user, password))))
        for profile in described["profiles"]
    ]
    return {"described": described, "streams": streams, "url": url}
