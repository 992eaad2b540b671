"""An office's own wordings of passages: checked, numbered, in force from a day that has not passed.

A row counts only as the ledger says.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Unpack

from django.db import transaction
from django.db.models import Max
from django.utils import translation

from rejent.kernel.acts import Acting
from rejent.kernel.clock import civil_date
from rejent.kernel.views import view_of
from rejent.notices.acts import WORDING_ENTERED
from rejent.notices.documents.clause import clause
from rejent.notices.documents.plate import plates
from rejent.notices.documents.provisions import provisions
from rejent.notices.documents.records import assessment, register
from rejent.notices.documents.spoken import announcement_passages, spoken
from rejent.notices.documents.staff import authorisation, information, statement
from rejent.notices.documents.truth import (
    PASSAGES,
    Passage,
    Truth,
    placeholders_in,
    purpose_passage,
    purpose_words,
)
from rejent.notices.documents.views import Document
from rejent.notices.errors import WordingRefusedError
from rejent.notices.models import Wording
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.rows import verified_many
from rejent.registers.services import enter


def documents_of(truths: Sequence[Truth]) -> tuple[Document, ...]:
    """Return every document of the streams of an office, those of a stream beside each other; the truths are of one language."""
    if not truths:
        return ()
    with translation.override(truths[0].language):
        return (*(each for truth in truths for each in _of(truth)), register(truths))


def _of(truth: Truth) -> Iterator[Document]:
    yield from plates(truth)
    yield clause(truth)
    yield from spoken(truth)
    yield information(truth)
    yield statement(truth)
    yield authorisation(truth)
    yield assessment(truth)
    yield provisions(truth)


def passages_of(truth: Truth) -> dict[str, Passage]:
    """Return what an office may word itself of a stream's documents: the program's passages, and the regulation's own texts."""
    found = {name: truth.worded(each) for name, each in PASSAGES.items()}
    found.update({each.name: each for each in announcement_passages(truth)})
    for purpose in truth.rules.purposes:
        one = purpose_passage(purpose.id, purpose_words(purpose, truth.language))
        found[one.name] = one
    return found


@dataclass(frozen=True, slots=True)
class WordingView:
    """An office's own wording of a passage, as it was entered; an empty text ends the one before.

    ``number`` is consecutive over all of them.
    """

    number: int
    stream: str
    passage: str
    language: str
    text: str
    in_force_from: date
    entered_at: datetime
    entered_by: str


def wordings() -> tuple[WordingView, ...]:
    """Return all of them in the order of entry; raise `LedgerMismatchError` if one was planted, altered or deleted."""
    return _wordings.get("", _read)


def _read() -> tuple[WordingView, ...]:
    rows = list(Wording.objects.order_by("number"))
    right = verified_many(rows, none_beyond=(Wording, rows[-1].number + 1 if rows else 1))
    return tuple(view_of(WordingView, each) for each in right)


_wordings = VerifiedOnce[tuple[WordingView, ...]](Wording)


def wordings_on(day: date, stream: str, language: str) -> Mapping[str, str]:
    """Return the texts in force on a day by their passages; of several of one passage the last that came into force counts."""
    found = [
        each
        for each in wordings()
        if (each.stream, each.language) == (stream, language) and each.in_force_from <= day
    ]
    newest = {each.passage: each for each in sorted(found, key=lambda one: (one.in_force_from, one.number))}
    return {passage: each.text for passage, each in newest.items() if each.text}


LONGEST = 2000


def require_sound(each: Passage, text: str) -> None:
    """Raise `WordingRefusedError` for a text with an unknown or a missing placeholder, with a stray brace, or too long."""
    if len(text) > LONGEST:
        raise WordingRefusedError(
            "The text is longer than {longest} characters.", part="text", longest=LONGEST
        )
    allowed = each.placeholders
    named = " ".join(f"{{{name}}}" for name in sorted(allowed))
    try:
        held = frozenset(placeholders_in(text))
    except ValueError:
        raise WordingRefusedError(
            "A brace in the text belongs to no placeholder. Allowed: {allowed}.",
            part="text",
            allowed=named or "–",
        ) from None
    if held != allowed:
        wrong = sorted(held - allowed) or sorted(allowed - held)
        template = (
            "The text holds the placeholder {wrong}, which this passage does not have. Allowed: {allowed}."
            if wrong[0] in held
            else "The text lacks the placeholder {wrong}. Needed: {allowed}."
        )
        raise WordingRefusedError(template, part="text", wrong=f"{{{wrong[0]}}}", allowed=named or "–")


def enter_wording(
    truth: Truth, passage: str, text: str, *, in_force_from: date, **acting: Unpack[Acting]
) -> int:
    """Enter the wording of a passage of a stream's documents in one language; returns its number. An empty text ends the former.

    Raises WordingRefusedError: there is no such passage, its placeholders are not those needed, or the day has passed.
    """
    now = acting["clock"].now()
    text = text.strip()
    with translation.override(truth.language):
        each = passages_of(truth).get(passage)
        if each is None:
            raise WordingRefusedError("There is no passage {passage}.", passage=passage)
        if text:
            require_sound(each, text)
    if in_force_from < civil_date(now):
        raise WordingRefusedError(
            "What people were told in the past does not change: {day} has passed.",
            part="in_force_from",
            day=f"{in_force_from:%d.%m.%Y}",
        )
    wordings()
    with transaction.atomic():
        number = 1 + (Wording.objects.aggregate(last=Max("number"))["last"] or 0)
        row = Wording.objects.create(
            number=number,
            stream=truth.stream,
            passage=passage,
            language=truth.language,
            text=text,
            in_force_from=in_force_from,
            entered_at=now,
            entered_by=acting["actor"],
        )
        record: dict[str, object] = {
            "number": number,
            "stream": truth.stream,
            "passage": passage,
            "language": truth.language,
            "in_force_from": in_force_from.isoformat(),
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            **({} if text else {"ended": True}),
        }
        subject = f"wording:{number}"
        enter(WORDING_ENTERED, actor=acting["actor"], subject=subject, record=record, at=now, row=row)
    return number


def changed(truth: Truth, passage: str, text: str) -> Mapping[str, tuple[str, ...]]:
    """Return the paragraphs that would be new in each document, by its title; an empty text brings the program's own back."""
    others = {name: each for name, each in truth.wordings.items() if name != passage}
    then = replace(truth, wordings={**others, passage: text} if text else others)
    found = {}
    for before, after in zip(documents_of([truth]), documents_of([then]), strict=True):
        known = frozenset(_paragraphs(before))
        fresh = tuple(dict.fromkeys(line for line in _paragraphs(after) if line not in known))
        if fresh:
            found[after.title] = fresh
    return found


def _paragraphs(document: Document) -> Iterator[str]:
    yield document.opening
    for section in document.sections:
        yield from section.text
        yield from section.points
        for _, lines in section.facts:
            yield from lines
