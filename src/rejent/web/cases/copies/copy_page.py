"""Making a copy, and the page of one."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from rejent.access.errors import AccessRefusedError
from rejent.cases import queries as cases
from rejent.cases.attachments.permission import HAND_OVER
from rejent.cases.copies import permission, queries, rules, services
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError
from rejent.cases.copies.services.appointing import AHEAD
from rejent.cases.copies.stream_parts import COPIES
from rejent.cases.copies.views import CopyView, DeliveryWay, HandOverState, HandOverView, State
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import NotFoundError
from rejent.office.regulation.provisions import Copies
from rejent.office.regulation.vocabulary import HandoverDocument
from rejent.retention.terms.rules import StandingHold
from rejent.web.cases.attachments.pages import is_sealing
from rejent.web.cases.attachments.words import file_lines, removed_lines
from rejent.web.cases.copies.forms import CopyForm, DeliveryForm, RenewForm
from rejent.web.cases.copies.handable import narrower_cases
from rejent.web.cases.copies.labels import LABEL_SIZES
from rejent.web.cases.copies.package_page import whom_options
from rejent.web.cases.copies.redacting import made_in_background
from rejent.web.cases.copies.steps import course_of, step_lines, task_for, waits_for
from rejent.web.cases.copies.words import (
    COPY_STATES,
    HAND_OVER_STATES,
    copy_facts,
    delivery_words,
    entered_words,
    moment_and_name,
    package_words,
)
from rejent.web.cases.recorded import keeps_something, nothing_to_copy
from rejent.web.pages.plain_form import submit
from rejent.web.requests.visitor import PersonRequest, in_person, may
from rejent.web.stream_parts import PAGES
from rejent.web.words.acts import Names
from rejent.web.words.recordings import item_of
from rejent.web.words.wording import day_digits, length_words, span_digits

_SIGNED_ON_SCREEN = frozenset({HandoverDocument.PROTOCOL.value, HandoverDocument.RECEIPT.value})
"""Papers with a line for each of both; the register's page is signed by hand."""


