"""Commissions: what is due, appointing one, each member's word, the protocol."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import may_administer
from rejent.cases.attachments.permission import COMMISSION
from rejent.cases.attachments.services import Unsealed
from rejent.cases.attachments.views import Role
from rejent.cases.copies import permission, queries, rules, services
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError
from rejent.cases.copies.services.appointing import AHEAD
from rejent.cases.copies.views import CommissionState, CommissionView, CopyView, Medium, State, WritingView
from rejent.cases.services import issue_paper
from rejent.cases.views import PaperKind
from rejent.documents.rendering import render_pdf
from rejent.evidence.sealing import find_taken
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import NotFoundError
from rejent.office import queries as office
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.web.cases.attachments.pages import is_sealing, paper_response
from rejent.web.cases.attachments.words import file_lines, removed_lines
from rejent.web.cases.copies.forms import CommissionForm, ConfirmForm, DissolveForm
from rejent.web.cases.copies.identifiers import MEDIA
from rejent.web.cases.copies.outside import outside
from rejent.web.cases.copies.papers import destruction_paper
from rejent.web.cases.copies.words import COMMISSION_STATES, carrier_words, outcomes
from rejent.web.pages.plain_form import Check, form_page, submit
from rejent.web.requests.visitor import PersonRequest, acting, in_person, may
from rejent.web.words.acts import Names
from rejent.web.words.wording import day_digits, span_digits


def commissions(request: PersonRequest) -> HttpResponse:
    """Return the commissions, the newest first, and what waits for one."""
    names = Names()
    today = civil_date(settings.CLOCK.now())
    context = {
        "rows": [
            (one, ", ".join(names.person(each) for each in one.members), COMMISSION_STATES[one.state])
            for one in queries.commissions()
        ],
        "due": queries.due(today + AHEAD),
        "today": today,
        "may_appoint": may(request, "appoint-commission"),
    }
    return render(request, "copies/commissions.html", context)


def commission_new(request: PersonRequest) -> HttpResponse:
    """Appoint a commission, after a page to check it."""
    today = civil_date(settings.CLOCK.now())
    due = queries.due(today + AHEAD)
    provisions = [permission.copies_of(copy.source_kind, copy.version) for copy in due]
    makers = {copy.made_by for copy, each in zip(due, provisions, strict=True) if not each.maker_counts}
    people = [
        (str(one.id), f"{one.name}, {one.post}" if one.post else one.name)
        for one in office.people()
        if one.sign_in is SignIn.CONFIRMED and not (len(makers) == 1 and str(one.id) in makers)
    ]
    under_way = _find_under_way(due)
    due = [copy for copy in due if copy.number not in under_way]
    offered = [(copy.number, copy_line(copy)) for copy in due]
    least = rules.least_members(provisions)
    form = CommissionForm(
        request.POST or None,
        initial={"copies": _preselected(due, request.GET.get("copy", ""))},
        copies=offered,
        people=people,
        least=least,
        makers=not makers,
    )
    words = gettext("Commission %(number)s is appointed. Each member confirms in their own session.")
    answer = submit(
        request,
        form,
        lambda given: services.appoint_commission(given["copies"], _members(given), **in_person(request)),
        lambda done: words % {"number": done.number},
        lambda done: reverse("commission", args=[done.number]),
        check=lambda given: _check_appointed(request, given, dict(offered), dict(people)),
        refused=(CopyRefusedError, CopyStateError),
    )
    lacking = [*under_way.values(), *(_warn_of_too_few(people, least) if due else ())]
    return answer or form_page(
        request, "copies/commission_new.html", form, due=due, lacking=lacking, enough=len(people) >= least
    )


def _find_under_way(due: list[CopyView]) -> dict[str, str]:
    """Return why copies are not offered, by their numbers: those that are being handed over."""
    handed = queries.hand_overs_of([copy.id for copy in due])
    words = gettext(
        "Copy %(copy)s is being handed over (%(number)s): that is carried out or withdrawn first, on its page."
    )
    return {
        copy.number: words % {"copy": copy.number, "number": handed[copy.id].number}
        for copy in due
        if copy.id in handed and copy.state is State.KEPT
    }


def _warn_of_too_few(people: list[tuple[str, str]], least: int) -> Iterator[str]:
    """Yield what is missing where too few people can be members, and whose accounts nobody has confirmed."""
    if len(people) >= least:
        return
    facts = {"least": least, "n": len(people)}
    yield gettext("A commission has %(least)s people at least; %(n)s can be chosen.") % facts
    names = ", ".join(one.name for one in office.people() if one.sign_in is not SignIn.CONFIRMED)
    if names:
        words = gettext(
            "It is not confirmed yet whose the account is of: %(names)s. Whoever decides confirms it."
        )
        yield words % {"names": names}


def _members(given: dict[str, Any]) -> list[UUID]:
    return [UUID(each) for each in given["members"]]


def _preselected(due: list[CopyView], asked: str) -> list[str]:
    """Return the copy that a page led here for; without one, those that nobody has been handed."""
    if asked:
        return [copy.number for copy in due if copy.number == asked]
    return [copy.number for copy in due if copy.state is State.KEPT]


def copy_line(copy: CopyView) -> str:
    """Return a copy in one line: number, recording, last day, and that somebody was handed it."""
    span = span_digits(copy.interval.start, copy.interval.end)
    facts = {
        "number": copy.number,
        "source": copy.source_label,
        "span": span,
        "day": day_digits(copy.due_on) if copy.due_on else "",
    }
    line = gettext("%(number)s: %(source)s, %(span)s; kept until %(day)s") % facts
    return "; ".join((line, *outcomes(copy, queries.hand_over(copy.number))))


def _check_appointed(
    request: PersonRequest, chosen: dict[str, Any], copies: dict[str, str], people: dict[str, str]
) -> Check:
    services.require_appointable(chosen["copies"], _members(chosen), **in_person(request))
    return Check(
        title=gettext("Check before appointing"),
        facts=[
            (gettext("What is to be destroyed"), tuple(copies[number] for number in chosen["copies"])),
            (gettext("Members of the commission"), tuple(people[each] for each in chosen["members"])),
        ],
        outcome=[
            gettext(
                "Each member destroys with the others and confirms. With the last confirmation the office's copies can be opened no more."
            )
        ],
        confirm=gettext("Appoint the commission"),
        icon="users",
    )


def commission(request: PersonRequest, number: str) -> HttpResponse:
    """Return a commission to its members and to who sees copies; members confirm here."""
    view = queries.commission(number)
    person = str(request.person.id)
    _require_seeing(request, view)
    copies = [queries.copy(each) for each in view.copies]
    mine = view.state is CommissionState.APPOINTED and person in view.members and person not in view.confirmed
    form = ConfirmForm(
        request.POST if request.method == "POST" else None, carriers=_find_undescribed_carriers(view, copies)
    )
    page = reverse("commission", args=[number])
    answer = mine and submit(
        request,
        form,
        lambda _given: services.confirm_destruction(
            number, form.seen(), person=request.person, keeping=settings.KEEPING(), ledger=settings.LEDGER
        ),
        _confirmed_words,
        page,
        check=lambda _given: _check_confirmed(view, copies, form.seen()),
        refused=CopyRefusedError,
        late=page,
    )
    return answer or _commission_page(request, view, copies, form, mine=mine)


def _require_seeing(request: PersonRequest, view: CommissionView) -> None:
    seeing = may_administer(request.person.roles, "see-copies")
    if str(request.person.id) not in view.members and not seeing.allowed:
        raise AccessRefusedError(seeing)


def _commission_page(
    request: PersonRequest,
    view: CommissionView,
    copies: list[CopyView],
    form: ConfirmForm,
    *,
    mine: bool,
    dissolving: DissolveForm | None = None,
) -> HttpResponse:
    names, today = Names(), civil_date(settings.CLOCK.now())
    dissolves = view.state is CommissionState.APPOINTED and may(request, "appoint-commission")
    context = {
        "commission": view,
        "state": COMMISSION_STATES[view.state],
        "appointed_by": names.person(view.appointed_by),
        "members": [(names.person(one), view.confirmed.get(one)) for one in view.members],
        "copies": [(copy, copy_line(copy), view.copies[copy.number]) for copy in copies],
        "outside": _describe_outside(copies),
        "nothing_written": ", ".join(copy.number for copy in copies if not copy.carriers),
        "mine": mine,
        "not_yet": [copy for copy in copies if copy.due_on is not None and copy.due_on > today],
        "form": form,
        "dissolving": (dissolving or DissolveForm(prefix="dissolve")) if dissolves else None,
        "may_see": may(request, "see-copies"),
        "signed": file_lines(request.person, f"{COMMISSION}:{view.number}", Role.SIGNED),
        "may_sign": view.state is CommissionState.DONE
        and (str(request.person.id) in view.members or may(request, "appoint-commission")),
        "photos": file_lines(request.person, f"{COMMISSION}:{view.number}", Role.PHOTO),
        "removed": removed_lines(f"{COMMISSION}:{view.number}", Role.SIGNED),
        "removed_photos": removed_lines(f"{COMMISSION}:{view.number}", Role.PHOTO),
        "may_seal": is_sealing(),
        "carriers": _photographed(request, view, copies),
    }
    wrong = form.errors or (dissolving is not None and dissolving.errors)
    return render(request, "copies/commission.html", context, status=422 if wrong else 200)


def _photographed(
    request: PersonRequest, view: CommissionView, copies: list[CopyView]
) -> list[tuple[str, str]]:
    if view.state is not CommissionState.APPOINTED or str(request.person.id) not in view.members:
        return []
    words = gettext("Photo of the destroyed carrier of copy %(number)s")
    return [(copy.number, words % {"number": copy.number}) for copy in copies if _find_at_hand(copy)]


def _find_at_hand(copy: CopyView) -> list[WritingView]:
    """Return the carriers of a copy that the office has."""
    there = copy.state is State.KEPT
    return [one for one in copy.carriers if there and one.medium is not Medium.MESSAGE]


def _find_undescribed_carriers(view: CommissionView, copies: list[CopyView]) -> list[tuple[int, str, str]]:
    """Return the carriers of which no member has said how they were destroyed: key of the writing, copy, kind of carrier."""
    left = (copy for copy in copies if not view.copies[copy.number])
    return [(one.key, copy.number, str(MEDIA[one.medium])) for copy in left for one in _find_at_hand(copy)]


def _describe_outside(copies: list[CopyView]) -> list[str]:
    """Return what of a commission's copies is out of the office's hands."""
    return [
        f"{copy.number}: {sentence}"
        for copy in copies
        for sentence in outside(find_taken(copy.number), queries.hand_over(copy.number))
    ]


def _check_confirmed(view: CommissionView, copies: list[CopyView], seen: dict[int, services.Seen]) -> Check:
    services.require_carriers(view.number, seen)
    left = len(view.members) - len(view.confirmed) - 1
    notes = {
        copy.number: [view.copies[copy.number]]
        if view.copies[copy.number]
        else [f"{carrier_words(one)}: {seen[one.key].how}" for one in _find_at_hand(copy) if one.key in seen]
        for copy in copies
    }
    last = gettext(
        "This is the last word: the keys are destroyed at once, and the office's vault opens these copies no more."
    )
    more = ngettext(
        "%(n)s more member confirms after you; with the last word the keys are destroyed.",
        "%(n)s more members confirm after you; with the last word the keys are destroyed.",
        left,
    ) % {"n": left}
    present = [gettext("You confirm that the carriers were destroyed in your presence.")]
    return Check(
        title=gettext("Check before confirming the destruction"),
        facts=[
            (copy.number, tuple(line for line in (copy_line(copy), *notes[copy.number]) if line))
            for copy in copies
        ],
        outcome=[
            *(present if any(map(any, notes.values())) else ()),
            more if left else last,
            *_describe_outside(copies),
        ],
        confirm=gettext("Confirm the destruction"),
        icon="shredder",
        grave=True,
    )


def _confirmed_words(view: CommissionView) -> str:
    if view.state is CommissionState.DONE:
        return gettext("The copies are destroyed. The protocol is ready to be signed.")
    return gettext("Your confirmation is entered. The copies are destroyed with the last one.")


def commission_dissolve(request: PersonRequest, number: str) -> HttpResponse:
    """End a commission before it is done."""
    form = DissolveForm(request.POST, prefix="dissolve")
    answer = submit(
        request,
        form,
        lambda given: services.dissolve_commission(number, given["reason"], **in_person(request)),
        gettext("The commission is dissolved."),
        "commissions",
        field="reason",
        refused=CopyRefusedError,
        late=reverse("commission", args=[number]),
    )
    if answer is not None:
        return answer
    view = queries.commission(number)
    copies = [queries.copy(each) for each in view.copies]
    confirm = ConfirmForm(carriers=_find_undescribed_carriers(view, copies))
    return _commission_page(request, view, copies, confirm, mine=False, dissolving=form)


def commission_document(request: PersonRequest, number: str) -> HttpResponse:
    """Return the protocol of a destruction that is done; its digest is entered before it leaves or is sealed."""
    view = queries.commission(number)
    _require_seeing(request, view)
    if view.state is not CommissionState.DONE or view.done_at is None:
        raise NotFoundError("There is nothing at this address.")
    paper = destruction_paper(view, [queries.copy(each) for each in view.copies])
    issue = partial(issue_paper, f"{COMMISSION}:{number}", PaperKind.DESTRUCTION, paper.letterhead.language)
    name, content = issue(lambda _number, _at: render_pdf(paper), **acting(request))
    unsealed = Unsealed(f"{COMMISSION}:{number}", name, paper.letterhead.title, content)
    return paper_response(request, unsealed, reverse("commission", args=[number]))
