"""The page of copies, and the registers of copies, of disclosed recordings and of commissions: their columns and their rows in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.access.rules.decision import may_administer
from rejent.cases import queries as cases
from rejent.cases.attachments.permission import HAND_OVER
from rejent.cases.attachments.queries import find_signed
from rejent.cases.copies import permission, queries
from rejent.cases.copies.rules import GRANTED, is_derived_alone
from rejent.cases.copies.services.handing import handable_under
from rejent.cases.copies.services.renewing import find_renewed, is_in_renewed
from rejent.cases.copies.views import CommissionView, CopyView, HandOverView, Signing, State
from rejent.cases.views import CaseView, Kind
from rejent.catalog import queries as catalog
from rejent.documents.papers import Column
from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.office.people.role_words import ROLES
from rejent.office.regulation.forms import Form, FormPaper
from rejent.office.regulation.provisions import Copies, Handover
from rejent.office.regulation.vocabulary import CopyColumn, DisclosureColumn
from rejent.office.views import PersonView
from rejent.registers.books.numbered_rows import Page, Wanted
from rejent.registers.books.numbers import year_and_count
from rejent.retention import queries as retention
from rejent.retention.terms.rules import StandingHold
from rejent.web.cases.copies.identifiers import DOCUMENTS
from rejent.web.cases.copies.steps import course_of, task_for, waits_for
from rejent.web.cases.copies.words import (
    COMMISSION_STATES,
    COPY_STATES,
    HAND_OVER_STATES,
    cell,
    column_names,
    delivery_words,
    fitting,
    outcomes,
    person_lines,
)
from rejent.web.cases.recorded import nothing_to_copy
from rejent.web.cases.words import CASE_STATES
from rejent.web.registers.books.register import Cell, Row
from rejent.web.registers.filled_forms import form_today
from rejent.web.requests.visitor import PersonRequest, may
from rejent.web.words import wording
from rejent.web.words.acts import Names
from rejent.web.words.stream_parts import WORDS
from rejent.web.words.wording import day_digits, moment_digits

DISCLOSURE_COLUMNS: Mapping[DisclosureColumn, tuple[str | Promise, int]] = {
    DisclosureColumn.NUMBER: (_("No."), 7),
    DisclosureColumn.APPLICANT: (_("Applicant"), 20),
    DisclosureColumn.FILED_ON: (_("Application filed on"), 13),
    DisclosureColumn.PURPOSE: (_("Purpose of the disclosure"), 22),
    DisclosureColumn.OUTCOME: (_("How the application was settled"), 18),
    DisclosureColumn.RECEIVER_SIGNATURE: (_("Signature of who takes the carrier"), 16),
    DisclosureColumn.ISSUER_SIGNATURE: (_("Signature of who hands it over"), 16),
    DisclosureColumn.REMARKS: (_("Remarks"), 18),
}
"""Title and width of each column, where no form of the regulation names them."""
_SHARES = {CopyColumn.NUMBER: 9, CopyColumn.MADE_ON: 10, CopyColumn.OUTCOME: 22}


def copies(request: PersonRequest) -> HttpResponse:
    """Return the copies of a stream, the newest first, with its regulation's columns; the whole book is the register's page."""
    streams = copied_streams()
    stream = request.GET.get("stream", "")
    stream = stream if stream in streams else next(iter(streams), "")
    state = request.GET.get("state", "")
    state = state if state in set(State) else ""
    columns = copy_columns(stream) if stream else []
    after = request.GET.get("after", "")
    page = queries.register(stream, state).page(Wanted(), after=after) if stream else Page([], [], "")
    titles = [column.title for column in columns]
    rows = [cells for _number, *cells in copy_rows(page.rows, stream)]
    narrowed = {"stream": stream, "state": state}
    today = civil_date(settings.CLOCK.now())
    context = {
        "titles": titles,
        "cell_titles": titles[1:],
        "rows": [(copy, row, COPY_STATES[copy.state]) for copy, row in zip(page.rows, rows, strict=True)],
        "doubted": page.doubted,
        "to_make": list(to_be_made(request.person)),
        "stream": stream,
        "streams": [(name, WORDS.of(name).name) for name in streams],
        "state": state,
        "chips": [(one.value, COPY_STATES[one][1]) for one in (State.KEPT, State.HANDED, State.DESTROYED)],
        "due": queries.due(today),
        "may_appoint": may(request, "appoint-commission"),
        "older": f"?{urlencode({**narrowed, 'after': page.more})}" if page.more else "",
        "newest": f"?{urlencode(narrowed)}" if after else "",
        "register": f"{queries.BOOK}{stream}",
        "sees_disclosed": may(request, "see-cases"),
    }
    return render(request, "copies/copies.html", context)


def copy_columns(stream: str) -> list[Column]:
    """Return the columns of the register in force, as its form names them."""
    return name_copy_columns(_columns(stream), form_today(FormPaper.COPIES, stream))


def name_copy_columns(columns: Iterable[CopyColumn], form: Form | None) -> list[Column]:
    """Return columns of a register of copies with their widths, as a form names them."""
    names = column_names(form)
    return [Column(names[each], _SHARES.get(each, 14)) for each in columns]


def copies_title(stream: str) -> str:
    """Return what the register of a stream's copies is called: by the form in force, else by the program."""
    form = form_today(FormPaper.COPIES, stream)
    return (
        form.title if form else gettext("Register of copies: %(stream)s") % {"stream": WORDS.of(stream).name}
    )


