"""Questions about cases."""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db.models import QuerySet, Value
from django.db.models.functions import StrIndex

from rejent.cases import kinds, rules
from rejent.cases.acts import CASE_ENTERED
from rejent.cases.errors import NoSuchCaseError
from rejent.cases.models import Case, CaseApplicant, CaseCorrection, CasePaper, commitment
from rejent.cases.stream_parts import FINDER
from rejent.cases.views import (
    Applicant,
    Application,
    CaseView,
    Channel,
    CorrectionView,
    DecisionView,
    Kind,
    Lost,
    PaperKind,
    ProlongedView,
    State,
)
from rejent.kernel.holidays import table
from rejent.kernel.intervals import Interval
from rejent.kernel.terms import ActDeadline
from rejent.kernel.views import view_of
from rejent.office import queries as office
from rejent.registers.books.numbered_rows import NumberedRows
from rejent.registers.guard.rows import first_verified, matching, mismatch, verified_many

PAGE = 50
"""Cases of one page of the list."""


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of the list: ``more`` is the last of it where others follow."""

    cases: list[CaseView]
    more: str


def case(number: str) -> CaseView:
    """Return a case as it was entered. Raises NoSuchCaseError: there is none; LedgerMismatchError: its row was planted or altered."""
    absent = NoSuchCaseError("There is no application {number}.", number=number)
    return case_view(first_verified(_rows().filter(number=number), absent))


def known(number: str) -> bool:
    """Return whether there is a case of this number."""
    return Case.objects.filter(number=number).exists()


def cases(*, words: str = "", state: str = "", after: str = "") -> CasePage:
    """Return a page of the cases, the newest first.

    Every one of ``words`` must be in number, applicant's name, contact or sign; ``after`` is the last number of the page before. Raises
    LedgerMismatchError: one of them was planted or altered.
    """
    last = Case.objects.filter(number=after).values_list("pk", flat=True).first() if after else None
    wanted = search_form(words).split()
    state = state if state in set(State) else ""
    if wanted:
        keys = _find_keys(wanted, state, last)[: PAGE + 1]
        rows = _rows().filter(pk__in=list(keys)).order_by("-pk")
    else:
        rows = _rows().order_by("-pk")
        rows = rows.filter(state=state) if state else rows
        rows = (rows.filter(pk__lt=last) if last is not None else rows)[: PAGE + 1]
    found = list(rows)
    return CasePage(
        [case_view(row) for row in verified_many(found[:PAGE])],
        found[PAGE - 1].number if len(found) > PAGE else "",
    )


def _find_keys(words: Iterable[str], state: str, last: int | None) -> QuerySet[CaseApplicant, int]:
    """Return the keys of the cases whose applicants' search column has every word, the newest first.

    That column alone is read, in the order of the keys, so that a frequent word is soon found often enough.
    """
    found = CaseApplicant.objects.order_by("-case_id")
    for place, word in enumerate(words):
        found = found.alias(**{f"at_{place}": StrIndex("sought", Value(word))}).filter(
            **{f"at_{place}__gt": 0}
        )
    if state:
        found = found.filter(case__state=state)
    if last is not None:
        found = found.filter(case_id__lt=last)
    return found.values_list("case_id", flat=True)


def granted_disclosures(stream: str, wanted: Interval) -> list[CaseView]:
    """Return the disclosures of a stream that were consented to, also in part, and reach into a time, the newest first.

    Raises LedgerMismatchError: one of them was planted or altered.
    """
    rows = _rows().filter(
        kind=Kind.DISCLOSURE.value,
        state__in=[State.GRANTED.value, State.PARTLY.value],
        stream=stream,
        start__lt=wanted.end,
        end__gt=wanted.start,
    )
    return [case_view(row) for row in verified_many(rows.order_by("-pk"))]


def newest_paper(about: str, *kinds: PaperKind) -> tuple[datetime, str] | None:
    """Return when a paper of something was made, and by whom, the newest of these kinds; None where none was.

    What was planted or altered is left out; `fsck` names it.
    """
    rows = CasePaper.objects.filter(about=about, kind__in=[each.value for each in kinds]).order_by("-pk")
    return next(((row.made_at, row.made_by) for row in matching(rows)), None)


def is_newest_paper(about: str, kind: PaperKind, content: bytes) -> bool:
    """Return whether the newest paper of something is this file. What was planted or altered is left out."""
    rows = matching(CasePaper.objects.filter(about=about, kind=kind.value).order_by("-pk"))
    return bool(rows) and rows[0].sha256 == sha256(content).hexdigest()


def several(numbers: Iterable[str]) -> dict[str, CaseView]:
    """Return cases by their numbers. Raises `LedgerMismatchError`: one of them was planted or altered."""
    rows = verified_many(_rows().filter(number__in=set(numbers)))
    return {row.number: case_view(row) for row in rows}


def waiting(limit: int | None = None) -> list[CaseView]:
    """Return the cases that wait for a decision, those whose last day is nearest first, so many at most.

    What was planted or altered is left out; `fsck` and the list name it.
    """
    rows = _rows().filter(state=State.WAITING.value).order_by("decide_by", "pk")
    return [case_view(row) for row in matching(rows[:limit])]


def recorded_streams(names: object) -> list[str]:
    """Return those of the regulation's streams about which applications can be entered."""
    return [each for each in FINDER if each in names]  # type: ignore[operator]  # names of a mapping


