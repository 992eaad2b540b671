"""What becomes of a message before anything of it is stored, however it came: received or imported; pure."""

from dataclasses import dataclass
from enum import StrEnum

from rejent.streams.mail.messages.classes import MailRules, MessageHead, is_exempt, is_private
from rejent.streams.mail.messages.journal_report import journal_report
from rejent.streams.mail.messages.sealing import OpenedMessage


class Fate(StrEnum):
    """Fate of a message; of all but kept ones a count is left."""

    KEPT = "kept"
    PRIVATE = "private"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided of a message: of the one that a journal report holds, where it is one."""

    fate: Fate
    message: OpenedMessage
    head: MessageHead


def decide(message: OpenedMessage, rules: MailRules) -> Decided:
    """Return what the rules make of a message that was handed over."""
    head = MessageHead(message.content)
    if (report := journal_report(message.content, head, message.sender, rules)) is not None:
        message = OpenedMessage(report.sender, report.recipients, report.content)
        head = MessageHead(message.content)
    if is_exempt(head, (message.sender, *message.recipients), rules):
        return Decided(Fate.EXEMPT, message, head)
    return Decided(Fate.PRIVATE if is_private(head, rules) else Fate.KEPT, message, head)
