"""People beside the viewer: waiting for a second person, answering as one, entering guests."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from rejent.access import queries as access
from rejent.access import services
from rejent.access.errors import AccessRefusedError, AnswerRefusedError, ViewingRefusedError
from rejent.access.presence import queries as presence_queries
from rejent.access.views import SecondRequestState, SecondRequestView
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.office.views import PersonView
from rejent.web.desk import Desk, Line, Reader
from rejent.web.player.opening_forms import HERE, GuestForm
from rejent.web.player.timeline import DayAxis
from rejent.web.player.viewing import opened_viewing
from rejent.web.requests.client_station import client_station
from rejent.web.requests.visitor import PersonRequest, done, session_of
from rejent.web.signing_in.proving import ask_proof, just_proved
from rejent.web.signing_in.second_step import AuthenticateForm
from rejent.web.words.recordings import pages_of, recording_words, source_names

LOOKS_AGAIN_S = 4
"""After so many seconds a page that waits for the second person looks again."""


def second_asked(request: PersonRequest, asked_id: UUID) -> HttpResponse:
    """Return whether a second person has answered; opens nothing by itself."""
    asked = _own(request, asked_id)
    state = asked.state(settings.CLOCK.now())
    context = {
        **_context(asked),
        "state": state.value,
        "second": office.person(asked.second_id) if asked.second_id else None,
        "again_s": LOOKS_AGAIN_S if state is SecondRequestState.WAITING else 0,
    }
    return render(request, "player/second_asked.html", context)


def second_open(request: PersonRequest, asked_id: UUID) -> HttpResponse:
    """Open the viewing that a second person agreed to."""
    asked = _own(request, asked_id)
    try:
        viewing = services.open_agreed(
            asked.id,
            person=request.person,
            session=session_of(request),
            clock=settings.CLOCK,
            client_station=client_station(request),
        )
    except AnswerRefusedError:
        return redirect("second-asked", asked.id)
    position = DayAxis(civil_date(asked.start)).elapsed(asked.position)
    return redirect(f"{reverse('viewing', args=[viewing.id])}?t={position:g}")


def second_answer(request: PersonRequest, asked_id: UUID) -> HttpResponse:
    """Show what a request for a second person asks for, and enter the answer to it, after fresh proof of who answers.

    An answer sent before that proof does not count: the page is shown again, with what was asked.
    """
    if (answer := ask_proof(request)) is not None:
        return answer
    asked = presence_queries.second_person_request(asked_id)
    if request.method == "POST":
        return _answered(request, asked, agrees="agree" in request.POST)
    refused = presence_queries.answer_refused(
        asked, request.person, session_of(request), clock=settings.CLOCK
    )
    if refused is not None:
        raise AccessRefusedError(refused)
    context = {**_context(asked), "state": asked.state(settings.CLOCK.now()).value}
    return render(request, "player/second_answer.html", {**context, "proved": just_proved(request)})


def viewing_guests(request: PersonRequest, viewing_id: UUID) -> HttpResponse:
    """List the guests of a viewing, and enter one more."""
    opened = opened_viewing(request, viewing_id)
    form = GuestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.enter_guest(
                opened.id,
                person=request.person,
                session=session_of(request),
                clock=settings.CLOCK,
                client_station=client_station(request),
                **form.cleaned_data,
            )
        except ViewingRefusedError as error:
            form.refuse(error)
        else:
            return done(
                request,
                gettext("The guest is entered."),
                f"{reverse('viewing-guests', args=[opened.id])}?{request.GET.urlencode()}",
            )
    context = {
        "viewing": opened,
        "recording": recording_words([opened])(", ".join(source_names(opened)), opened),
        "words": pages_of(opened.source_id).words,
        "guests": presence_queries.guests(opened.id),
        "form": form,
        "at": request.GET.get("t", ""),
    }
    status = 422 if form.errors else 200
    return render(request, "player/viewing_guests.html", context, status=status)


def _own(request: PersonRequest, asked_id: UUID) -> SecondRequestView:
    """Return the person's own request of this session. Raises NoSuchViewingError: it is not theirs."""
    return presence_queries.own_request(asked_id, request.person, session_of(request))


