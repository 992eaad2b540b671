"""The trial picture beside the form of a camera that is added, or reached by another address."""

from base64 import b64encode
from typing import Any

from django.conf import settings

from rejent.kernel.errors import RejentError
from rejent.streams.cameras.trial_picture import take_trial_picture
from rejent.web.pages.plain_form import PlainForm
from rejent.web.requests.visitor import PersonRequest


def show_trial_picture(request: PersonRequest, form: PlainForm) -> dict[str, Any]:
    """Return what the page shows: the picture inside an address, so that it lies nowhere but in the answer; nothing where the form says why.

    What else the form asks for may still be missing.
    """
    for name, field in form.fields.items():
        field.required = name == "address"
    if not form.is_valid():
        return {}
    given = form.cleaned_data
    try:
        picture = take_trial_picture(
            given["address"],
            transport=given["transport"] or "tcp",
            fingerprint=given["fingerprint"],
            kind=given.get("kind", ""),
            device=given.get("device", ""),
            profile=given.get("profile", ""),
            clock=settings.CLOCK,
            actor=str(request.person.id),
        )
    except RejentError as error:
        form.refuse(error, "kind" if "place" in error.code else "address")
        return {}
    return {"picture": "data:image/jpeg;base64," + b64encode(picture).decode(), "taken": settings.CLOCK.now()}
