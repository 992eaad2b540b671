"""Protocols of viewings: the register, one of them, writing it, stating the position, notes, and all of it as files."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext_lazy

from rejent.access import queries, services
from rejent.access.errors import (
    AccessRefusedError,
    NoSuchProtocolError,
    ProtocolFinishedError,
    ProtocolRefusedError,
)
from rejent.access.presence import queries as presence_queries
from rejent.access.rules.decision import may_administer
from rejent.access.rules.refusals import NOT_THEIR_PROTOCOL
from rejent.access.viewings import protocols as access
from rejent.access.views import ProtocolState, ProtocolView
from rejent.documents.rendering import render_pdf
from rejent.office import queries as office
from rejent.registers.books.numbers import is_number
from rejent.web.desk import Desk, Found, Line, Reader, Sought
from rejent.web.registers.exports import pdf_response
from rejent.web.registers.protocol_forms import (
    STATES,
    NoteForm,
    PositionForm,
    WritingForm,
    field_title,
    names_on_form,
    protocol_title,
)
from rejent.web.registers.protocol_papers import confirmed_words, presented_facts, protocol_paper
from rejent.web.requests.visitor import PersonRequest, acting, done, may, session_of
from rejent.web.words.acts import Names
from rejent.web.words.recordings import item_of, pages_of, recording_words, source_names
from rejent.web.words.wording import moment_near

SHOWN = 200
_CHOICES = {
    "": (),
    "unfinished": (ProtocolState.OPEN, ProtocolState.UNFINISHED),
    "waiting": (ProtocolState.WAITING,),
    "complete": (ProtocolState.COMPLETE,),
}


def protocol_list(request: PersonRequest) -> HttpResponse:
    """Return the register of protocols, newest first; who does not supervise sees their own."""
    chosen = request.GET.get("state", "")
    supervises = may(request, "see-viewings")
    found = access.protocols(
        _CHOICES.get(chosen, ()), person_id=None if supervises else request.person.id, limit=SHOWN + 1
    )
    names, named = Names(), recording_words(found)
    rows = [
        (
            view,
            names.person(str(view.person_id)),
            named(names.sources(view.source_ids), view),
            names.purpose(view.purpose),
            STATES[view.state],
        )
        for view in found[:SHOWN]
    ]
    context = {
        "rows": rows,
        "chosen": chosen if chosen in _CHOICES else "",
        "supervises": supervises,
        "more": len(found) > SHOWN,
        "shown": SHOWN,
    }
    return render(request, "registers/protocols.html", context)


def protocol(request: PersonRequest, number: str) -> HttpResponse:
    """Return one protocol with both stages, the parts that were shown, and its notes."""
    return _page(request, _visible(request, number), PositionForm(), NoteForm())


def protocol_write(request: PersonRequest, number: str) -> HttpResponse:
    """Return the form with its draft, then the page to check it, then the act."""
    view = _visible(request, number)
    if not access.may_write(view.person_id, request.person, clock=settings.CLOCK):
        raise AccessRefusedError(NOT_THEIR_PROTOCOL)
    if request.method == "GET" and view.finished_at is not None:
        return redirect("protocol", number)
    if request.method == "GET":
        initial = dict(view.texts) if view.drafted_at else _first_texts(view)
        return _writing(
            request, view, WritingForm(demanded=view.fields, named=names_on_form(view), initial=initial)
        )
    named = names_on_form(view)
    form = WritingForm(request.POST, demanded=view.fields, named=named, draft="draft" in request.POST)
    try:
        return _written(request, view, form)
    except ProtocolFinishedError as error:
        messages.error(request, error.sentence(gettext))
        kept = access.protocol(number)
        other = [text for field, text in form.texts.items() if text.strip() != kept.texts.get(field, "")]
        return _page(request, kept, PositionForm(), NoteForm(initial={"note": "\n".join(other)}), status=409)
    except ProtocolRefusedError as error:
        form.refuse(error, error.part if error.part in form.fields else None)
        return _writing(request, view, form, status=422)


def _first_texts(view: ProtocolView) -> dict[str, str]:
    source, item = ", ".join(source_names(view)), item_of(view.source_id, view.item)
    return item.first_texts(source) if item else {"place": source}


def _written(request: PersonRequest, view: ProtocolView, form: WritingForm) -> HttpResponse:
    if not form.is_valid() or "change" in request.POST:
        return _writing(request, view, form, status=200 if "change" in request.POST else 422)
    services.save_draft(view.number, form.texts, person=request.person, clock=settings.CLOCK)
    if "draft" in request.POST:
        return done(
            request, gettext("The draft is kept. It is not finished yet."), "protocol-write", view.number
        )
    if view.closed_at is None:
        messages.info(request, gettext("The draft is kept. Close what is open, then finish the protocol."))
        return redirect("protocol-write", view.number)
    if "confirmed" not in request.POST:
        named = names_on_form(view)
        shown = [(field_title(field, named), form.texts[field], field) for field in view.fields]
        return render(
            request, "registers/protocol_check.html", {"title": protocol_title(view), "shown": shown}
        )
    finished = services.finish_protocol(view.number, form.texts, person=request.person, clock=settings.CLOCK)
    text = (
        gettext("The protocol is finished and waits for the position.")
        if finished.state is ProtocolState.WAITING
        else gettext("The protocol is finished.")
    )
    return done(request, text, "protocol", view.number)


def protocol_end(request: PersonRequest, number: str) -> HttpResponse:
    """End the viewing whose protocol is to be written, from whatever browser; the one that showed it may be gone."""
    view = _visible(request, number)
    if view.person_id != request.person.id:
        raise AccessRefusedError(NOT_THEIR_PROTOCOL)
    services.close_viewing(view.viewing_id, **acting(request))
    return done(
        request,
        gettext("It is closed; that is entered in the register."),
        "protocol-write",
        number,
    )


def protocol_position(request: PersonRequest, number: str) -> HttpResponse:
    """State what follows from the viewing."""
    view, form = _visible(request, number), PositionForm(request.POST)
    if _entered(request, form, "position", partial(services.state_position, number)):
        return done(request, gettext("The position is stated and entered."), "protocol", number)
    return _page(request, view, form, NoteForm(), status=422)


def protocol_note(request: PersonRequest, number: str) -> HttpResponse:
    """Append a note to a finished protocol."""
    view, form = _visible(request, number), NoteForm(request.POST)
    if _entered(request, form, "note", partial(services.append_note, number)):
        return done(request, gettext("The note is appended and entered."), "protocol", number)
    return _page(request, view, PositionForm(), form, status=422)


def _entered(
    request: PersonRequest, form: PositionForm | NoteForm, field: str, enter: Callable[..., object]
) -> bool:
    """Return whether a sentence added to a protocol could be entered; else the form says why not."""
    if not form.is_valid():
        return False
    try:
        enter(form.cleaned_data[field], person=request.person, clock=settings.CLOCK)
    except ProtocolRefusedError as error:
        form.refuse(error, error.part or None)
        return False
    return True


def protocol_document(request: PersonRequest, number: str) -> HttpResponse:
    """Return a finished protocol for the case file; that it leaves the program is entered first."""
    view = _visible(request, number)
    services.export_protocol(number, **acting(request))
    paper = protocol_paper(view)
    return pdf_response(render_pdf(paper), protocol_title(view))


def _visible(request: PersonRequest, number: str) -> ProtocolView:
    """Return a protocol for its viewer or a supervisor. Raises NoSuchProtocolError: there is none, or it is another's."""
    view = access.protocol(number)
    if view.person_id != request.person.id and not may(request, "see-viewings"):
        raise NoSuchProtocolError("There is no protocol {number}.", number=number)
    return view