def _answered(request: PersonRequest, asked: SecondRequestView, *, agrees: bool) -> HttpResponse:
    try:
        services.answer_second(
            asked.id, second=request.person, session=session_of(request), agrees=agrees, clock=settings.CLOCK
        )
    except AnswerRefusedError:
        return redirect("second-answer", asked.id)
    text = gettext("Your agreement is entered.") if agrees else gettext("It is entered that you declined.")
    return done(request, text, "start")


def _context(asked: SecondRequestView) -> dict[str, Any]:
    source, pages = catalog.source(asked.source_id), pages_of(asked.source_id)
    words = access.purposes(source.stream, clock=settings.CLOCK)
    return {
        "asked": asked,
        "asker": office.person(asked.person_id),
        "source": source,
        "sources": source_names(asked),
        "finder": reverse(pages.finder),
        "find": pages.words.find,
        "words": pages.words,
        "lasting": pages.sources.lasting,
        "anew": pages.asked_again(asked.item),
        "scope": pages.scope_of(asked),
        "purpose": words.get(asked.purpose, asked.purpose),
    }


def second_here(request: HttpRequest, given: Mapping[str, Any]) -> PersonView | None:
    """Return the second person who signed in on a form of opening, if one had to. Raises ValidationError: the proof fails."""
    if given.get("second_way") != HERE:
        return None
    return proven(request, **{name: given[f"second_{name}"] for name in ("username", "password", "code")})


def proven(request: HttpRequest, *, username: str, password: str, code: str) -> PersonView:
    """Return the person whose user name, password and code these are, without opening a session.

    Raises ValidationError: they do not belong together (which of them is not said), or were tried too often just now.
    """
    account = get_adapter(request).authenticate(request, username=username, password=password)
    if account is None or account.person_id is None or not office.is_as_entered(account.person_id):
        raise _mismatch()
    second_step = AuthenticateForm({"code": code}, user=account)
    if not second_step.is_valid():
        refused = second_step.errors.as_data()["code"][0]
        raise _mismatch() if refused.code == "incorrect_code" else refused
    second_step.authenticator.record_usage()
    person = office.person(account.person_id)
    if not person.active(civil_date(settings.CLOCK.now())):
        raise _mismatch()
    return person


def _mismatch() -> ValidationError:
    return ValidationError(
        gettext(
            "User name, password and code of the second person do not belong together. Nothing was opened."
        )
    )


def _waits(reader: Reader) -> Iterator[Line]:
    """Yield whom the person is asked to sit beside, and the way back to what they asked for in this session."""
    for asked in presence_queries.open_requests_for(reader.person, clock=settings.CLOCK):
        words = gettext("%(name)s asks for a second person") % {"name": office.person(asked.person_id).name}
        address = reverse("second-answer", args=[asked.id])
        yield Line(
            "attention",
            words,
            _describe_request(asked),
            address,
            gettext("Answer"),
            reader.today,
            asked.expires_at,
        )
    for asked in presence_queries.own_open_requests(reader.person, reader.session, clock=settings.CLOCK):
        agreed = asked.state(reader.now) is SecondRequestState.AGREED
        words = gettext("Your request for a second person waits for an answer")
        kind, button = "attention", gettext("See it")
        if agreed:
            words = gettext("The second person agrees: it can be opened now")
            kind, button = "held", gettext("Open")
        address = reverse("second-asked", args=[asked.id])
        yield Line(kind, words, _describe_request(asked), address, button, reader.today, asked.expires_at)


def _describe_request(asked: SecondRequestView) -> str:
    return gettext("%(source)s, case %(case)s") % {
        "source": ", ".join(source_names(asked)),
        "case": asked.case,
    }


DESK = Desk(waits=_waits)