def disclosures_title() -> str:
    """Return what the register of disclosed recordings is called: by the form in force, else by the program."""
    form = form_today(FormPaper.DISCLOSURES)
    return form.title if form else gettext("Register of disclosed recordings")


def copy_rows(found: Sequence[CopyView], stream: str) -> Iterator[Row]:
    """Yield copies as rows of that book."""
    columns, maker = _columns(stream), cache(person_lines)
    handed = queries.hand_overs_of([copy.id for copy in found])
    for copy in found:
        yield tuple(cell(copy, column, handed.get(copy.id), maker) for column in columns)


def _columns(stream: str) -> list[CopyColumn]:
    rules = office.verified_streams(civil_date(settings.CLOCK.now())).get(stream)
    return fitting((rules.copies if rules else Copies()).register, stream)


def copied_streams() -> list[str]:
    """Return the streams that the regulation prescribes and something records, or copies exist of."""
    wanted = {*office.verified_streams(civil_date(settings.CLOCK.now())), *queries.copied_streams()}
    return [name for name, _named in WORDS.items() if name in wanted]


def disclosure_columns() -> list[DisclosureColumn]:
    """Return the columns that the regulation in force names; where its streams differ, all that one of them does."""
    rules = office.verified_streams(civil_date(settings.CLOCK.now())).values()
    named = {column for each in rules for column in each.handover.register} or set(Handover().register)
    return [column for column in DisclosureColumn if column in named]


def disclosure_titles() -> list[Column]:
    """Return the same with their widths, as the form in force names them."""
    return name_disclosure_columns(disclosure_columns(), form_today(FormPaper.DISCLOSURES))


def name_disclosure_columns(columns: Iterable[DisclosureColumn], form: Form | None) -> list[Column]:
    """Return columns of the register of disclosures with their widths, as a form names them."""
    named = form.named if form else {}
    known = ((each, *DISCLOSURE_COLUMNS[each]) for each in columns)
    return [Column(named.get(each.value) or str(title), share) for each, title, share in known]


def disclosure_rows(found: Sequence[HandOverView]) -> Iterator[Row]:
    """Yield hand-overs as rows of that book."""
    columns = disclosure_columns()
    under = cases.several(one.case for one in found)
    signed = find_signed({f"{HAND_OVER}:{one.number}": one.signed_at for one in found if one.signed_at})
    for one in found:
        cells = _write_disclosure(one, under[one.case], signed=f"{HAND_OVER}:{one.number}" in signed)
        yield tuple(cells[column] for column in columns)


