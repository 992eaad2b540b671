"""What is shown of a message: text, never markup; attachments by name, kind and size, never their content. Pure.

Nothing of a message is interpreted by the browser: HTML becomes text here, and no address in it is called.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from hashlib import sha256
from html.parser import HTMLParser

from rejent.streams.mail.messages.classes import MessageHead, decoded

MOST_SHOWN = 8 << 20
"""Bytes of a message that are taken apart to be shown."""
LONGEST_TEXT = 200_000
MOST_PARTS = 200
_LONGEST_FIELD = 1000
_TRACES = (
    b"received", b"return-path", b"delivered-to", b"x-original-to", b"x-envelope-to", b"x-received", b"authentication-results",
    b"x-spam", b"arc-", b"x-virus", b"x-bcc",
)  # fmt: skip
"""Beginnings of fields that each delivery of one message has anew."""
_HIDDEN = frozenset({"script", "style", "head", "title", "template"})
_BREAKS = frozenset({"p", "br", "div", "tr", "li", "h1", "h2", "h3", "h4", "blockquote", "table"})


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attached file, which is not shown."""

    name: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """What is shown of a message; ``partly`` where it is longer than is taken apart, ``from_markup`` where its text was HTML."""

    headers: "ShownHeaders"
    text: str = field(repr=False)
    attachments: tuple[Attachment, ...]
    from_markup: bool
    partly: bool


@dataclass(frozen=True, slots=True)
class ShownHeaders:
    """The fields that say who wrote to whom about what."""

    sender: str = field(repr=False)
    receivers: str = field(repr=False)
    subject: str = field(repr=False)
    dated: str


def headers_of(content: bytes) -> ShownHeaders:
    """Return the fields of a message's head."""
    head = MessageHead(content)

    def text(*names: str) -> str:
        return ", ".join(head.texts(*names))[:_LONGEST_FIELD]

    return ShownHeaders(text("from"), text("to", "cc"), text("subject"), text("date"))


def shown(content: bytes) -> ShownMessage:
    """Take a message apart for showing; what cannot be taken apart is shown as it came, as text."""
    part = content[:MOST_SHOWN]
    try:
        text, attachments, markup = _taken_apart(message_from_bytes(part, policy=compat32))
    except Exception:  # noqa: BLE001 - the parser of the standard library fails on some messages in ways of its own
        text, attachments, markup = part.decode("utf-8", "replace"), (), False
    cut = len(content) > MOST_SHOWN or len(text) > LONGEST_TEXT
    return ShownMessage(headers_of(content), text[:LONGEST_TEXT], attachments, markup, cut)


def digest_of(content: bytes) -> bytes:
    """Return the digest by which deliveries of one message are known as one: of all but what each delivery adds on its way."""
    head, blank, body = content.partition(b"\r\n\r\n")
    if not blank:
        head, _, body = content.partition(b"\n\n")
    fields = re.sub(rb"\r?\n[ \t]+", b" ", head).splitlines()
    lasting = sorted(each.strip() for each in fields if not each.lower().startswith(_TRACES))
    return sha256(b"\n".join(lasting) + b"\n\n" + body.replace(b"\r\n", b"\n").rstrip(b"\n")).digest()


def _taken_apart(message: "Message[str, str]") -> tuple[str, tuple[Attachment, ...], bool]:
    plain: list[str] = []
    markup: list[str] = []
    attachments: list[Attachment] = []
    for part in _leaves(message):
        name = part.get_filename("")
        kind = part.get_content_type()
        content = _content(part)
        if not name and kind == "text/plain":
            plain.append(_decoded_text(part, content))
        elif not name and kind == "text/html":
            markup.append(_without_markup(_decoded_text(part, content)))
        else:
            called = decoded(str(name).encode("utf-8", "surrogateescape"))
            attachments.append(Attachment(called[:_LONGEST_FIELD], kind, len(content)))
    return "\n\n".join(plain or markup), tuple(attachments), bool(markup and not plain)


def _leaves(message: "Message[str, str]") -> Iterator["Message[str, str]"]:
    """Yield parts without parts, at most `MOST_PARTS`, without recursion."""
    waiting, found = [message], 0
    while waiting and found < MOST_PARTS:
        part = waiting.pop()
        inside = part.get_payload()
        if isinstance(inside, list):
            waiting += reversed(inside)  # type: ignore[arg-type]  # parts of a message that was parsed are messages
        else:
            found += 1
            yield part


def _content(part: "Message[str, str]") -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _decoded_text(part: "Message[str, str]", content: bytes) -> str:
    try:
        return content.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


class _Text(HTMLParser):
    """Collects the text of a document that a reader would see."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser's own signature
        """Count what is hidden, and begin lines."""
        self._hidden += tag in _HIDDEN
        if tag in _BREAKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Count what is hidden no more."""
        self._hidden = max(self._hidden - (tag in _HIDDEN), 0)

    def handle_data(self, data: str) -> None:
        """Keep text that is not hidden."""
        if not self._hidden:
            self.pieces.append(re.sub(r"\s+", " ", data))


def _without_markup(text: str) -> str:
    parser = _Text()
    parser.feed(text)
    parser.close()
    return re.sub(r"\n\s*\n+", "\n\n", "".join(parser.pieces)).strip()
