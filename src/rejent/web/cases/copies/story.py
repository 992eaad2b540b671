"""Copies in the story of a case, the step that follows, and lines of the start page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.access.rules.decision import may_administer
from rejent.cases import queries as cases
from rejent.cases.copies import permission, queries
from rejent.cases.copies.rules import GRANTED, is_derived_alone
from rejent.cases.copies.services.destroying import AHEAD
from rejent.cases.copies.services.handing import handable_under
from rejent.cases.copies.views import CopyView, State
from rejent.cases.views import CaseView, Kind
from rejent.catalog import queries as catalog
from rejent.office.people.role_words import ROLES
from rejent.office.views import PersonView
from rejent.registers.books.numbers import read_number
from rejent.retention import queries as retention
from rejent.web.cases.copies.words import COPY_STATES, outcomes
from rejent.web.people.duties import Line
from rejent.web.words import wording

MOST = 20


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is to be done next about the copies of a case: a sentence, and the button that leads on; none where it is another's to do."""

    sentence: str | Promise
    address: str = ""
    icon: str = ""
    words: str | Promise = ""


def copy_links(view: CaseView) -> tuple[tuple[str, str, str], ...]:
    """Return the copies of a case: number, address, and what became of each."""
    found = []
    for copy in queries.of_case(view.number):
        if copy.state is State.MAKING:
            found.append((gettext("a copy"), reverse("copies"), str(COPY_STATES[copy.state][1])))
            continue
        more = "; ".join(outcomes(copy, queries.hand_over(copy.number))) or gettext("kept until %(day)s") % {
            "day": wording.day_digits(copy.due_on) if copy.due_on else ""
        }
        found.append((copy.number, reverse("copy", args=[copy.number]), more))
    return tuple(found)


def next_step(view: CaseView, person: PersonView) -> NextStep | None:
    """Return the next step about a case's copies, for a person; None where nothing is to be done about copies."""
    made = queries.of_case(view.number)
    if is_derived_alone(view) and made and not any(copy.origin for copy in made):
        return _derivation(made, person)
    kept = _ready(view, made)
    if kept is not None:
        if may_administer(person.roles, "hand-over-copy").allowed:
            address = reverse("copy-hand-over", args=[kept.number])
            ready = gettext("Copy %(number)s is ready to be handed over.") % {"number": kept.number}
            return NextStep(ready, address, "signature", _("Hand over"))
        return None
    elsewhere = bool(view.application.right) and not is_derived_alone(view)
    holds = [] if made or elsewhere else permission.copyable(view)
    if not holds:
        return None
    if permission.making_refusal(person, holds[0].source_id, clock=settings.CLOCK) is not None:
        makers = permission.makers_of(catalog.verified_stream_of(holds[0].source_id), clock=settings.CLOCK)
        named = ", ".join(str(ROLES[each]) for each in makers)
        told = gettext("By the regulation a copy is made by: %(roles)s. It waits on their start page.") % {
            "roles": named
        }
        return NextStep(told)
    address = reverse("copy-new", args=[view.number])
    return NextStep(_("The recording is held and can be copied."), address, "file-text", _("Make a copy"))


def _derivation(made: list[CopyView], person: PersonView) -> NextStep | None:
    """Return the step from a copy for a recorded person to the one derived from it; None where it is not this person's."""
    kept = next((copy for copy in made if copy.state is State.KEPT), None)
    if kept is None or permission.making_refusal(person, kept.source_id, clock=settings.CLOCK) is not None:
        return None
    address = reverse("copy-redact", args=[kept.number])
    return NextStep(
        _("The person gets a derived copy, in which others are hidden."), address, "pencil", _("Hide parts")
    )


def _ready(view: CaseView, made: list[CopyView]) -> CopyView | None:
    """Return a copy that can be handed over under a case: of its own, or made before for somebody else of the same recording."""
    alone = is_derived_alone(view)
    if not alone and view.application.kind is not Kind.DISCLOSURE:
        return None
    others = [] if made or alone else queries.kept_of(hold.source_id for hold in permission.copyable(view))
    candidates = [copy for copy in [*made, *others] if copy.origin or not alone]
    return next(
        (copy for copy in candidates if copy.state is State.KEPT and handable_under(copy, view)), None
    )


def to_be_made(person: PersonView) -> Iterator[tuple[str, str, str]]:
    """Yield the applications that a person can make a first copy for: number, what is held for it, address of the form."""
    if not may_administer(person.roles, "make-copy").allowed:
        return
    named = filter(cases.known, {hold.case for hold in retention.holds()})
    views = map(cases.case, sorted(named, key=read_number, reverse=True))
    left = (view for view in views if view.state in GRANTED and not queries.of_case(view.number))
    for view in islice(left, MOST):
        holds = permission.copyable(view)
        if holds and permission.making_refusal(person, holds[0].source_id, clock=settings.CLOCK) is None:
            names = sorted({catalog.source(hold.source_id).name for hold in holds})
            yield view.number, ", ".join(names), reverse("copy-new", args=[view.number])


def copies_waiting(person: PersonView, today: date) -> Iterator[Line]:
    """Yield the commissions that wait for a person's word, and to who appoints them the copies whose life ends."""
    for one in queries.awaiting(str(person.id)):
        words = gettext("Commission %(number)s waits for your confirmation") % {"number": one.number}
        yield Line("attention", words, ", ".join(one.copies), reverse("commission", args=[one.number]))
    for number, source, address in to_be_made(person):
        words = gettext("Application %(number)s: make a copy") % {"number": number}
        yield Line("attention", words, source, address)
    if not may_administer(person.roles, "appoint-commission").allowed:
        return
    due = queries.due(today + AHEAD)
    for copy in due[:MOST]:
        if copy.due_on is None:
            continue
        left = wording.days_left((copy.due_on - today).days)
        words = gettext("Appoint a commission: the life of copy %(number)s ends") % {"number": copy.number}
        kind = "stopped" if copy.due_on <= today else "attention"
        yield Line(
            kind,
            words,
            f"{wording.day_words(copy.due_on)} – {left}",
            f"{reverse('commission-new')}?copy={copy.number}",
        )