def _write_disclosure(one: HandOverView, case: CaseView, *, signed: bool) -> dict[DisclosureColumn, str]:
    papers = ", ".join(str(DOCUMENTS.get(each, each)) for each in one.documents)
    delivered = [delivery_words(each) for each in one.deliveries[-1:]]
    signature = gettext("signed; paper kept with %(number)s") % {"number": one.number} if signed else ""
    return {
        DisclosureColumn.NUMBER: str(year_and_count(one.number)[1]),
        DisclosureColumn.APPLICANT: case.application.applicant.name,
        DisclosureColumn.FILED_ON: day_digits(case.filed_on),
        DisclosureColumn.PURPOSE: _purpose(case.application.details),
        DisclosureColumn.OUTCOME: _describe_outcome(one, case),
        DisclosureColumn.RECEIVER_SIGNATURE: signature if one.signing is not Signing.SENT else "",
        DisclosureColumn.ISSUER_SIGNATURE: signature,
        DisclosureColumn.REMARKS: "; ".join(
            part for part in (one.number, papers, *delivered, one.remarks) if part
        ),
    }


def _describe_outcome(one: HandOverView, case: CaseView) -> str:
    """Return how an application was settled: the decision, and that its copy was handed over, or how far that is."""
    facts = {"decision": CASE_STATES[case.state][1], "copy": one.copy, "state": HAND_OVER_STATES[one.state]}
    if one.handed_at is None:
        return gettext("%(decision)s; hand-over of copy %(copy)s: %(state)s") % facts
    facts["day"] = day_digits(civil_date(one.handed_at))
    return gettext("%(decision)s; copy %(copy)s handed over on %(day)s") % facts


def _purpose(details: object) -> str:
    known = dict(details) if isinstance(details, dict) else {}
    return "; ".join(known[name] for name in ("purpose", "legal-basis", "case-number") if known.get(name))


def commission_book(_found: Sequence[CommissionView]) -> list[Cell[CommissionView]]:
    """Return the register of commissions, by what is proposed for the register of actions (S2 § 8.3)."""
    names = Names()
    return [
        Cell(gettext("Number"), 10, lambda one: one.number),
        Cell(gettext("Appointed on"), 13, lambda one: one.appointed_at),
        Cell(gettext("Appointed by"), 15, lambda one: names.person(one.appointed_by)),
        Cell(gettext("Members"), 24, lambda one: ", ".join(map(names.person, one.members))),
        Cell(gettext("Copies destroyed"), 26, _destroyed),
        Cell(gettext("Confirmed"), 22, lambda one: _confirmed(one, names)),
        Cell(gettext("State"), 12, lambda one: str(COMMISSION_STATES[one.state][1])),
        Cell(gettext("Done on"), 13, lambda one: one.done_at),
        Cell(gettext("Reason"), 18, lambda one: one.reason),
    ]


def _destroyed(one: CommissionView) -> str:
    return ", ".join(f"{number} ({note})" if note else number for number, note in one.copies.items())


def _confirmed(one: CommissionView, names: Names) -> str:
    return "; ".join(f"{names.person(each)}, {moment_digits(at)}" for each, at in one.confirmed.items())


MOST = 20


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is to be done next about the copies of a case: a sentence, and the button that leads on; none where it is another's to do."""

    sentence: str | Promise
    address: str = ""
    icon: str = ""
    words: str | Promise = ""


def copy_links(view: CaseView) -> tuple[tuple[str, str, str], ...]:
    """Return the copies made under a case and those that it let live longer: number, address, and what became of each."""
    found = []
    for copy in queries.of_case(view.number):
        if copy.state is State.MAKING:
            found.append((gettext("a copy"), reverse("copies"), str(COPY_STATES[copy.state][1])))
            continue
        more = "; ".join(outcomes(copy, queries.hand_over(copy.number))) or gettext("kept until %(day)s") % {
            "day": wording.day_digits(copy.due_on) if copy.due_on else ""
        }
        found.append((copy.number, reverse("copy", args=[copy.number]), more))
    for copy in find_renewed(view):
        (mine,) = (one for one in copy.renewals if one.case == view.number)
        days = {"before": day_digits(mine.due_before), "day": day_digits(mine.due_on)}
        words = gettext("this application lets it live until %(day)s, not until %(before)s") % days
        more = "; ".join([words, *outcomes(copy, queries.hand_over(copy.number))])
        found.append((copy.number, reverse("copy", args=[copy.number]), more))
    return tuple(found)


