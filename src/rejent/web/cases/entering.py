"""Entering an application: which kind, the form with its deadline while it is typed, the act."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from rejent.cases import queries, rules, services
from rejent.cases.kinds import KINDS, RIGHTS, Demands, demands_of
from rejent.cases.views import CaseView, Channel, Kind
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import NotFoundError, RejentError
from rejent.office import queries as office
from rejent.web.cases.application_papers import application_form
from rejent.web.cases.case_page import holds_of
from rejent.web.cases.forms import CaseForm
from rejent.web.cases.recorded import HELD, Amount, amount
from rejent.web.cases.words import (
    KIND_HINTS,
    answer_words,
    counted_words,
    filing_words,
    kind_title,
    right_words,
)
from rejent.web.pages.plain_form import submit
from rejent.web.requests.visitor import PersonRequest, acting
from rejent.web.stream_parts import PAGES
from rejent.web.words.sources import find_sources, name_with_place
from rejent.web.words.stream_parts import WORDS
from rejent.web.words.when import read_day
from rejent.web.words.wording import day_digits


def case_new(request: PersonRequest) -> HttpResponse:
    """Ask which kind of application it is; where there is one stream and one kind, go on to its form."""
    today = civil_date(settings.CLOCK.now())
    streams = queries.recorded_streams(office.verified_streams(today))
    ways = [
        (
            kind_title(kind),
            WORDS.of(stream).name,
            reverse("case-enter", args=[kind.value, stream]),
            KIND_HINTS[kind],
            application_form(office.version_in_force(today).version, stream, kind),
        )
        for kind in Kind
        for stream in streams
    ]
    return render(request, "cases/case_kinds.html", {"ways": ways, "several": len(streams) > 1})


def case_enter(request: PersonRequest, kind: str, stream: str) -> HttpResponse:
    """Show the form of an application; enter it, or only count its deadline again."""
    chosen, demands = _demands(kind, stream)
    today = civil_date(settings.CLOCK.now())
    counting = "count" in request.POST
    first = {"received_on": day_digits(today), "channel": Channel.IN_PERSON.value}
    form = CaseForm(
        request.POST if request.method == "POST" and not counting else None,
        initial=_typed(request.POST) if counting else first,
        kind=chosen,
        stream=stream,
        demands=demands,
        sources=sources_to_choose(request, stream),
        people=office.people(),
    )
    if not counting:
        answer = submit(
            request,
            form,
            lambda given: services.enter_case(
                given["application"], ledger=settings.LEDGER, **acting(request)
            ),
            _done,
            lambda entered: reverse("case", args=[entered.number]),
        )
        if answer is not None:
            return answer
    context = {
        **form_context(form, chosen, stream, demands),
        "deadline": deadline_context(request.POST, chosen, demands),
        "counted_at": reverse("case-deadline", args=[kind, stream]),
    }
    return render(request, "cases/case_enter.html", context, status=422 if form.is_bound else 200)


def form_context(form: CaseForm, kind: Kind, stream: str, demands: Demands) -> dict[str, Any]:
    """Return what the page of an application's form shows besides its deadline."""
    return {
        "form": form,
        "title": kind_title(kind),
        "stream": WORDS.of(stream).name,
        "written": demands.written and demands.clause,
        "holds": KINDS[kind].recordings and not KINDS[kind].of_a_right,
        "not_given": _not_given(stream) if KINDS[kind].of_a_right else "",
    }


def _not_given(stream: str) -> str:
    """Return which rights the law does not give on the grounds of a stream: such an application can only be refused."""
    prescribed = office.verified_streams(civil_date(settings.CLOCK.now()))[stream]
    without = [right_words(right) for right, each in RIGHTS.items() if not each.given(prescribed.legal_basis)]
    text = gettext(
        "On the grounds of this monitoring the law does not give: %(rights)s. It can only be refused."
    )
    return text % {"rights": ", ".join(without)} if without else ""


def _typed(given: QueryDict) -> dict[str, Any]:
    """Return what was typed so far, to be shown without any complaint."""
    return {name: given.getlist(name) if name == "sources" else given[name] for name in given}


def case_deadline(request: HttpRequest, kind: str, stream: str) -> HttpResponse:
    """Return the deadline of what is typed so far, as a part of the form's page."""
    chosen, demands = _demands(kind, stream)
    return render(
        request, "cases/deadline.html", {"deadline": deadline_context(request.GET, chosen, demands)}
    )


def deadline_context(given: QueryDict, kind: Kind, demands: Demands) -> dict[str, Any]:
    """Return how the deadline of an application is counted, as far as its days can be read: else nothing of it."""
    today = civil_date(settings.CLOCK.now())
    typed = {name: str(given.get(name, "")).strip() for name in _COUNTED}
    held: dict[str, Any] = {"rights": KINDS[kind].of_a_right}
    answered = KINDS[kind].answer_within is not None
    try:
        received = read_day(typed["received_on"], today) if typed["received_on"] else today
        held |= {
            "due": rules.decide_by(kind, received, today),
            "answered": answer_words(kind, received),
            "sentences": list(filing_words(None, demands, late=False)) if not KINDS[kind].recordings else [],
        }
        first = read_day(typed["event_first"], today)
        last = read_day(typed["event_last"], today) if typed["event_last"] else first
        posted = read_day(typed["posted_on"], today) if typed["posted_on"] else None
        deadline = rules.filing_deadline(demands, first, last)
    except RejentError:
        return {"due": rules.decide_by(kind, today, today), **held}
    channel = Channel(typed["channel"]) if typed["channel"] in set(Channel) else Channel.IN_PERSON
    filed = rules.filed_on(channel, received, posted, demands)
    late = deadline is not None and not deadline.in_time(filed)
    return {
        **held,
        "counted": counted_words(deadline) if deadline else "",
        "sentences": held["sentences"] if answered else list(filing_words(deadline, demands, late=late)),
        "late": late,
    }


_COUNTED = ("event_first", "event_last", "received_on", "posted_on", "channel")
"""Fields that a deadline follows from."""


def _demands(kind: str, stream: str) -> tuple[Kind, Demands]:
    """Return the kind of an address and what the regulation demands of it. Raises NotFoundError: there is none such."""
    prescribed = office.verified_streams(civil_date(settings.CLOCK.now()))
    if kind not in set(Kind) or stream not in queries.recorded_streams(prescribed):
        raise NotFoundError("There is nothing at this address.")
    return Kind(kind), demands_of(prescribed[stream], Kind(kind))


def sources_to_choose(request: PersonRequest, stream: str) -> list[tuple[str, str]]:
    """Return the sources to choose from, removed ones too: what they recorded is still there."""
    found = find_sources(request, stream, removed=True) if PAGES.of(stream).by_interval else []
    return [(one.id, name_with_place(one)) for one in found]


def _done(entered: CaseView) -> str:
    done = gettext("Application %(number)s is entered.") % {"number": entered.number}
    if not entered.holds:
        return done
    there = amount(holds_of(entered))
    if there is not Amount.ALL:
        return f"{done} {HELD[there]}"
    return gettext("Application %(number)s is entered, and the recording is held.") % {
        "number": entered.number
    }