def copy_new(request: PersonRequest, case: str) -> HttpResponse:
    """Make a copy of what a case's holds keep."""
    view = cases.case(case)
    copyable = permission.copyable(view)
    holds = [(hold, _hold_words(hold)) for hold in copyable if keeps_something(hold)]
    provisions = permission.copies_of(view.application.stream, view.version)
    if copyable:
        refused = permission.making_refusal(request.person, copyable[0].source_id, clock=settings.CLOCK)
        if refused is not None:
            raise AccessRefusedError(refused)
    today = civil_date(settings.CLOCK.now())
    form = CopyForm(
        request.POST or None,
        initial={"hold": holds[0][0].number if len(holds) == 1 else ""},
        holds=holds,
        stated=provisions.lifetime is None,
        today=today,
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _made(request, case, form)
        except CopyRefusedError as error:
            form.refuse(error)
    context = {
        "view": view,
        "form": form,
        "holds": holds,
        "nothing": nothing_to_copy(copyable) if copyable else "",
        "life": _life_words(provisions),
        "clause": provisions.clause,
        "copied": PAGES.of(view.application.stream).words.copied,
        "may_see": may(request, "see-cases"),
    }
    return render(request, "copies/copy_new.html", context, status=422 if form.errors else 200)


def _made(request: PersonRequest, case: str, form: CopyForm) -> HttpResponse:
    given, chosen, interval = form.cleaned_data, form.chosen, form.interval
    if chosen is None or interval is None:
        raise CopyRefusedError("Choose what is copied.", part="hold")
    asked = services.Asked(
        case,
        chosen.source_id,
        interval,
        item=chosen.item,
        stated=given.get("stated"),
    )
    begun = services.begin_copy(asked, person=request.person, keeping=settings.KEEPING())
    return made_in_background(request, begun)


def _hold_words(hold: StandingHold) -> str:
    source = catalog.source(hold.source_id).name
    item = item_of(hold.source_id, hold.item)
    what = item.named(source) if item else f"{source}, {span_digits(hold.interval.start, hold.interval.end)}"
    return f"{hold.number}: {what}"


def _life_words(rules: Copies) -> str:
    if rules.lifetime is None:
        return gettext("The regulation sets no lifetime of copies: state the last day.")
    facts = {"length": length_words(rules.lifetime.count, rules.lifetime.unit)}
    if rules.lifetime_from == "recording":
        return gettext("The copy lives %(length)s from the day of the recording.") % facts
    return gettext("The copy lives %(length)s from the day of its making.") % facts


def copy(request: PersonRequest, number: str) -> HttpResponse:
    """Return a copy: what is in it, what it is for, what is to be done."""
    return _copy_page(request, queries.copy(number))


def _copy_page(
    request: PersonRequest,
    view: CopyView,
    form: RenewForm | None = None,
    delivery: DeliveryForm | None = None,
    status: int = 200,
) -> HttpResponse:
    today = civil_date(settings.CLOCK.now())
    living = view.state in {State.KEPT, State.HANDED}
    course = course_of(view)
    commission = _commission_of(view)
    may_pack = (
        living and permission.making_refusal(request.person, view.source_id, clock=settings.CLOCK) is None
    )
    task = task_for(course, request.person) if living and not commission else None
    context = {
        "copy": view,
        "facts": copy_facts(view),
        "state": COPY_STATES[view.state],
        "sizes": LABEL_SIZES.items(),
        "living": living,
        "may_pack": may_pack,
        "ends_soon": living and view.due_on is not None and view.due_on <= today + AHEAD,
        "commission": commission,
        "may_appoint": may(request, "appoint-commission"),
        "course": step_lines(course, request.person),
        "task": task,
        "waits": waits_for(course) if living and not commission and task is None else "",
        "over": view.due_on is not None and view.due_on < today,
        "packages": [
            (package_words(each), moment_and_name(each.at, each.by, Names())) for each in course.packages
        ],
        "may_write": may_pack
        and (course.hand_over is None or course.hand_over.state is HandOverState.PREPARED),
        "whom": whom_options(view) if may_pack else [],
        "narrower": narrower_cases(view)
        if view.state is State.KEPT and not course.asked_for and not view.origin
        else [],
        "derived": queries.derived_from(view.number) if not view.origin else [],
        "for_recorded": rules.is_derived_alone(cases.case(view.case)),
        "only_derived": not course.leaves,
        "exporting": COPIES.of(view.source_kind).exporting,
        "redactable": COPIES.of(view.source_kind).redacting is not None,
        "may_see_entry": may(request, "see-ledger"),
        "renewable": living and may(request, "renew-copy") and _renewable(view),
        "form": form or RenewForm(),
        **_handing_context(request, course.hand_over),
        "withdrawn": [_describe_withdrawal(each) for each in queries.find_withdrawn(view.number)],
        "delivery": delivery or DeliveryForm(),
    }
    return render(request, "copies/copy.html", context, status=status)


def _handing_context(request: PersonRequest, handed: HandOverView | None) -> dict[str, Any]:
    """Return what the page shows of a hand-over that is prepared, signed or done: its papers and its deliveries."""
    if handed is None:
        return {"handed": None}
    about = f"{HAND_OVER}:{handed.number}"
    done = handed.state is HandOverState.HANDED
    return {
        "handed": handed,
        "handing_state": HAND_OVER_STATES[handed.state],
        "signed": file_lines(request.person, about),
        "removed": removed_lines(about),
        "may_sign": may(request, "hand-over-copy"),
        "may_attach": handed.state is not HandOverState.PREPARED and may(request, "hand-over-copy"),
        "may_seal": is_sealing(),
        "on_screen": not done and bool(set(handed.documents) & _SIGNED_ON_SCREEN),
        "may_deliver": done and may(request, "hand-over-copy"),
        "deliveries": [(delivery_words(each), entered_words(each)) for each in handed.deliveries],
    }


def _describe_withdrawal(handed: HandOverView) -> str:
    when = moment_and_name(handed.withdrawn_at, handed.withdrawn_by, Names()) if handed.withdrawn_at else ""
    words = gettext("Hand-over %(number)s was withdrawn, nothing was handed over: %(reason)s (%(when)s)")
    return words % {"number": handed.number, "reason": handed.reason, "when": when}


def _renewable(view: CopyView) -> bool:
    return permission.copies_of(view.source_kind, view.version).renewable


def _commission_of(view: CopyView) -> str:
    if view.commission:
        return view.commission
    at_work = (one for one in queries.commissions() if one.state.value in {"appointed", "confirmed"})
    return next((one.number for one in at_work if view.number in one.copies), "")


def copy_renew(request: PersonRequest, number: str) -> HttpResponse:
    """Let a copy live longer by a further application."""
    form = RenewForm(request.POST)
    answer = submit(
        request,
        form,
        lambda given: services.renew_copy(number, given["case"].strip().upper(), **in_person(request)),
        lambda again: (
            gettext("The copy is kept until %(day)s.")
            % {"day": day_digits(again.due_on) if again.due_on else ""}
        ),
        reverse("copy", args=[number]),
        field="case",
        refused=(CopyRefusedError, CopyStateError, NotFoundError),
    )
    return answer or _copy_page(request, queries.copy(number), form, status=422)


def copy_deliver(request: PersonRequest, number: str) -> HttpResponse:
    """Enter how a copy that was handed over was delivered."""
    handed = queries.hand_over(number)
    if handed is None:
        raise NotFoundError("There is nothing at this address.")
    form = DeliveryForm(request.POST)
    answer = submit(
        request,
        form,
        lambda given: services.enter_delivery(
            services.Delivered(
                handed.number,
                DeliveryWay(given["way"]),
                given["reference"],
                given["sent"],
                given["received"],
            ),
            ledger=settings.LEDGER,
            **in_person(request),
        ),
        gettext("The delivery is entered."),
        reverse("copy", args=[number]),
        refused=CopyRefusedError,
    )
    return answer or _copy_page(request, queries.copy(number), delivery=form, status=422)
