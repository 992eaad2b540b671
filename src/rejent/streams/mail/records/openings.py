"""Leaves to open messages: what a case may open, who asked for it and who of another role agreed."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from secrets import token_hex
from typing import Any
from uuid import UUID

from django.db import transaction

from rejent.access.rules.decision import may_administer
from rejent.access.views import SecondRequestView, ViewingView
from rejent.cases import queries as cases
from rejent.cases.stream_parts import CaseEnd
from rejent.cases.views import CaseView, State
from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock, civil_date, local_midnight
from rejent.kernel.intervals import Interval
from rejent.kernel.plain_text import is_plain
from rejent.kernel.views import view_of
from rejent.ledger.canonical import canonical_json
from rejent.ledger.commitment import commitment_of
from rejent.office import queries as office
from rejent.office.people.duplicate_persons import shared
from rejent.office.views import PersonView
from rejent.registers.books.numbers import written_number
from rejent.registers.guard.rows import matching, verified
from rejent.registers.services import enter, take_number
from rejent.streams.mail.messages.scope import (
    MOST_LISTED,
    Ground,
    Question,
    Scope,
    read_addresses,
    read_words,
)
from rejent.streams.mail.models import MailOpening
from rejent.streams.mail.records.acts import OPENING_AGREED, OPENING_ASKED, OPENING_ENDED
from rejent.streams.mail.records.errors import NoOpeningError, OpeningRefusedError

STREAM = "mail"
ASK, AGREE = "enter-case", "review-viewing"
"""Acts of administration: who enters cases asks, who watches over viewings agrees."""
LONGEST_OPEN = timedelta(days=30)
"""The last day lies at most so far ahead; whoever needs longer answers the questions anew."""
LONGEST_TEXT = 2000
_SERIES, _MARK = "mail-openings", "L"
_EVERYBODY = frozenset({"employee"})
_CLOSED_CASES = frozenset({State.REFUSED, State.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A leave as it is asked for; ``addresses`` and ``words`` are lists as written."""

    case: str
    first: date
    last: date
    expires_on: date
    answers: Mapping[Question, str] = field(repr=False)
    ground: Ground
    paper: str = field(repr=False)
    addresses: str = field(repr=False)
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpeningView:
    """A leave to open messages of a case; with `paper` and addresses, ``answers`` go once the case's applicant was erased."""

    number: str
    case: str
    source_ids: frozenset[str]
    scope: Scope
    expires_on: date
    answers: Mapping[str, str] = field(repr=False)
    ground: str
    paper: str = field(repr=False)
    asked_at: datetime
    asked_by: str
    agreed_at: datetime | None
    agreed_by: str
    ended_at: datetime | None
    ended_by: str

    def in_force(self, today: date) -> bool:
        """Return whether it was agreed to, not ended, and has not expired; the case is asked apart."""
        return self.agreed_at is not None and self.ended_at is None and today <= self.expires_on

    def waits(self, today: date) -> bool:
        """Return whether a second person may still agree to it."""
        return self.agreed_at is None and self.ended_at is None and today <= self.expires_on


def ask_opening(wanted: Wanted, person: PersonView, *, clock: Clock) -> OpeningView:
    """Ask for leave to open messages of a case; nothing opens before somebody of another role agrees.

    Raises OpeningRefusedError, NoSuchCaseError.
    """
    case = _case_of_mail(wanted.case)
    interval = _interval(wanted, case, civil_date(clock.now()))
    said = _said(wanted)
    with transaction.atomic():
        salt, year = token_hex(32), civil_date(clock.now()).year
        row = MailOpening(
            number=written_number(_MARK, year, take_number(_SERIES, year)), case=case.number, start=interval.start, end=interval.end,
            source_ids=sorted(case.application.source_ids), expires_on=wanted.expires_on, said=said, salt=salt, bound=_commitment(salt, said),
            asked_at=clock.now(), asked_by=str(person.id),
        )  # fmt: skip
        row.save(force_insert=True)
        record = {
            "number": row.number,
            "case": row.case,
            "sources": row.source_ids,
            "people": len(said["addresses"]),
            "words": len(said["words"]),
            "from": row.start.isoformat(),
            "to": row.end.isoformat(),
            "expires_on": row.expires_on.isoformat(),
        }
        enter(OPENING_ASKED, actor=row.asked_by, subject=f"case:{row.case}", record=record, at=row.asked_at, row=row)  # fmt: skip
    return _view(row)