def demands_of(view: CaseView) -> kinds.Demands:
    """Return what the version of the regulation that a case follows demands."""
    stream = office.verified_version(view.version).streams[view.application.stream]
    return kinds.demands_of(stream, view.application.kind, view.application.right)


def deadline_of(view: CaseView) -> ActDeadline | None:
    """Return the deadline of filing a case, recounted as it was counted then; None where the regulation sets none."""
    if view.last_day is None:
        return None
    wanted = view.application
    return rules.filing_deadline(
        demands_of(view), wanted.event_first, wanted.event_last, table(view.holidays)
    )


def answer_of(view: CaseView) -> ActDeadline | None:
    """Return the deadline of the answer, recounted as it was counted then; None where the law sets none."""
    if not view.holidays:
        return None
    wanted = view.application
    prolonged = view.prolonged is not None
    return rules.answer_deadline(wanted.kind, wanted.received_on, table(view.holidays), prolonged=prolonged)


def corrections_of(number: str) -> list[CorrectionView]:
    """Return the corrections of a case in their order.

    Raises NoSuchCaseError: there is no such case; LedgerMismatchError: one was planted, altered or taken away, or what stood before is not
    what did.
    """
    view = case(number)
    rows = verified_many(CaseCorrection.objects.filter(case__number=number).order_by("place"))
    if not corrections_match(rows, view.corrections, erased=view.erased_at is not None):
        raise mismatch(f"case:{number}")
    return [_correction(row) for row in rows]


def corrections_match(rows: Collection[CaseCorrection], count: int, *, erased: bool) -> bool:
    """Return whether so many corrections are there, each with what it was bound to, unless that was erased."""
    return len(rows) == count and all(_is_as_said(row, erased=erased) for row in rows)


def _is_as_said(row: CaseCorrection, *, erased: bool) -> bool:
    if row.before is None:
        return erased
    try:
        return commitment(row.salt, row.before) == row.bound
    except ValueError:
        return False


def _correction(row: CaseCorrection) -> CorrectionView:
    kept = row.before
    reason, before = (kept["reason"], kept["before"]) if kept is not None else ("", None)
    return CorrectionView(row.place, row.at, row.by, reason, before)


def search_form(text: str) -> str:
    """Return a text as searches compare it: small letters without marks, one blank between words."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())


def is_namesake(name: str, other: str) -> bool:
    """Return whether two names are of the same words, in whatever order, spelling of letters, and with whatever signs between."""
    words = _words(name)
    return bool(words) and words == _words(other)


def _words(name: str) -> list[str]:
    fillers = "\u115f\u1160"
    letters = (sign if sign.isalpha() and sign not in fillers else " " for sign in search_form(name))
    return sorted("".join(letters).split())


def case_view(row: Case) -> CaseView:
    """Return the row as a view."""
    person = getattr(row, "applicant", None)
    applicant = (
        Applicant(person.name, person.address, person.contact, row.own)
        if person
        else Applicant("", person=row.own)
    )
    application = view_of(
        Application,
        row,
        kind=Kind(row.kind),
        channel=Channel(row.channel),
        interval=Interval(row.start, row.end) if row.start and row.end else None,
        applicant=applicant,
        details=dict(person.details) if person else {},
        source_ids=frozenset(row.sources),
    )
    decision = view_of(DecisionView, row, at=row.decided_at, by=row.decided_by)
    prolonged = (
        ProlongedView(row.prolonged_at, row.prolonged_by, row.prolonged_reasons) if row.prolonged_at else None
    )
    return view_of(
        CaseView,
        row,
        state=State(row.state),
        application=application,
        holds=tuple(row.holds),
        lost=tuple(Lost(*each) for each in row.lost),
        decision=decision if row.decided_at else None,
        prolonged=prolonged,
    )


def _rows() -> QuerySet[Case]:
    return Case.objects.select_related("applicant")


def _with_words(rows: QuerySet[Case], words: str) -> QuerySet[Case]:
    return rows.filter(pk__in=_find_keys(search_form(words).split(), "", None))


REGISTER = NumberedRows(
    rows=_rows,
    views=lambda rows: [case_view(row) for row in rows],
    at="entered_at",
    begun=(CASE_ENTERED,),
    series="cases",
    search=_with_words,
)
"""The register of applications."""
