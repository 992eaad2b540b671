"""What becomes of a message before anything of it is stored, however it came. Pure.

Journal reports of Exchange and Microsoft 365 are taken apart first.
"""

from dataclasses import dataclass
from enum import StrEnum

from rejent.streams.mail.messages.classes import (
    MailRules,
    MessageHead,
    find_doubts,
    is_exempt,
    is_private,
)
from rejent.streams.mail.messages.content import Content
from rejent.streams.mail.messages.journal_reports import REPORT, claims_to_report, look_through, read_report
from rejent.streams.mail.messages.sealing import EnvelopedMessage


class Disposition(StrEnum):
    """Disposition of a message; of all but kept ones a count is left."""

    KEPT = "kept"
    PRIVATE = "private"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided of a message: of the one that a journal report holds, where it is one.

    Attributes:
        doubts: what could not be read of it, so that it may be private or exempt.
    """

    disposition: Disposition
    message: EnvelopedMessage[Content]
    head: MessageHead
    doubts: tuple[str, ...] = ()


def decide(message: EnvelopedMessage[Content], rules: MailRules) -> Decided:
    """Return what the rules make of a message that was handed over.

    Of a report that cannot be taken apart every head and address within decides, and what they let be kept is doubtful.
    """
    head = MessageHead(message.content)
    within, named, doubts = list[MessageHead](), set[str](), tuple[str, ...]()
    if claims_to_report(head, message.sender, rules):
        content = message.content[:]
        if (report := read_report(content)) is not None:
            message, head = report, MessageHead(report.content)
        else:
            within, named = look_through(content)
            doubts = (REPORT,)
    heads = [head, *within]
    doubts += find_doubts(head, rules)
    disposition = Disposition.KEPT
    if any(is_exempt(each, (message.sender, *message.recipients, *named), rules) for each in heads):
        disposition = Disposition.EXEMPT
    elif any(is_private(each, rules) for each in heads) or (rules.drops_doubtful and doubts):
        disposition = Disposition.PRIVATE
    return Decided(disposition, message, head, doubts)
