"""What is shown of a message: text, never markup; attachments by name, kind and size, never their content. Pure.

Nothing of a message is interpreted by the browser: HTML becomes text here, and no address in it is called.
"""

import re
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape

from rejent.streams.mail.messages.classes import MessageHead
from rejent.streams.mail.messages.parts import MOST_READ, Part, parts_of

LONGEST_TEXT = 200_000
LONGEST_MARKUP = 1_000_000
_LONGEST_FIELD = 1000
_TRACES = (
    b"received", b"return-path", b"delivered-to", b"x-original-to", b"x-envelope-to", b"x-received", b"authentication-results",
    b"x-spam", b"arc-", b"x-virus", b"x-bcc",
)  # fmt: skip
"""Beginnings of fields that each delivery of one message has anew."""
_HIDDEN = frozenset({"script", "style", "head", "title", "template"})
_MARKUP = re.compile(r"<!--|-->|<(/?)([A-Za-z][A-Za-z0-9]*)?[^<>]*>")
_COMMENT = ("<!--", "-->")
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


def headers_of(head: MessageHead) -> ShownHeaders:
    """Return the fields that are shown of a message's head."""

    def text(*names: str) -> str:
        return ", ".join(head.texts(*names))[:_LONGEST_FIELD]

    return ShownHeaders(text("from"), text("to", "cc"), text("subject"), text("date"))


def shown(content: bytes) -> ShownMessage:
    """Take a message apart for showing."""
    plain: list[str] = []
    markup: list[str] = []
    attachments: list[Attachment] = []
    for part in parts_of(content):
        if not part.name and part.kind == "text/plain":
            plain.append(part.text())
        elif not part.name and part.kind == "text/html":
            markup.append(part.text()[:LONGEST_MARKUP])
        else:
            attachments.append(attachment_of(part))
    text = "\n\n".join(plain or map(_without_markup, markup))
    return ShownMessage(
        headers=headers_of(MessageHead(content)),
        text=text[:LONGEST_TEXT],
        attachments=tuple(attachments),
        from_markup=bool(markup and not plain),
        partly=len(content) > MOST_READ or len(text) > LONGEST_TEXT,
    )


def attachment_of(part: Part) -> Attachment:
    """Return what is told of an attached file."""
    content = part.content()
    return Attachment(part.name, part.kind, len(content))


def searched_text(content: bytes) -> str:
    """Return what is searched of a message besides its head: its texts, and the names of what is attached."""
    plain: list[str] = []
    markup: list[Part] = []
    names: list[str] = []
    for part in parts_of(content):
        if part.name:
            names.append(part.name)
        elif part.kind == "text/plain":
            plain.append(part.text()[:LONGEST_TEXT])
        elif part.kind == "text/html":
            markup.append(part)
    if not plain:
        plain = [_without_markup(each.text()[:LONGEST_MARKUP]) for each in markup]
    return " ".join([*plain, *names])[:LONGEST_TEXT]


def digest_of(content: bytes) -> bytes:
    """Return the digest by which deliveries of one message are known as one: of all but what each delivery adds on its way."""
    head, blank, body = content.partition(b"\r\n\r\n")
    if not blank:
        head, _, body = content.partition(b"\n\n")
    fields = re.sub(rb"\r?\n[ \t]+", b" ", head).splitlines()
    lasting = sorted(each.strip() for each in fields if not each.lower().startswith(_TRACES))
    return sha256(b"\n".join(lasting) + b"\n\n" + body.replace(b"\r\n", b"\n").rstrip(b"\n")).digest()


def _without_markup(text: str) -> str:
    """Return the text of a document that a reader would see; one pass, whatever stands in it."""
    pieces, after, hidden, comment = [], 0, 0, False
    for mark in _MARKUP.finditer(text):
        if not hidden and not comment:
            pieces.append(re.sub(r"\s+", " ", unescape(text[after : mark.start()])))
        after = mark.end()
        if mark[0] in _COMMENT:
            comment = mark[0] == _COMMENT[0]
        elif not comment:
            name = (mark[2] or "").lower()
            if name in _HIDDEN:
                hidden = max(hidden + (-1 if mark[1] else 1), 0)
            elif name in _BREAKS and not mark[1] and not hidden:
                pieces.append("\n")
    if not hidden and not comment:
        pieces.append(re.sub(r"\s+", " ", unescape(text[after:])))
    return re.sub(r"\n\s*\n+", "\n\n", "".join(pieces)).strip()
