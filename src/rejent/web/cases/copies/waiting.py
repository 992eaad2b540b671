"""What of copies waits for a person: a commission's word, a copy to be made, the next step of one, a life that ends."""

from collections.abc import Iterator
from itertools import islice

from django.urls import reverse
from django.utils.translation import gettext, ngettext_lazy

from rejent.cases import queries as cases
from rejent.cases.attachments.permission import HAND_OVER
from rejent.cases.attachments.queries import find_signed
from rejent.cases.copies import queries
from rejent.cases.copies.rules import GRANTED
from rejent.cases.copies.services.appointing import AHEAD
from rejent.cases.copies.steps import GIVER, MAKER
from rejent.cases.copies.views import CopyView, HandOverState, State
from rejent.registers.books.numbers import year_and_count
from rejent.retention import queries as retention
from rejent.web.cases.copies.listing import MOST, find_ready, to_be_made
from rejent.web.cases.copies.steps import course_of, task_for
from rejent.web.desk import Desk, Line, Reader

_TO_MAKE = ngettext_lazy("%(n)s application: make a copy", "%(n)s applications: make copies", "n")
_TO_DESTROY = ngettext_lazy(
    "Appoint a commission: the life of %(n)s copy ends",
    "Appoint a commission: the life of %(n)s copies ends",
    "n",
)


def _waits(reader: Reader) -> Iterator[Line]:
    """Yield the commissions that wait for a person's word, the copies to be made, the steps of copies that are theirs, and to who appoints commissions the copies whose life ends."""
    for one in queries.awaiting(str(reader.person.id)):
        words = gettext("Commission %(number)s waits for your confirmation") % {"number": one.number}
        address = reverse("commission", args=[one.number])
        yield Line("attention", words, ", ".join(one.copies), address, gettext("Confirm"))
    for number, source, address in to_be_made(reader.person):
        words = gettext("Application %(number)s: make a copy") % {"number": number}
        yield Line("attention", words, source, address, gettext("Make a copy"), alike=_TO_MAKE)
    yield from _steps_waiting(reader)
    if not reader.may("appoint-commission"):
        return
    due = queries.due(reader.today + AHEAD)
    for copy in due[:MOST]:
        if copy.due_on is not None:
            words = gettext("Appoint a commission: the life of copy %(number)s ends") % {
                "number": copy.number
            }
            kind = "stopped" if copy.due_on <= reader.today else "attention"
            address = f"{reverse('commission-new')}?copy={copy.number}"
            yield Line(
                kind, words, "", address, gettext("Appoint a commission"), copy.due_on, alike=_TO_DESTROY
            )


def _steps_waiting(reader: Reader) -> Iterator[Line]:
    """Yield the next step of each copy under way that is this person's: what was asked for and is not handed over, or whose signed paper is missing."""
    if not any(map(reader.may, (MAKER, GIVER))):
        return
    for copy, case in islice(_find_under_way(), MOST):
        task = task_for(course_of(copy), reader.person)
        if task is not None:
            until = copy.due_on if copy.state is State.KEPT else None
            about = gettext("application %(case)s") % {"case": case}
            yield Line("attention", task.title, about, task.address, task.words, until)


def _find_under_way() -> Iterator[tuple[CopyView, str]]:
    """Yield the copies that are to be handed over, or were and lack their signed paper, the oldest first, each with the application that asks for it."""
    seen = set[str]()
    open_ones = queries.find_hand_overs(HandOverState.PREPARED, HandOverState.SIGNED, HandOverState.HANDED)
    signed = find_signed({f"{HAND_OVER}:{one.number}": one.signed_at for one in open_ones if one.signed_at})
    for one in open_ones:
        if one.state is not HandOverState.HANDED or f"{HAND_OVER}:{one.number}" not in signed:
            seen.add(one.copy)
            yield queries.copy(one.copy), one.case
    named = filter(cases.known, {hold.case for hold in retention.holds()})
    handed = {one.case for one in open_ones}
    for view in map(cases.case, sorted(set(named) - handed, key=year_and_count)):
        copy = find_ready(view, queries.of_case(view.number)) if view.state in GRANTED else None
        if copy is not None and copy.state is State.KEPT and copy.number not in seen:
            seen.add(copy.number)
            yield copy, view.number


DESK = Desk(waits=_waits)
