"""Opening a viewing from a stream's form: who is shown the form, and what a good one leads to."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from rejent.access import authorisation_queries, services
from rejent.access import queries as access
from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import SeeingAct, Statement
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.devices.views import ClientStation
from rejent.web.pages.plain_form import PlainForm
from rejent.web.people.duties import entry_lacking, nothing_open
from rejent.web.player.opening_forms import APART
from rejent.web.player.presence import second_here
from rejent.web.requests.visitor import PersonRequest, session_of


def require_finder(request: PersonRequest, stream: str, here: ClientStation) -> set[str]:
    """Return the sources of a stream whose recordings are open to the person.

    Raises AccessRefusedError, with what they lack: before the form where nothing would open, and for a chosen source that is not theirs.
    """
    person = request.person
    if request.method == "GET" and (
        lacking := access.barred_here(person, here, clock=settings.CLOCK)
        or entry_lacking(person, SeeingAct.RECORDINGS)
    ):
        raise AccessRefusedError(lacking)
    if request.method == "POST" and (chosen := request.POST.get("source")) in catalog.streams(removed=True):
        services.require_visible(person, str(chosen), clock=settings.CLOCK)
    visible = access.visible_sources(person, SeeingAct.RECORDINGS, clock=settings.CLOCK, of_stream=stream)
    if not visible:
        held = authorisation_queries.authorisations(person.id, valid_at=settings.CLOCK.now())
        if not any(one.stream == stream and SeeingAct.RECORDINGS in one.acts for one in held):
            raise AccessRefusedError(nothing_open(person, SeeingAct.RECORDINGS, stream))
    return visible


def open_or_ask(
    request: PersonRequest,
    form: PlainForm,
    here: ClientStation,
    *,
    asked: Callable[[], Mapping[str, Any]],
    opened: Callable[..., ViewingView],
    query: str = "",
) -> HttpResponse | None:
    """Return the viewing, or the wait for a second person; nothing where the second person did not prove who they are.

    ``asked`` gives what a second person elsewhere is asked for (see `services.ask_second`), ``opened`` opens the viewing, and
    ``query`` follows its address.
    """
    fields = form.cleaned_data
    if not session_of(request):
        request.session.create()
    common: dict[str, Any] = {
        "person": request.person,
        "session": session_of(request),
        "clock": settings.CLOCK,
        "client_station": here,
    }
    acknowledged = fields.get("acknowledged", False)
    if fields.get("second_way") == APART:
        statement = Statement(fields["purpose"], fields["case"], acknowledged)
        return redirect("second-asked", services.ask_second(statement=statement, **asked(), **common).id)
    try:
        second = second_here(request, fields)
    except ValidationError as refused:
        form.add_error("second_username", refused)
        return None
    viewing = opened(
        purpose=fields["purpose"], case=fields["case"], acknowledged=acknowledged, second=second, **common
    )
    page = "viewing-guests" if fields.get("with_guests") else "viewing"
    return redirect(f"{reverse(page, args=[viewing.id])}{query}")
