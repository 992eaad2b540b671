"""The steps of a copy in the reader's words: what is done, what is next, who takes it, what can be taken back and until when."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.access.rules.decision import may_administer
from rejent.cases import queries as cases
from rejent.cases.attachments.permission import HAND_OVER
from rejent.cases.attachments.queries import attached
from rejent.cases.attachments.views import Role
from rejent.cases.copies import permission, queries, rules
from rejent.cases.copies.errors import CopyRefusedError
from rejent.cases.copies.steps import (
    FINAL_WITH,
    GIVER,
    MAKER,
    Course,
    Happened,
    Standing,
    Step,
    StepName,
    find_steps,
    next_step,
)
from rejent.cases.copies.views import CopyView, HandOverView
from rejent.cases.views import PaperKind
from rejent.evidence.sealing import find_taken
from rejent.office.people.role_words import ROLES
from rejent.office.views import PersonView
from rejent.web.cases.copies.handable import handable_cases
from rejent.web.cases.copies.identifiers import SIGNINGS
from rejent.web.cases.copies.words import carrier_words, moment_and_name, package_words
from rejent.web.pages.plain_form import Check, PlainForm, submit
from rejent.web.requests.visitor import PersonRequest
from rejent.web.words.acts import Names
from rejent.web.words.wording import day_digits, moment_digits

T = TypeVar("T")

TITLES: Mapping[StepName, str | Promise] = {
    StepName.MADE: _("Copy made"),
    StepName.PACKED: _("Evidence package taken"),
    StepName.WRITTEN: _("Package written to the carrier"),
    StepName.LABELLED: _("Label taken for printing"),
    StepName.PREPARED: _("Paper of the hand-over: a draft with its number"),
    StepName.SIGNED: _("Paper signed"),
    StepName.HANDED: _("Handed over"),
    StepName.KEPT: _("Signed paper kept"),
}
TO_DO: Mapping[StepName, str | Promise] = {
    StepName.PACKED: _("Take the evidence package of the copy and write it to the carrier."),
    StepName.WRITTEN: _("Enter to which carrier the package was written, once it was."),
    StepName.LABELLED: _("Print the label and stick it on the carrier."),
    StepName.PREPARED: _("Prepare the paper of the hand-over and print it: a draft until both have signed."),
    StepName.SIGNED: _("Enter that the paper was signed, once both have signed it."),
    StepName.HANDED: _("Hand the carrier over, then enter when."),
    StepName.KEPT: _("Attach the signed paper."),
}
_UNDONE: Mapping[StepName, str | Promise] = {
    StepName.MADE: _("A commission alone destroys it, on its last day."),
    StepName.PACKED: _("What was taken cannot be recalled."),
    StepName.WRITTEN: _("Can be taken back until the paper is signed."),
    StepName.PREPARED: _("Can be withdrawn until the copy is handed over."),
    StepName.SIGNED: _("Can be withdrawn until the copy is handed over."),
    StepName.HANDED: _("Cannot be taken back."),
    StepName.KEPT: _("A file that was attached wrongly can be removed, with a reason."),
}
_FINAL: Mapping[StepName, str | Promise] = {
    StepName.WRITTEN: _("Cannot be taken back: the paper that names the carrier is signed."),
    StepName.PREPARED: _("Cannot be withdrawn: the copy was handed over."),
    StepName.SIGNED: _("Cannot be withdrawn: the copy was handed over."),
}


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step as the page lists it: ``undo`` says what can be taken back and until when, ``back`` leads there."""

    step: Step
    title: str
    lines: tuple[str, ...]
    undo: str
    back: tuple[tuple[str, str], ...] = ()


def course_of(view: CopyView) -> Course:
    """Return what rows and ledger say of a copy's course. Raises LedgerMismatchError: a row is not as it was entered."""
    handed = queries.hand_over(view.number)
    about = f"{HAND_OVER}:{handed.number}" if handed else ""
    return Course(
        view,
        tuple(find_taken(view.number)),
        _find_made(f"copy:{view.number}", PaperKind.LABEL),
        handed,
        _find_made(about, PaperKind.HAND_OVER, PaperKind.SIGNED_ON_SCREEN) if handed else None,
        _find_attached(handed, about) if handed else None,
        asked_for=bool(handable_cases(view)),
        leaves=bool(view.origin) or not rules.is_derived_alone(cases.case(view.case)),
    )


