"""What becomes of a message before anything of it is stored, however it came. Pure.

Journal reports of Exchange and Microsoft 365 are taken apart first.
"""

import quopri
import re
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from enum import StrEnum

from rejent.streams.mail.messages.addresses import find_addresses, normal_address
from rejent.streams.mail.messages.classes import (
    MailRules,
    MessageHead,
    find_doubts,
    is_exempt,
    is_private,
)
from rejent.streams.mail.messages.sealing import OpenedMessage

_BOUNDARY = re.compile(r"""(?i)\bboundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))""")
_NAMED = re.compile(r"(?im)^[ \t]*(sender|recipient|to|cc|bcc)[ \t]*:([^\r\n]*)")
_EXPANDED = re.compile(r"(?i),[ \t]*(?:expanded|forwarded)[ \t]*:")
"""What stands before the list that was expanded, or the mailbox that forwarded."""
_LONGEST_ENVELOPE = 4 << 20
_AS_IT_IS = frozenset({"", "7bit", "8bit", "binary"})


def journal_report(content: bytes, head: MessageHead, sender: str, rules: MailRules) -> OpenedMessage | None:
    """Return what a journal report of one of the journal's reporters says; None for any other message, whatever it claims.

    Lines as Exchange writes them: ``Sender:``, and ``Recipient:``, or ``To:``, ``Cc:``, ``Bcc:`` with the list that was expanded
    behind the address, a recipient too. Who wrote on behalf of whom stands in the message's own fields.
    """
    authors = head.addresses("from")
    if normal_address(sender) not in rules.reporters and (len(authors) != 1 or authors - rules.reporters):
        return None
    kind = next(head.texts("content-type"), "")
    boundary = _BOUNDARY.search(kind)
    if (
        boundary is None
        or _kind(head) != "multipart/mixed"
        or not any(True for _ in head.texts("x-ms-journal-report"))
    ):
        return None
    parts = _parts(content[:], (boundary[1] or boundary[2]).encode())
    if len(parts) != 2:
        return None
    (about, envelope), (around, reported) = parts
    if (_kind(about), _kind(around)) != ("text/plain", "message/rfc822") or _encoding(
        around
    ) not in _AS_IT_IS:
        return None
    named = [
        (name.lower(), address)
        for name, written in _NAMED.findall(_text(about, envelope))
        for piece in _EXPANDED.split(written)
        for address in find_addresses(piece)
    ]
    senders = [address for name, address in named if name == "sender"]
    recipients = dict.fromkeys(address for name, address in named if name != "sender")
    if len(senders) != 1 or not recipients:
        return None
    return OpenedMessage(senders[0], tuple(recipients), reported)


def _parts(content: bytes, boundary: bytes) -> list[tuple[MessageHead, bytes]]:
    """Return head and body of the parts up to the last boundary, at most three; none where that is missing."""
    found: list[tuple[MessageHead, bytes]] = []
    at = content.find(b"--" + boundary + b"\r\n")
    last = content.rfind(b"\r\n--" + boundary + b"--")
    while 0 <= at < last and len(found) < 3:
        begin = at + len(boundary) + 4
        at = content.find(b"\r\n--" + boundary + b"\r\n", begin, last)
        part = content[begin : last if at < 0 else at]
        above, _, body = part.partition(b"\r\n\r\n")
        found.append((MessageHead(above + b"\r\n\r\n"), body))
        at = at + 2 if at >= 0 else at
    return found


def _kind(head: MessageHead) -> str:
    return next(head.texts("content-type"), "").partition(";")[0].strip().lower()


def _encoding(head: MessageHead) -> str:
    return next(head.texts("content-transfer-encoding"), "").strip().lower()


def _text(about: MessageHead, envelope: bytes) -> str:
    part = envelope[:_LONGEST_ENVELOPE]
    try:
        match _encoding(about):
            case "base64":
                part = b64decode(part)
            case "quoted-printable":
                part = quopri.decodestring(part)
    except Base64Error:
        return ""
    return part.decode("utf-8", "replace")


class Disposition(StrEnum):
    """Disposition of a message; of all but kept ones a count is left."""

    KEPT = "kept"
    PRIVATE = "private"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided of a message: of the one that a journal report holds, where it is one."""

    disposition: Disposition
    message: OpenedMessage
    head: MessageHead


def decide(message: OpenedMessage, rules: MailRules) -> Decided:
    """Return what the rules make of a message that was handed over."""
    head = MessageHead(message.content)
    if (report := journal_report(message.content, head, message.sender, rules)) is not None:
        message, head = report, MessageHead(report.content)
    if is_exempt(head, (message.sender, *message.recipients), rules):
        return Decided(Disposition.EXEMPT, message, head)
    if is_private(head, rules) or (rules.drops_doubtful and find_doubts(head, rules)):
        return Decided(Disposition.PRIVATE, message, head)
    return Decided(Disposition.KEPT, message, head)
