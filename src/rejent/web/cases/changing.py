"""Changes of a case: correction, withdrawal, a longer term of its answer, telling recipients of a decision, erasure."""

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from rejent.cases import queries, services
from rejent.cases.attachments.queries import erasures_wait
from rejent.cases.attachments.services import keep_files
from rejent.cases.copies import queries as copies
from rejent.cases.errors import ApplicationRefusedError, CaseDecidedError, DecisionRefusedError
from rejent.cases.services.notifying import recipients_of
from rejent.cases.views import CaseView, Channel, State
from rejent.kernel.clock import civil_date, clock_time
from rejent.kernel.errors import ConflictError, NotFoundError
from rejent.office import queries as office
from rejent.web.cases.case_page import is_over
from rejent.web.cases.entering import deadline_context, form_context, sources_to_choose
from rejent.web.cases.forms import (
    STRANGER,
    CorrectionForm,
    EraseForm,
    ProlongForm,
    RecipientToldForm,
    WithdrawForm,
)
from rejent.web.cases.words import answer_words, detail_words
from rejent.web.pages.plain_form import Check, PlainForm, form_page, submit
from rejent.web.requests.visitor import PersonRequest, acting, in_person
from rejent.web.words.wording import day_digits


def case_correct(request: PersonRequest, number: str) -> HttpResponse:
    """Show the application as it was entered; enter what it should have said."""
    view = queries.case(number)
    if view.state is not State.WAITING:
        return decided(request, number)
    wanted, demands = view.application, queries.demands_of(view)
    form = CorrectionForm(
        request.POST or None,
        initial=_typed(view),
        kind=wanted.kind,
        stream=wanted.stream,
        demands=demands,
        sources=sources_to_choose(request, wanted.stream),
        people=office.people(),
    )
    answer = submit(
        request,
        form,
        lambda given: services.correct_case(
            number, given["application"], reason=given["reason"], ledger=settings.LEDGER, **acting(request)
        ),
        gettext("The correction is entered; what stood before is kept."),
        reverse("case", args=[number]),
        late=partial(decided, request, number),
    )
    if answer is not None:
        return answer
    typed = request.POST if form.is_bound else request.POST.copy()
    if not form.is_bound:
        typed.update({name: value for name, value in _typed(view).items() if isinstance(value, str)})
    context = {
        **form_context(form, wanted.kind, wanted.stream, demands),
        "deadline": deadline_context(typed, wanted.kind, demands),
        "counted_at": reverse("case-deadline", args=[wanted.kind.value, wanted.stream]),
        "corrected": view,
    }
    return render(request, "cases/case_enter.html", context, status=422 if form.is_bound else 200)


def _typed(view: CaseView) -> dict[str, Any]:
    wanted = view.application
    first, last = wanted.event_first, wanted.event_last
    interval, about = wanted.interval, wanted.about
    bounded = interval is not None and about is not None and interval.start == about
    own = wanted.applicant.person or (STRANGER if _is_namesake(view) else "")
    return {
        "applicant": wanted.applicant.name,
        "address": wanted.applicant.address,
        "contact": wanted.applicant.contact,
        "own": own,
        "right": wanted.right,
        "identity": wanted.identity,
        "channel": wanted.channel.value,
        "received_on": day_digits(wanted.received_on),
        "posted_on": day_digits(wanted.posted_on) if wanted.posted_on else "",
        "event_first": day_digits(first) if first else "",
        "event_last": day_digits(last) if last and last != first else "",
        "start": clock_time(about, seconds=False) if about else "",
        "end": clock_time(interval.end, seconds=False) if interval and bounded else "",
        "sources": sorted(wanted.source_ids),
        **{name: detail_words(name, text) for name, text in wanted.details.items()},
    }


def _is_namesake(view: CaseView) -> bool:
    return any(queries.is_namesake(view.application.applicant.name, one.name) for one in office.people())


def case_withdraw(request: PersonRequest, number: str) -> HttpResponse:
    """Ask on which day the applicant took it back, and enter that."""
    view = queries.case(number)
    if view.state is not State.WAITING:
        return decided(request, number)
    today = civil_date(settings.CLOCK.now())
    form = WithdrawForm(request.POST or None, initial={"withdrawn_on": day_digits(today)})
    answer = submit(
        request,
        form,
        lambda given: services.withdraw_case(
            number, given["withdrawn_on"], ledger=settings.LEDGER, **acting(request)
        ),
        gettext("The withdrawal is entered. What is held stays until it is decided on."),
        reverse("case", args=[number]),
        refused=ApplicationRefusedError,
        late=partial(decided, request, number),
    )
    title = gettext("The applicant withdraws the application")
    return answer or _small(request, view, form, title, gettext("Enter the withdrawal"))