def _find_made(about: str, *kinds: PaperKind) -> Happened | None:
    """Return when a paper of these kinds was made, and by whom, the newest; None where none was."""
    made = cases.newest_paper(about, *kinds)
    return Happened(*made) if made else None


def _find_attached(handed: HandOverView, about: str) -> Happened | None:
    """Return when a paper that both signed, or the evidence of a delivery, was attached: what came after the signatures were entered."""
    since = handed.signed_at
    if since is None:
        return None
    files = (
        each for each in attached(about, Role.SIGNED, Role.DELIVERY) if each.kept_at and each.kept_at >= since
    )
    return next((Happened(each.kept_at, each.by) for each in files if each.kept_at), None)


def step_lines(course: Course, reader: PersonView) -> list[StepLine]:
    """Return the steps of a copy as its page lists them."""
    names = Names()
    return [
        StepLine(
            step,
            str(TITLES[step.name]),
            tuple(_lines(step, course, names)),
            str(
                _FINAL.get(step.name, _UNDONE.get(step.name, ""))
                if _is_final(step)
                else _UNDONE.get(step.name, "")
            ),
            tuple(_find_ways_back(step, course, reader)),
        )
        for step in find_steps(course)
        if step.standing is not Standing.NEVER
    ]


def _is_final(step: Step) -> bool:
    return step.name in FINAL_WITH and step.standing is Standing.DONE and not step.revocable


def _lines(step: Step, course: Course, names: Names) -> Iterator[str]:
    if step.done is None:
        yield gettext("Takes it: %(who)s.") % {"who": who_takes(step.name, course.copy)}
        return
    yield from _facts(step.name, course)
    yield moment_and_name(step.done.at, step.done.by, names)


def who_takes(name: StepName, copy: CopyView) -> str:
    """Return who takes a step: who makes copies by the regulation, or who hands them over."""
    if name in {StepName.PREPARED, StepName.SIGNED, StepName.HANDED, StepName.KEPT}:
        return gettext("whoever hands copies over")
    return ", ".join(
        str(ROLES[each]) for each in permission.makers_of(copy.source_kind, clock=settings.CLOCK)
    )


def _facts(name: StepName, course: Course) -> Iterator[str]:
    """Yield what is known of a step that was taken."""
    handed = course.hand_over
    match name:
        case StepName.PACKED:
            yield from (package_words(each) for each in course.packages[-1:])
        case StepName.WRITTEN:
            yield from (carrier_words(each) for each in course.copy.carriers)
        case StepName.PREPARED if handed:
            yield handed.number
        case StepName.SIGNED if handed and handed.signed_on and handed.signing:
            yield f"{day_digits(handed.signed_on)}, {SIGNINGS[handed.signing]}"
        case StepName.HANDED if handed and handed.handed_at:
            yield gettext("%(moment)s: %(who)s") % {
                "moment": moment_digits(handed.handed_at), "who": handed.body or handed.recipient,
            }  # fmt: skip


def _find_ways_back(step: Step, course: Course, reader: PersonView) -> Iterator[tuple[str, str]]:
    """Yield the words and addresses by which a reader takes a step back."""
    if not step.revocable or not may_take(step, course, reader):
        return
    number = course.copy.number
    if step.name is StepName.WRITTEN:
        for each in course.copy.carriers:
            words = gettext("Take back: %(sign)s") % {"sign": each.sign or gettext("file sent")}
            yield words, reverse("copy-unwritten", args=[number, each.key])
    elif step.name is StepName.PREPARED or course.hand_over is None:
        yield gettext("Withdraw the hand-over"), reverse("hand-over-withdraw", args=[number])