def _writing(
    request: PersonRequest, view: ProtocolView, form: WritingForm, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        **_facts(view),
        "own": view.person_id == request.person.id,
        "goes_on_here": view.closed_at is None and _of_this_session(request, view),
    }
    return render(request, "registers/protocol_write.html", context, status=status)


def _of_this_session(request: PersonRequest, view: ProtocolView) -> bool:
    own = queries.going_on(request.person.id, session_of(request), clock=settings.CLOCK)
    return any(one.id == view.viewing_id for one in own)


def _page(
    request: PersonRequest, view: ProtocolView, position: PositionForm, note: NoteForm, status: int = 200
) -> HttpResponse:
    clock, roles = settings.CLOCK, request.person.roles
    refused = access.position_decision(view, request.person, clock=clock)
    finished = view.finished_at is not None
    own = access.own_protocol(view, str(request.person.id))
    head = office.verified_version(view.version).head
    context = {
        **_facts(view),
        "parts": [
            (field_title(field, names_on_form(view)), view.texts.get(field, "")) for field in view.fields
        ]
        if finished
        else [],
        "position": position,
        "note": note,
        "may_state": view.state is ProtocolState.WAITING and refused is None,
        "why_not": gettext(refused.sentence) if refused else "",
        "head": head,
        "may_note": finished and (own or may_administer(roles, "state-position").allowed),
        "may_write": not finished and access.may_write(view.person_id, request.person, clock=clock),
        "supervises": may(request, "see-viewings"),
    }
    return render(request, "registers/protocol.html", context, status=status)


