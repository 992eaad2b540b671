"""The list of cases with its search, and the register of applications: its columns and its rows in words."""

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext_lazy

from rejent.cases import queries
from rejent.cases.views import CaseView, State
from rejent.kernel.clock import civil_date
from rejent.kernel.terms import working_days_after
from rejent.web.cases.open_cases import open_cases
from rejent.web.cases.words import CASE_KINDS, CASE_STATES, CHANNELS, kind_title
from rejent.web.desk import Desk, Line, Reader
from rejent.web.registers.books.register import Cell
from rejent.web.requests.visitor import PersonRequest, may
from rejent.web.words.acts import Names
from rejent.web.words.wording import day_digits

LONGEST_SEARCH = 200
_SEARCH = "cases-search"


def cases(request: PersonRequest) -> HttpResponse:
    """Return the cases, the newest first, or those that fit a search.

    What is searched for is an applicant's name as a rule: it stays in the session and stands in no address.
    """
    state = request.GET.get("state", "")
    state = state if state in set(State) else ""
    if request.method == "POST":
        request.session[_SEARCH] = request.POST.get("q", "")[:LONGEST_SEARCH].strip()
        return redirect(f"{reverse('cases')}{_asking(state=state)}")
    words = request.session.get(_SEARCH, "")
    after, today = request.GET.get("after", ""), civil_date(settings.CLOCK.now())
    found = queries.cases(words=words, state=state, after=after)
    context = {
        "rows": [(view, CASE_KINDS[view.application.kind], CASE_STATES[view.state]) for view in found.cases],
        "words": words,
        "state": state,
        "narrowed": bool(words or state),
        "chips": [(one.value, CASE_STATES[one][1]) for one in State],
        "older": _asking(state=state, after=found.more) if found.more else "",
        "newest": _asking(state=state) if after else "",
        "open": None if words or after or state not in {"", State.WAITING} else open_cases(today),
        "may_enter": may(request, "enter-case"),
    }
    return render(request, "cases/cases.html", context)


def _asking(**asked: str) -> str:
    given = {name: value for name, value in asked.items() if value}
    return f"?{urlencode(given)}" if given else "?"


def applications(_found: Sequence[CaseView]) -> list[Cell[CaseView]]:
    """Return the register of applications; the regulations demand it (S1, S2, S4) and name no columns."""
    names = Names()
    return [
        Cell(gettext("Number"), 9, lambda one: one.number),
        Cell(gettext("Kind"), 13, lambda one: str(CASE_KINDS[one.application.kind])),
        Cell(gettext("Applicant"), 16, lambda one: one.application.applicant.name),
        Cell(gettext("Received on"), 9, lambda one: one.application.received_on),
        Cell(gettext("How it came"), 11, lambda one: str(CHANNELS[one.application.channel]), printed=False),
        Cell(gettext("Counts as filed on"), 9, lambda one: one.filed_on, printed=False),
        Cell(gettext("Event"), 9, _days, in_view=False),
        Cell(gettext("Last day to file"), 9, lambda one: one.last_day or "–", in_view=False),
        Cell(
            gettext("Filed late"), 6, lambda one: gettext("yes") if one.late else gettext("no"), in_view=False
        ),
        Cell(gettext("Decision"), 11, lambda one: str(CASE_STATES[one.state][1])),
        Cell(gettext("Decided by"), 16, lambda one: _decider(one, names)),
        Cell(gettext("Decided on"), 11, lambda one: one.decision.at if one.decision else "", in_view=False),
        Cell(gettext("Grounds"), 16, lambda one: one.decision.basis if one.decision else "", printed=False),
        Cell(gettext("Holds"), 11, lambda one: ", ".join(one.holds)),
    ]


def _days(view: CaseView) -> str:
    first, last = view.application.event_first, view.application.event_last
    if first is None or last is None:
        return "–"
    return day_digits(first) if first == last else f"{day_digits(first)}–{day_digits(last)}"


def _decider(view: CaseView, names: Names) -> str:
    if view.decision is None:
        return ""
    name = names.person(view.decision.by)
    if not view.decision.in_place_of:
        return name
    return gettext("%(name)s, in the head's place") % {"name": name}


SOON = 2
"""Working days before the last for which a provisional hold is meant, from which the line warns."""
MOST = 20
_TO_DECIDE = ngettext_lazy(
    "%(n)s application waits for the decision", "%(n)s applications wait for the decision", "n"
)


def _waits(reader: Reader) -> Iterator[Line]:
    """Yield the applications that wait for the decision, to who decides; each until its decision is due."""
    if not reader.may("decide-case"):
        return
    waiting = queries.waiting(MOST + 1)
    soon = working_days_after(reader.today, SOON)
    for view in waiting[:MOST]:
        words = gettext("%(application)s: decide") % {
            "application": f"{kind_title(view.application.kind)} {view.number}"
        }
        kind = "stopped" if view.decide_by <= soon else "attention"
        address = reverse("case-decide", args=[view.number])
        applicant = view.application.applicant.name
        yield Line(kind, words, applicant, address, gettext("Decide"), view.decide_by, alike=_TO_DECIDE)
    if waiting[MOST:]:
        words = gettext("More applications wait for the decision")
        yield Line("attention", words, "", f"{reverse('cases')}?state=waiting", gettext("See them"))


DESK = Desk(waits=_waits)
