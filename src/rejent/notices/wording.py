"""An office's own wordings of passages: checked, numbered, in force from a day that has not passed; a row counts only as the ledger says."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Unpack

from django.db import transaction
from django.db.models import Max
from django.utils import translation

from rejent.kernel.acts import Acting
from rejent.kernel.clock import civil_date
from rejent.kernel.same_names import of_same_names
from rejent.notices.acts import WORDING_ENTERED
from rejent.notices.documents.making import documents_of, passages_of
from rejent.notices.documents.passages import Passage, placeholders_in
from rejent.notices.documents.truth import Truth
from rejent.notices.documents.views import Document
from rejent.notices.errors import WordingRefusedError
from rejent.notices.models import Wording
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.rows import verified_many
from rejent.registers.services import enter


@dataclass(frozen=True, slots=True)
class WordingView:
    """An office's own wording of a passage, as it was entered; an empty text ends the one before. ``number`` is consecutive over all of them."""

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
    return tuple(of_same_names(WordingView, each) for each in right)


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


def demand_sound(each: Passage, text: str) -> None:
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
            demand_sound(each, text)
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