def _facts(view: ProtocolView) -> dict[str, Any]:
    names = Names()
    entry, viewing = access.entry_of_protocol(view.number), queries.viewing(view.viewing_id)
    return {
        "view": view,
        "state": STATES[view.state],
        "who": names.person(str(view.person_id)),
        "second": names.person(str(viewing.second_id)) if viewing.second_id else "",
        "guests": presence_queries.guests(view.viewing_id),
        "source": ", ".join(source_names(view)),
        "item": item_of(view.source_id, view.item),
        "words": pages_of(view.source_id).words,
        "title": protocol_title(view),
        "purpose": names.purpose(view.purpose),
        "station": names.station(view.station) if view.station else "",
        "shown": list(presented_facts(viewing)),
        "confirmed": confirmed_words(view, names),
        "position_who": names.person(view.position_by) if view.position_by else "",
        "notes": [(one, names.person(one.by)) for one in view.notes],
        "entry": entry.index if entry else None,
    }


MOST_WAITING = 20
"""Protocols listed one by one while they wait for a position; the register has them all."""


def _waits(reader: Reader) -> Iterator[Line]:
    """Yield the person's own protocol, those of people who have left for who concludes them, and positions to be stated."""
    if own := access.unfinished(reader.person.id):
        moment = moment_near(access.protocol(own).opened_at, reader.now)
        more = gettext("Opened %(moment)s. Until then nothing further opens.") % {"moment": moment}
        yield _remind_to_finish(access.protocol(own), more)
    if reader.may("conclude-protocol"):
        for view in access.protocols([ProtocolState.UNFINISHED]):
            if office.standing(view.person_id, reader.today) is None:
                name = office.person(view.person_id).name
                yield _remind_to_finish(view, gettext("%(name)s has left the office.") % {"name": name})
    if reader.may("state-position"):
        yield from _find_waiting_positions(reader)


def _remind_to_finish(view: ProtocolView, more: str) -> Line:
    words = gettext("%(protocol)s: finish it") % {"protocol": protocol_title(view)}
    return Line("attention", words, more, reverse("protocol-write", args=[view.number]), gettext("Finish"))


_TO_STATE = ngettext_lazy(
    "%(n)s protocol waits for your position", "%(n)s protocols wait for your position", "n"
)


def _find_waiting_positions(reader: Reader) -> Iterator[Line]:
    waiting = access.protocols([ProtocolState.WAITING], limit=MOST_WAITING + 1)
    for view in waiting[:MOST_WAITING]:
        if access.position_decision(view, reader.person, clock=settings.CLOCK) is None:
            words = gettext("%(protocol)s waits for your position") % {"protocol": protocol_title(view)}
            more = gettext("case %(case)s") % {"case": view.case}
            address = reverse("protocol", args=[view.number])
            yield Line("held", words, more, address, gettext("State a position"), alike=_TO_STATE)
    if waiting[MOST_WAITING:]:
        words = gettext("Older protocols wait for a position, too")
        yield Line("held", words, "", f"{reverse('protocols')}?state=waiting", gettext("See them"))


def _finds(sought: Sought) -> Iterator[Found]:
    """Yield the person's own protocol by its number; who supervises viewings finds all of them in their register."""
    if not is_number(sought.words) or sought.may("see-viewings"):
        return
    try:
        view = access.protocol(sought.words)
    except NoSuchProtocolError:
        return
    if access.own_protocol(view, str(sought.person.id)):
        more = gettext("case %(case)s") % {"case": view.case}
        address = reverse("protocol", args=[view.number])
        yield Found(gettext("Protocols"), protocol_title(view), more, address, exact=True)


DESK = Desk(waits=_waits, finds=_finds)
