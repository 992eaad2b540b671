"""What is searched of a message that belongs to a case. Pure."""

from dataclasses import dataclass, field

from rejent.streams.mail.messages.classes import MessageHead
from rejent.streams.mail.messages.rendering import searched_text
from rejent.streams.mail.messages.scope import Scope, folded
from rejent.streams.mail.messages.sealing import OpenedMessage

_PEOPLE = ("from", "sender", "reply-to", "to", "cc", "bcc")


@dataclass(frozen=True, slots=True)
class IndexedText:
    """What is searched of a message, folded."""

    people: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)


def in_scope(message: OpenedMessage, scope: Scope) -> IndexedText | None:
    """Return what is searched of a message; None where it does not belong to the case."""
    head = MessageHead(message.content)
    people = head.addresses(*_PEOPLE) | {message.sender.lower()} | {one.lower() for one in message.recipients}
    if not scope.covers_people(people):
        return None
    subject = folded(" ".join(head.texts("subject")))
    body = folded(searched_text(message.content))
    if not (scope.covers_text(subject) or scope.covers_text(body)):
        return None
    names = " ".join([*head.texts(*_PEOPLE), *sorted(people)])
    return IndexedText(folded(names), subject, body)
