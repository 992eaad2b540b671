"""Rows of messages on pages, and the identifiers in their addresses."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from rejent.access.views import ViewingView
from rejent.kernel.errors import NotFoundError
from rejent.streams.mail.messages.workspace import ListedMessage, MessageName
from rejent.streams.mail.pages.words import (
    CLASSES,
    DIRECTIONS,
    doubt_words,
    kind_words,
    unchecked_words,
    verdict_words,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HALF = 64
"""Bits of an identifier."""


def row_of(listed: ListedMessage, journals: Mapping[str, str]) -> dict[str, Any]:
    """Return what is shown of a message without its text; with its journal, of those that a viewing has names for."""
    facts, name = listed.facts, listed.place.name
    return {
        "name": name,
        "at": name.at,
        "journal": journals.get(name.source_id, ""),
        "id": identify_message(name),
        "stated": facts.stated,
        "imported": facts.at if facts.stated else None,
        "size": facts.size,
        "direction": DIRECTIONS.get(facts.direction, facts.direction),
        "verdicts": ", ".join(map(verdict_words, facts.verdicts)),
        "counterpart": CLASSES.get(facts.counterpart, facts.counterpart),
        "attachments": ", ".join(map(kind_words, facts.attachments)),
        "examined": facts.examined,
        "threats": ", ".join(facts.threats),
        "unchecked": ", ".join(unchecked_words(each) for each in facts.unchecked),
        "headers": listed.headers,
        "doubts": ", ".join(map(doubt_words, facts.doubts)),
        "partly": listed.partly,
        "failed": listed.failed,
    }


def identify_message(name: MessageName) -> UUID:
    """Return the identifier of a message: half of its journal's, and the microsecond of its instant."""
    return UUID(int=_half_of(name.source_id) << _HALF | (name.at - _EPOCH) // timedelta(microseconds=1))


def name_of(viewing: ViewingView, message_id: UUID) -> MessageName:
    """Return the name of the message of an identifier. Raises NotFoundError: it lies in no journal that is read."""
    half = message_id.int >> _HALF
    source_id = next((each for each in viewing.source_ids if _half_of(each) == half), None)
    if source_id is None:
        raise NotFoundError("There is no such message in this viewing.")
    return MessageName(instant_of(message_id), source_id)


def instant_of(message_id: UUID) -> datetime:
    """Return when the message of an identifier was received. Raises NotFoundError."""
    try:
        return _EPOCH + timedelta(microseconds=message_id.int & (1 << _HALF) - 1)
    except OverflowError:
        raise NotFoundError("There is no such message in this viewing.") from None


def _half_of(source_id: str) -> int:
    return UUID(source_id).int >> _HALF