def agree(number: str, person: PersonView, *, clock: Clock) -> OpeningView:
    """Agree to an opening as the second person. Raises OpeningRefusedError."""
    refused = agreeing_refusal(opening(number), person, clock=clock)
    if refused is not None:
        raise refused
    with transaction.atomic():
        row = verified(MailOpening.objects.select_for_update().get(number=number))
        if row.agreed_at is not None or row.ended_at is not None:
            raise OpeningRefusedError("Somebody answered this opening already.")
        row.agreed_at, row.agreed_by = clock.now(), str(person.id)
        row.save()
        _enter_step(OPENING_AGREED, row, row.agreed_at, row.agreed_by)
    return _view(row)


def agreeing_refusal(one: OpeningView, person: PersonView, *, clock: Clock) -> OpeningRefusedError | None:
    """Return why a person cannot agree to an opening; None where they can."""
    if not one.waits(civil_date(clock.now())):
        return OpeningRefusedError("Somebody answered this opening already, or its last day is over.")
    if shared(UUID(one.asked_by), person.id):
        return OpeningRefusedError(
            "You asked for this opening.", advice="A second person, of another role, agrees to it."
        )
    if (
        not may_administer(person.roles, AGREE).allowed
        or (office.person(one.asked_by).roles - _EVERYBODY) & person.roles
    ):
        return OpeningRefusedError(
            "Your role does not let you agree to this opening.",
            advice="The data protection officer or the secretary does, where they are not of the role of who asked.",
        )
    return None


def end_opening(number: str, *, clock: Clock, actor: str) -> None:
    """End an opening, or decline it; what was ended stays so."""
    with transaction.atomic():
        row = verified(MailOpening.objects.select_for_update().get(number=opening(number).number))
        if row.ended_at is None:
            row.ended_at, row.ended_by = clock.now(), actor
            row.save()
            _enter_step(OPENING_ENDED, row, row.ended_at, actor)


def _end_all(case: str, clock: Clock, actor: str) -> None:
    for row in MailOpening.objects.filter(case=case, ended_at__isnull=True):
        end_opening(row.number, clock=clock, actor=actor)


def _erase_said(case: str) -> None:
    MailOpening.objects.filter(case=case).update(said={}, salt="")


AT_END = CaseEnd(closed=_end_all, erased=_erase_said)


def opening(number: str) -> OpeningView:
    """Return an opening as it was entered. Raises OpeningRefusedError: there is none; LedgerMismatchError: it was altered."""
    row = MailOpening.objects.filter(number=number).first()
    if row is None:
        raise OpeningRefusedError("There is no opening {number}.", number=number)
    return _view(verified(row))


def openings_of(case: str) -> list[OpeningView]:
    """Return the openings of a case that are as they were entered, the newest first."""
    return [_view(row) for row in matching(MailOpening.objects.filter(case=case).order_by("-pk"))]


def openings_agreed() -> list[OpeningView]:
    """Return every opening that was agreed to and is as it was entered, ended or not, the newest first."""
    found = []
    for row in matching(MailOpening.objects.filter(agreed_at__isnull=False).order_by("-pk")):
        with suppress(NoOpeningError):
            found.append(_view(row))
    return found


def openings_undecided() -> list[OpeningView]:
    """Return the openings that nobody agreed to or declined, and that are as they were entered, the oldest first."""
    rows = MailOpening.objects.filter(agreed_at__isnull=True, ended_at__isnull=True).order_by("pk")
    return [_view(row) for row in matching(rows)]


def openings_in_force(clock: Clock) -> list[OpeningView]:
    """Return the openings under which messages may be read now, the newest first."""
    rows = MailOpening.objects.filter(agreed_at__isnull=False, ended_at__isnull=True).order_by("-pk")
    return [one for one in map(_view, matching(rows)) if _stands(one, clock)]


def opening_of(viewing: ViewingView | SecondRequestView, clock: Clock) -> OpeningView:
    """Return the opening under which a viewing reads, or would. Raises NoOpeningError."""
    for one in openings_of(viewing.case):
        within = one.scope.interval.start <= viewing.start and viewing.end <= one.scope.interval.end
        if within and one.source_ids.issuperset(viewing.source_ids) and _stands(one, clock):
            return one
    raise NoOpeningError(
        "No opening in force lets messages of this time be read in case {case}.",
        case=viewing.case,
        advice="Whoever conducts the case answers the six questions, and somebody of another role agrees.",
    )


