"""Journal reports of Exchange and Microsoft 365: a text that names sender and recipients, and the message that it reports. Pure."""

import re

from rejent.streams.mail.messages.addresses import find_addresses, find_lookalikes, normal_address
from rejent.streams.mail.messages.classes import MailRules, MessageHead
from rejent.streams.mail.messages.parts import direct_parts, parts_of
from rejent.streams.mail.messages.sealing import OpenedMessage
from rejent.streams.mail.messages.syntax import split_head

REPORT = "report"
"""Doubt about a report that could not be taken apart: nobody knows for whom its message was."""
_LINES = "(sender|recipient|to|cc|bcc)[ \t]*:"
_NAMED = re.compile(rf"(?im)^[ \t]*+{_LINES}([^\n]*)")
_FOLD = re.compile(rf"(?i)\n[ \t]++(?!{_LINES})")
_EXPANDED = re.compile(r"(?i),[ \t]*(?:expanded|forwarded)[ \t]*:")
"""What stands before the list that was expanded, or the mailbox that forwarded."""
_NOBODY = "<>"
"""The sender of bounces and receipts (RFC 5321 §4.5.5)."""
_LONGEST_ENVELOPE = 4 << 20
_AS_IT_IS = frozenset({"", "7bit", "8bit", "binary"})


def claims_to_report(head: MessageHead, sender: str, rules: MailRules) -> bool:
    """Return whether a message is a journal report by its field, and comes from one of the journal's reporters."""
    authors = head.addresses("from")
    if normal_address(sender) not in rules.reporters and (len(authors) != 1 or authors - rules.reporters):
        return False
    return any(True for _ in head.texts("x-ms-journal-report"))


def read_report(content: bytes) -> OpenedMessage | None:
    """Return the message that a report holds, byte for byte, with its envelope; None where any of that is not as Exchange writes it.

    Its lines are ``Sender:``, and ``Recipient:``, or ``To:``, ``Cc:``, ``Bcc:`` with the list that was expanded behind the address, a
    recipient too. Who wrote on behalf of whom stands in the message's own fields.
    """
    parts, whole = direct_parts(content)
    if not whole or [each.kind for each in parts] != ["text/plain", "message/rfc822"]:
        return None
    about, around = parts
    if around.encoding not in _AS_IT_IS or not split_head(around.raw)[0].strip():
        return None
    named = _read_envelope(about.text()[:_LONGEST_ENVELOPE])
    senders = [address for name, address in named if name == "sender"]
    recipients = dict.fromkeys(address for name, address in named if name not in {"sender", ""})
    if len(senders) != 1 or not recipients or any(not name for name, _ in named):
        return None
    return OpenedMessage(senders[0], tuple(recipients), around.raw)


def _read_envelope(text: str) -> list[tuple[str, str]]:
    """Return who is named, by the name of the line; what a line names besides addresses stands under no name."""
    plain = _FOLD.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    found: list[tuple[str, str]] = []
    for name, written in _NAMED.findall(plain):
        pieces = [piece for each in _EXPANDED.split(written) if (piece := each.strip())]
        for piece in pieces:
            addresses = sorted(find_addresses(piece))
            if piece == _NOBODY and name.lower() == "sender":
                addresses = [""]
            found += [(name.lower(), address) for address in addresses] or [("", piece)]
    return found


def look_through(content: bytes) -> tuple[list[MessageHead], set[str]]:
    """Return every head within a report that cannot be taken apart, and every address that stands there or in a text of its own."""
    heads: list[MessageHead] = []
    named = set[str]()
    for part in parts_of(content, len(content)):
        if part.message and not part.begins:
            continue
        text = part.raw if part.begins else part.content()[:_LONGEST_ENVELOPE]
        heads.append(MessageHead(text))
        named |= find_lookalikes(part.text()[:_LONGEST_ENVELOPE])
    return heads, named
