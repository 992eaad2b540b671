"""Rows of messages on pages, and the identifiers in their addresses."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from rejent.kernel.errors import NotFoundError
from rejent.streams.mail.messages.workspace import ListedMessage
from rejent.streams.mail.pages.words import (
    CLASSES,
    DIRECTIONS,
    doubt_words,
    kind_words,
    unchecked_words,
    verdict_words,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def row_of(listed: ListedMessage) -> dict[str, Any]:
    """Return what is shown of a message without its text."""
    facts = listed.facts
    return {
        "at": listed.place.at,
        "id": UUID(int=(listed.place.at - _EPOCH) // timedelta(microseconds=1)),
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


def instant_of(message_id: UUID) -> datetime:
    """Return when the message of an identifier was received, which names it."""
    try:
        return _EPOCH + timedelta(microseconds=message_id.int)
    except OverflowError:
        raise NotFoundError("There is no such message in this viewing.") from None
