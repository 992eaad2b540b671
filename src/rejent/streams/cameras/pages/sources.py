"""Adding a camera, and reaching it by another address."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from rejent.catalog import queries as catalog
from rejent.catalog import services
from rejent.kernel.errors import RejentError
from rejent.office import queries as office
from rejent.office.regulation.vocabulary import StreamName
from rejent.retention import services as retention
from rejent.streams.cameras.pages.forms import SourceAddressForm, SourceForm
from rejent.streams.cameras.pages.trial_picture import show_trial_picture
from rejent.streams.cameras.sources import is_over_http, require_encrypted
from rejent.web.requests.visitor import PersonRequest, may

_TRAITS = ("transport", "fingerprint")
_FOUND = ("device", "profile")


def source_new(request: PersonRequest) -> HttpResponse:
    """Add a camera; an excluded place is refused with the provision that forbids it."""
    secret = StreamName.VIDEO in office.secret_places()
    found = request.POST.get("found", "")
    form = SourceForm(
        None if found else request.POST or None,
        initial={
            "name": catalog.suggest_neutral_name(StreamName.VIDEO),
            "address": found,
            "device": request.POST.get("device", ""),
            "profile": request.POST.get("profile", ""),
        },
    )
    if secret:
        form.fields["name"].help_text = gettext(
            "a word and a number: the regulation keeps the places secret, and everybody reads the name"
        )
    trial = show_trial_picture(request, form) if "picture" in request.POST else {}
    if "picture" not in request.POST and form.is_valid():
        try:
            with retention.keys_with_source(settings.KEEPING):
                source_id = services.add_source(
                    stream=StreamName.VIDEO,
                    **_described(form.cleaned_data, {}),
                    clock=settings.CLOCK,
                    actor=str(request.person.id),
                    credentials_box=settings.VAULT.credentials,
                )
        except RejentError as error:
            form.refuse(error, "kind" if "place" in error.code else None)
        else:
            messages.success(
                request, gettext("The camera is added. The first picture comes within a minute.")
            )
            if is_over_http(form.cleaned_data["address"]):
                messages.warning(
                    request,
                    gettext(
                        "Pictures are read over HTTP, as motion JPEG or what else comes from there. If the camera speaks RTSP, "
                        "change the address to one that begins with rtsp://."
                    ),
                )
            return redirect("source", source_id)
    context = {
        "form": form,
        **trial,
        "buildings": office.buildings(),
        "places": sorted({place.name for place in office.places()}),
    }
    return render(request, "cameras/source_new.html", context)


def source_address(request: PersonRequest, source_id: str) -> HttpResponse:
    """Reach a source by another address, user or password; the running recorder takes it up by itself."""
    found = catalog.source(
        source_id, with_secret_places=may(request, "see-secret-places"), clock=settings.CLOCK
    )
    initial = {name: found.traits.get(name, "") for name in _TRAITS}
    form = SourceAddressForm(request.POST or None, initial=initial)
    trial = show_trial_picture(request, form) if "picture" in request.POST else {}
    if "picture" not in request.POST and form.is_valid():
        try:
            services.change_source(
                source_id,
                **_described(form.cleaned_data, found.traits),
                clock=settings.CLOCK,
                actor=str(request.person.id),
                credentials_box=settings.VAULT.credentials,
            )
        except RejentError as error:
            form.refuse(error)
        else:
            messages.success(
                request, gettext("The address is changed. The first picture comes within a minute.")
            )
            return redirect("source", source_id)
    return render(
        request,
        "cameras/source_address.html",
        {"form": form, "source": found, **trial},
    )


def _described(stated: dict[str, str], before: Mapping[str, str]) -> dict[str, Any]:
    plain = {name: value for name, value in stated.items() if name not in _FOUND}
    traits = {name: plain.pop(name) for name in _TRAITS}
    require_encrypted(plain["address"], {**before, **traits})
    return {**plain, "traits": traits}