def duties_of(course: Course, reader: PersonView) -> tuple[str, ...]:
    """Return which acts of a copy's course a person carries."""
    found = []
    if permission.making_refusal(reader, course.copy.source_id, clock=settings.CLOCK) is None:
        found.append(MAKER)
    if may_administer(reader.roles, GIVER).allowed:
        found.append(GIVER)
    return tuple(found)


def may_take(step: Step, course: Course, reader: PersonView) -> bool:
    """Return whether a person carries the act of a step."""
    return step.duty in duties_of(course, reader)


@dataclass(frozen=True, slots=True)
class NextTask:
    """The step of a copy that a person can take now: how a list names it, its sentence, address and words of the button."""

    name: StepName
    title: str
    sentence: str
    address: str
    words: str
    icon: str


_BUTTONS: Mapping[StepName, tuple[str, str | Promise, str]] = {
    StepName.PACKED: ("copy", _("Take the package"), "download"),
    StepName.WRITTEN: ("copy-written", _("I have written it to a carrier"), "database"),
    StepName.LABELLED: ("copy", _("Print the label"), "printer"),
    StepName.PREPARED: ("copy-hand-over", _("Prepare the hand-over"), "file-text"),
    StepName.SIGNED: ("hand-over-signed", _("It was signed"), "signature"),
    StepName.HANDED: ("hand-over-done", _("It was handed over"), "circle-check"),
    StepName.KEPT: ("copy", _("Attach the signed paper"), "plus"),
}
_TASKS: Mapping[StepName, str | Promise] = {
    StepName.PACKED: _("Copy %(number)s: take the package"),
    StepName.WRITTEN: _("Copy %(number)s: enter the carrier"),
    StepName.LABELLED: _("Copy %(number)s: print the label"),
    StepName.PREPARED: _("Copy %(number)s: prepare the hand-over"),
    StepName.SIGNED: _("Copy %(number)s: enter the signatures"),
    StepName.HANDED: _("Copy %(number)s: enter the hand-over"),
    StepName.KEPT: _("Copy %(number)s: attach the signed paper"),
}
_PRINTING = _("Copy %(number)s: print the paper of the hand-over")
_TO_PRINT = _("The hand-over is prepared. Print its paper: a draft until both have signed.")
_PLACES = {StepName.PACKED: "#package", StepName.LABELLED: "#label", StepName.KEPT: "#files"}


def task_for(course: Course, reader: PersonView) -> NextTask | None:
    """Return what a person can do next about a copy; None where it is another's, or nothing is left."""
    step = next_step(find_steps(course), *duties_of(course, reader))
    if step is None or step.name not in _BUTTONS:
        return None
    route, words, icon = _BUTTONS[step.name]
    title, sentence = _TASKS[step.name], TO_DO[step.name]
    if step.name is StepName.PREPARED and course.hand_over is not None:
        route, words, icon, title, sentence = "copy", _("Print the paper"), "printer", _PRINTING, _TO_PRINT
    address = reverse(route, args=[course.copy.number]) + _PLACES.get(step.name, "")
    named = str(title) % {"number": course.copy.number}
    return NextTask(step.name, named, str(sentence), address, str(words), icon)


def waits_for(course: Course) -> str:
    """Return what a copy waits for, said to somebody who takes no step now."""
    step = next_step(find_steps(course), MAKER, GIVER)
    if step is None:
        return ""
    facts = {"title": str(TITLES[step.name]), "who": who_takes(step.name, course.copy)}
    return gettext("Next: “%(title)s”. Takes it: %(who)s.") % facts


def take_step(
    request: PersonRequest,
    form: PlainForm,
    copy: str,
    act: Callable[[dict[str, Any]], T],
    words: str | Callable[[T], str],
    *,
    check: Callable[[dict[str, Any]], Check] | None = None,
) -> HttpResponse | None:
    """Carry out a step of a copy and go on to its page, which also says where somebody was faster; as `submit` does."""
    page = reverse("copy", args=[copy])
    return submit(request, form, act, words, page, check=check, refused=CopyRefusedError, late=page)
