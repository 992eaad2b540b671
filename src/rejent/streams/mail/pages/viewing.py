"""An open viewing of messages: the list, the keys of the two roles, one message, and what is done on meeting a private one."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from itertools import chain
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages as notes
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.access import queries as access
from rejent.access import services
from rejent.access.viewings import protocols
from rejent.access.viewings.restriction import restriction
from rejent.access.views import ViewingView
from rejent.cases import queries as cases
from rejent.cases.copies import permission
from rejent.cases.copies.errors import CopyRefusedError
from rejent.cases.copies.services import Asked
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date, local_midnight
from rejent.kernel.errors import NotFoundError
from rejent.kernel.intervals import Interval
from rejent.kernel.numbers import read_number
from rejent.office import queries as office
from rejent.office.regulation.vocabulary import StreamName
from rejent.streams.mail.messages import giving, reading
from rejent.streams.mail.messages.copying import copy_messages
from rejent.streams.mail.messages.workspace import ListedMessage, MessageName, Workspace
from rejent.streams.mail.pages.keys import keys_context
from rejent.streams.mail.pages.rows import name_of, row_of
from rejent.streams.mail.records.errors import NoOpeningError
from rejent.streams.mail.records.openings import openings_of
from rejent.streams.mail.sources import is_history
from rejent.web.pages.plain_form import DayField, PlainForm, text
from rejent.web.player.viewing import opened_viewing, viewing_close
from rejent.web.requests.visitor import PersonRequest, acting, may
from rejent.web.words.when import WithoutYear
from rejent.web.words.wording import period_digits

_ASKED = ("words", "since", "until", "page")


class SearchForm(PlainForm):
    """Words or addresses, and days, among the opened messages."""

    words = text(
        _("Words or addresses"), hint=_("beginnings of words; a phrase in quotation marks"), max_length=200
    )
    since = DayField(_("From day"))
    until = DayField(_("To day"))


class ChosenForm(PlainForm):
    """Until when a copy of chosen messages is kept, where the regulation sets no lifetime."""

    stated = DayField(
        _("Kept until"), _("Enter the last day: the regulation sets none."), meant=WithoutYear.COMING
    )

    def __init__(self, *args: Any, stated: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not stated:
            del self.fields["stated"]


def viewing_page(
    request: PersonRequest,
    viewing: ViewingView,
    copying: ChosenForm | None = None,
    *,
    unticked: bool = False,
) -> HttpResponse:
    """Show an open viewing: nothing but how many messages there are until the keys of both roles are open, then those of the case."""
    context = common(viewing)
    time = viewing.start, viewing.end
    context["restricted"] = [each.name for each in context["sources"] if restriction(each.id, *time)]
    try:
        workspace = reading.opened(viewing, settings.CLOCK)
    except NoOpeningError as lapsed:
        return render(request, "mail/viewing.html", {**context, "lapsed": lapsed.sentence(gettext)})
    if (waits := giving.waiting(viewing, settings.CLOCK)) is not None:
        context |= keys_context(request, viewing, waits)
    if workspace is None:
        context["sealed"] = len(reading.places(viewing, settings.CLOCK))
        return render(request, "mail/viewing.html", context)
    search = SearchForm(request.GET or None)
    found = workspace.messages()
    if search.is_bound and search.is_valid() and any(search.cleaned_data.values()):
        found = _searched(request, viewing, workspace, search.cleaned_data)
    letters = _by_letter(found)
    pages = max(-(-len(letters) // reading.PAGE), 1)
    page = min(max(_number(request.GET.get("page")), 1), pages)
    on_page = letters[(page - 1) * reading.PAGE : page * reading.PAGE]
    journals = context["journals"]
    listed = {id(each) for each in reading.listed(viewing, list(chain(*on_page)), settings.CLOCK)}
    query = request.GET.copy()
    query.pop("page", None)
    copying = copying or _copying(request, viewing)
    aside = workspace.set_aside()
    shown_aside = reading.listed(viewing, aside[: reading.PAGE], settings.CLOCK)
    context |= {
        "aside": [row_of(each, journals) for each in shown_aside],
        "all_aside": len(aside),
        "unticked": unticked,
        "open": True,
        "search": search,
        "rows": _rows([[each for each in letter if id(each) in listed] for letter in on_page], journals),
        "count": len(found),
        "all": len(workspace.messages()),
        "page": page,
        "pages": pages,
        "asked": query.urlencode(),
        "copying": copying,
        "chosen": workspace.chosen,
    }
    refused = (copying is not None and copying.errors) or unticked
    return render(request, "mail/viewing.html", context, status=422 if refused else 200)


def _copying(
    request: PersonRequest, viewing: ViewingView, given: QueryDict | None = None
) -> ChosenForm | None:
    """Return the form of a copy; nothing where the person makes none, or the case allows none."""
    case = cases.case(viewing.case)
    if (
        not may(request, "make-copy")
        or all(
            permission.making_refusal(request.person, each, clock=settings.CLOCK) is not None
            for each in viewing.source_ids
        )
        or not permission.copyable(case)
    ):
        return None
    provisions = permission.copies_of(StreamName.MAIL, case.version)
    return ChosenForm(given, stated=provisions.lifetime is None)


def _searched(
    request: PersonRequest, viewing: ViewingView, workspace: Workspace, given: dict[str, Any]
) -> list[ListedMessage]:
    since, until = given["since"], given["until"]
    return reading.searched(
        viewing,
        workspace,
        given["words"],
        local_midnight(since) if since else None,
        local_midnight(until + timedelta(days=1)) if until else None,
        **acting(request),
    )


def propose(request: PersonRequest, viewing_id: UUID) -> HttpResponse:
    """Put to the holders of both keys what is to become of messages that were set aside, or take that back."""
    opened = of_messages(request, viewing_id)
    decision = request.POST.get("decision")
    names = {name_of(opened, _identifier(each)) for each in request.POST.getlist("aside")}
    if decision == "withdraw":
        reading.withdraw(opened, settings.CLOCK)
    elif not names:
        return viewing_page(request, opened, unticked=True)
    else:
        reading.propose(opened, names, private=decision != "release", clock=settings.CLOCK)
    return redirect(f"{reverse('viewing', args=[opened.id])}#aside")


def choose(request: PersonRequest, viewing_id: UUID) -> HttpResponse:
    """Remember which messages of this page are ticked, and go on to another page of the list, or to what is searched for."""
    opened = of_messages(request, viewing_id)
    _chosen(request, opened)
    query = {name: request.POST[name] for name in _ASKED if request.POST.get(name)}
    return redirect(f"{reverse('viewing', args=[opened.id])}?{urlencode(query)}")


def copy(request: PersonRequest, viewing_id: UUID) -> HttpResponse:
    """Copy the chosen messages in the clear, within the viewing that opened them."""
    opened = of_messages(request, viewing_id)
    names = _chosen(request, opened)
    form = _copying(request, opened, request.POST) or ChosenForm(request.POST, stated=False)
    if not form.is_valid():
        return viewing_page(request, opened, copying=form)
    given = form.cleaned_data
    asked = Asked(
        opened.case, opened.source_id, Interval(opened.start, opened.end), stated=given.get("stated")
    )
    try:
        made = copy_messages(opened, names, asked, person=request.person, keeping=settings.KEEPING())
    except CopyRefusedError as error:
        form.refuse(error, error.part if error.part in form.fields else None)
        return viewing_page(request, opened, copying=form)
    reading.choose(opened, names, (), settings.CLOCK)
    for each in made:
        notes.success(request, gettext("Copy %(number)s is made.") % {"number": each.number})
    return redirect("copy", made[0].number)


def _chosen(request: PersonRequest, opened: ViewingView) -> Collection[MessageName]:
    listed, ticked = (
        [name_of(opened, each) for each in map(_identifier, request.POST.getlist(name))]
        for name in ("listed", "message")
    )
    return reading.choose(opened, listed, ticked, settings.CLOCK)


def private(request: PersonRequest, viewing_id: UUID, message_id: UUID) -> HttpResponse:
    """Stop at a private message: the viewing ends, its keys are forgotten, nobody is shown the message or another delivery of it again; entered."""
    opened = of_messages(request, viewing_id)
    reading.leave(opened, name_of(opened, message_id), **acting(request))
    giving.forget(opened.id)
    services.close_viewing(opened.id, **acting(request))
    notes.success(
        request, gettext("Everything is closed. The message is shown to nobody any more; that is entered.")
    )
    owed = protocols.unfinished(request.person.id)
    return redirect("protocol-write", owed) if owed else redirect("mail-find")


def close(request: PersonRequest, viewing_id: UUID) -> HttpResponse:
    """End the viewing, and forget the keys that were open for it."""
    answer = viewing_close(request, viewing_id)
    giving.forget(viewing_id)
    return answer


def common(opened: ViewingView) -> dict[str, Any]:
    """Return what every page of an open viewing shows."""
    sources = [catalog.source(each) for each in opened.source_ids]
    purposes = access.purposes(StreamName.MAIL, clock=settings.CLOCK)
    opening = next(
        (one for one in openings_of(opened.case) if one.in_force(civil_date(settings.CLOCK.now()))), None
    )
    left_out = opening.source_ids.difference(opened.source_ids) if opening is not None else ()
    return {
        "viewing": opened,
        "period": period_digits(opened.start, opened.end),
        "sources": sources,
        "journals": {each.id: each.name for each in sources} if len(sources) > 1 else {},
        "left_out": sorted(catalog.source(each).name for each in left_out),
        "histories": {is_history(each.address_shown) for each in sources},
        "purpose": purposes.get(opened.purpose, opened.purpose),
        "second": office.person(opened.second_id).name if opened.second_id else "",
        "opening": opening,
    }


def of_messages(request: PersonRequest, viewing_id: UUID) -> ViewingView:
    """Return a viewing of a journal; NotFoundError where its source is of another kind."""
    opened = opened_viewing(request, viewing_id)
    if catalog.verified_stream_of(opened.source_id) != StreamName.MAIL:
        raise NotFoundError("There are no messages in this viewing.")
    return opened


def _by_letter(found: Iterable[ListedMessage]) -> list[list[ListedMessage]]:
    """Return messages with other deliveries of the same letter, by the time of the first; more than a page holds are apart."""
    letters: list[list[ListedMessage]] = []
    of: dict[bytes, list[ListedMessage]] = {}
    for each in found:
        known = of.get(each.digest) if each.digest else None
        if known is None or len(known) == reading.PAGE:
            letters.append(known := [])
            of[each.digest] = known
        known.append(each)
    return letters


def _rows(letters: Iterable[list[ListedMessage]], journals: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a row a letter, with those of its deliveries."""
    return [
        {**rows[0], "deliveries": rows}
        for letter in letters
        if (rows := [row_of(each, journals) for each in letter])
    ]


def _identifier(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        raise NotFoundError("There is no such message in this viewing.") from None


def _number(written: str | None) -> int:
    return read_number(written or "", most=999_999) or 1
