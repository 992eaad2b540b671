"""What is searched of a message that belongs to a case. Pure."""

from dataclasses import dataclass, field

from rejent.streams.mail.messages.classes import MessageHead
from rejent.streams.mail.messages.rendering import searched_text
from rejent.streams.mail.messages.scope import Scope, folded, plain_letters
from rejent.streams.mail.messages.sealing import OpenedMessage

_PEOPLE = ("from", "sender", "reply-to", "to", "cc", "bcc")


@dataclass(frozen=True, slots=True)
class IndexedText:
    """What is searched of a message, in plain letters."""

    people: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)


def in_scope(message: OpenedMessage, head: MessageHead, scope: Scope) -> IndexedText | None:
    """Return what is searched of a message with this head; None where it does not belong to the case."""
    people = head.addresses(*_PEOPLE) | {message.sender.lower()} | {one.lower() for one in message.recipients}
    if not scope.covers_people(people):
        return None
    subject = plain_letters(" ".join(head.texts("subject")))
    body = plain_letters(searched_text(message.content))
    if scope.words and not any(scope.covers_text(folded(one)) for one in (subject, body)):
        return None
    names = " ".join([*head.texts(*_PEOPLE), *sorted(people)])
    return IndexedText(plain_letters(names), subject, body)