def _stands(one: OpeningView, clock: Clock) -> bool:
    if not one.in_force(civil_date(clock.now())):
        return False
    return takes_openings(cases.case(one.case))


def takes_openings(case: CaseView) -> bool:
    """Return whether messages may be opened in a case: it is about recordings, and neither refused nor taken back nor erased."""
    return (
        case.application.interval is not None and case.state not in _CLOSED_CASES and case.erased_at is None
    )


def _case_of_mail(number: str) -> CaseView:
    case = cases.case(number)
    if case.application.stream != STREAM or case.application.interval is None:
        raise OpeningRefusedError("This case is about no messages.")
    if not takes_openings(case):
        raise OpeningRefusedError("This case is closed; nothing is opened in it any more.")
    return case


def _interval(wanted: Wanted, case: CaseView, today: date) -> Interval:
    """Return the period, whole days within the time of the case."""
    whole = case.application.interval
    period = (local_midnight(wanted.first), local_midnight(wanted.last + timedelta(days=1)))
    if whole is None or wanted.last < wanted.first:
        raise OpeningRefusedError("The last day is before the first.", part="last")
    start, end = max(period[0], whole.start), min(period[1], whole.end)
    if end <= start:
        raise OpeningRefusedError("These days lie outside the time of the case.", part="first")
    if not today <= wanted.expires_on <= today + LONGEST_OPEN:
        raise OpeningRefusedError(
            "The last day of reading lies between today and {days} days from now.",
            part="expires_on",
            days=LONGEST_OPEN.days,
        )
    return Interval(start, end)


def _said(wanted: Wanted) -> dict[str, Any]:
    """Return what is said of people, as it is kept. Raises OpeningRefusedError for what is missing or cannot be read."""
    answers = {each.value: _text(each.value, wanted.answers.get(each, "")) for each in Question}
    addresses, wrong = read_addresses(wanted.addresses)
    words = read_words(wanted.words)
    if wrong:
        raise OpeningRefusedError(
            "This is neither an address nor a domain such as @firma.pl.", part="addresses"
        )
    if not addresses:
        raise OpeningRefusedError(
            "No address is stated.",
            part="addresses",
            advice="A case reads the messages of the people it is about.",
        )
    for part, found in (("addresses", addresses), ("words", words)):
        if len(found) > MOST_LISTED:
            raise OpeningRefusedError("At most {most} are taken.", part=part, most=MOST_LISTED)
    return {
        "answers": answers,
        "ground": wanted.ground.value,
        "paper": _text("paper", wanted.paper),
        "addresses": addresses,
        "words": words,
    }


def _text(part: str, given: str) -> str:
    kept = given.replace("\r\n", "\n").strip()
    if not kept:
        raise OpeningRefusedError("An answer is missing.", part=part)
    if len(kept) > LONGEST_TEXT or not all(map(is_plain, kept.split("\n"))):
        raise OpeningRefusedError(
            "An answer has at most {most} signs, all of them visible.", part=part, most=LONGEST_TEXT
        )
    return kept


def _enter_step(act: Act, row: MailOpening, at: datetime, actor: str) -> None:
    enter(act, actor=actor, subject=f"case:{row.case}", record={"number": row.number, "case": row.case}, at=at, row=row)  # fmt: skip


def _commitment(salt: str, said: dict[str, Any]) -> str:
    return commitment_of(bytes.fromhex(salt), canonical_json(said)).hex()


def _view(row: MailOpening) -> OpeningView:
    said = _said_of(row)
    scope = Scope(Interval(row.start, row.end), tuple(said["addresses"]), tuple(said["words"]))
    stated = {name: said[name] for name in ("answers", "ground", "paper")}
    return view_of(OpeningView, row, source_ids=frozenset(row.source_ids), scope=scope, **stated)


def _said_of(row: MailOpening) -> dict[str, Any]:
    """Return what is said of people, or nothing once the case's applicant was erased. Raises NoOpeningError: it was altered."""
    if row.salt and _commitment(row.salt, row.said) == row.bound:
        return dict(row.said)
    if row.salt or row.said or cases.case(row.case).erased_at is None:
        raise NoOpeningError("Opening {number} is not as it was entered.", number=row.number)
    return {"answers": {}, "ground": "", "paper": "", "addresses": [], "words": []}