def case_tell(request: PersonRequest, number: str, hand_over: str) -> HttpResponse:
    """Ask when and how the recipient of a hand-over was told of the decision, and enter that (GDPR art. 19)."""
    view = queries.case(number)
    found = {each.handed.number: each for each in recipients_of(view)}
    if hand_over not in found:
        raise NotFoundError("There is nothing at this address.")
    today = civil_date(settings.CLOCK.now())
    form = RecipientToldForm(request.POST or None, initial={"told_on": day_digits(today)})
    answer = submit(
        request,
        form,
        lambda given: services.enter_notification(
            number,
            hand_over,
            told_on=given["told_on"],
            channel=Channel(given["channel"]),
            ledger=settings.LEDGER,
            **acting(request),
        ),
        gettext("It is entered that the recipient was told."),
        reverse("case", args=[number]),
        refused=ApplicationRefusedError,
    )
    about = gettext("Hand-over %(number)s: %(body)s") % {
        "number": hand_over,
        "body": found[hand_over].handed.body or found[hand_over].handed.recipient,
    }
    title = gettext("The recipient was told of the decision")
    return answer or _small(request, view, form, title, gettext("Enter that"), about=about)


def case_prolong(request: PersonRequest, number: str) -> HttpResponse:
    """Ask why the answer comes later, and put it off."""
    view = queries.case(number)
    if view.state is not State.WAITING:
        return decided(request, number)
    form = ProlongForm(request.POST or None)
    answer = submit(
        request,
        form,
        lambda given: services.prolong_case(
            number, reasons=given["reasons"], ledger=settings.LEDGER, **in_person(request)
        ),
        gettext("The longer term is entered. Send the letter to the person."),
        reverse("case", args=[number]),
        field="reasons",
        refused=DecisionRefusedError,
        late=partial(decided, request, number),
    )
    wanted = view.application
    later = answer_words(wanted.kind, wanted.received_on, prolonged=True)
    title = gettext("Put off the answer")
    return answer or _small(request, view, form, title, title, about=later)


def case_erase(request: PersonRequest, number: str) -> HttpResponse:
    """Ask which term ended, show what will be erased, and erase it."""
    view = queries.case(number)
    if not is_over(view):
        return redirect("case", number)
    form = EraseForm(request.POST or None)
    answer = submit(
        request,
        form,
        lambda given: _erase(request, number, given["grounds"]),
        gettext("What the applicant said is erased."),
        reverse("case", args=[number]),
        field="grounds",
        check=lambda given: _erasure(view, given["grounds"]),
        refused=DecisionRefusedError,
    )
    title = gettext("Erase what the applicant said")
    return answer or _small(request, view, form, title, gettext("Check before erasing"))


def _erase(request: PersonRequest, number: str, grounds: str) -> None:
    services.erase_applicant(number, grounds=grounds, ledger=settings.LEDGER, **in_person(request))
    if erasures_wait():
        keep_files(settings.KEEPING())


def _erasure(view: CaseView, grounds: str) -> Check:
    return Check(
        title=gettext("Check before erasing"),
        facts=[
            (gettext("Case"), (view.number,)),
            (gettext("Term that ended"), (grounds,)),
        ],
        outcome=[
            gettext(
                "Name, address, texts, reasons, attached files and what stood there before corrections are erased for good."
            ),
            gettext("Number, days, holds, decision and the entries in the register of actions stay."),
            *(
                [gettext("Who took a copy stays in the register of disclosed recordings.")]
                if copies.hand_overs_under(view.number)
                else []
            ),
        ],
        confirm=gettext("Erase"),
        icon="shredder",
        grave=True,
    )


def _small(
    request: PersonRequest, view: CaseView, form: PlainForm, title: str, submitted: str, *, about: str = ""
) -> HttpResponse:
    return form_page(
        request, "cases/case_change.html", form, view=view, title=title, submit=submitted, about=about
    )


def decided(request: PersonRequest, number: str, late: ConflictError | None = None) -> HttpResponse:
    """Lead back to a case that was decided, and say so; any other conflict of an act goes on as it was raised."""
    if late is not None and not isinstance(late, CaseDecidedError):
        raise late
    messages.warning(request, gettext("The application has been decided. The decision cannot be changed."))
    return redirect("case", number)