def next_step(view: CaseView, person: PersonView) -> NextStep | None:
    """Return the next step about a case's copies, for a person; None where nothing is to be done about copies."""
    made = queries.of_case(view.number)
    if is_derived_alone(view) and made and not any(copy.origin for copy in made):
        return _derivation(made, person)
    kept = find_ready(view, made)
    if kept is not None:
        return _find_next_step(kept, person)
    elsewhere = bool(view.application.right) and not is_derived_alone(view)
    holds = [] if made or elsewhere or is_in_renewed(view) else permission.copyable(view)
    return _making(view, holds, person) if holds else None


def _find_next_step(copy: CopyView, person: PersonView) -> NextStep | None:
    """Return the step of a copy's course that is next: with its button where it is this person's, else who takes it."""
    course = course_of(copy)
    task, words = task_for(course, person), gettext("Copy %(number)s. %(what)s")
    if task is not None:
        mine = words % {"number": copy.number, "what": task.sentence}
        return NextStep(mine, task.address, task.icon, task.words)
    waits = waits_for(course)
    others = words % {"number": copy.number, "what": waits}
    return NextStep(others, reverse("copy", args=[copy.number]), "file-text", copy.number) if waits else None


def _making(view: CaseView, holds: Sequence[StandingHold], person: PersonView) -> NextStep:
    """Return the step to a first copy of what is held; without a way on where nothing is recorded, or it is another's to make."""
    if nothing := nothing_to_copy(holds):
        return NextStep(nothing)
    if permission.making_refusal(person, holds[0].source_id, clock=settings.CLOCK) is not None:
        makers = permission.makers_of(catalog.verified_stream_of(holds[0].source_id), clock=settings.CLOCK)
        named = ", ".join(str(ROLES[each]) for each in makers)
        words = gettext("A copy is made by: %(roles)s. It waits on their start page.") % {"roles": named}
        return NextStep(words)
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


def find_ready(view: CaseView, made: list[CopyView]) -> CopyView | None:
    """Return a copy that can be handed over under a case: of its own, or made before for somebody else of the same recording."""
    alone = is_derived_alone(view)
    if not alone and view.application.kind is not Kind.DISCLOSURE:
        return None
    others = [] if made or alone else queries.kept_of(hold.source_id for hold in permission.copyable(view))
    candidates = [copy for copy in [*made, *others] if copy.origin or not alone]
    ready = (
        copy for copy in candidates if copy.state in {State.KEPT, State.HANDED} and _is_under(copy, view)
    )
    return next(ready, None)


def _is_under(copy: CopyView, view: CaseView) -> bool:
    """Return whether a copy is handed over under a case, or can be."""
    handed = queries.hand_over(copy.number)
    return handed.case == view.number if handed else handable_under(copy, view)


def to_be_made(person: PersonView) -> Iterator[tuple[str, str, str]]:
    """Yield the applications that a person can make a first copy for, none where one made for somebody else serves: number, what is held for it, address of the form."""
    if not may_administer(person.roles, "make-copy").allowed:
        return
    named = filter(cases.known, {hold.case for hold in retention.holds()})
    views = map(cases.case, sorted(named, key=year_and_count, reverse=True))
    left = (view for view in views if view.state in GRANTED and not queries.of_case(view.number))
    for view in islice(left, MOST):
        holds = permission.copyable(view)
        if nothing_to_copy(holds) or is_in_renewed(view) or find_ready(view, []):
            continue
        if permission.making_refusal(person, holds[0].source_id, clock=settings.CLOCK) is None:
            names = sorted({catalog.source(hold.source_id).name for hold in holds})
            yield view.number, ", ".join(names), reverse("copy-new", args=[view.number])
