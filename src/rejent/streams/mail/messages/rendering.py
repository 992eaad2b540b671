"""What is shown of a message as text; attachments by name, kind, size and digest. Pure.

HTML becomes text here, and no address in it is called; how it looked is `rejent.streams.mail.messages.markup`.
"""

import re
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape

from rejent.streams.mail.messages.classes import MessageHead
from rejent.streams.mail.messages.containers import (
    TNEF,
    Preview,
    Protection,
    names_in_tnef,
    preview_of,
    protection_of,
    type_of,
)
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
    """An attached file, by its place among those of its message."""

    number: int
    name: str = field(repr=False)
    kind: str
    size: int
    sha256: str
    found: str
    preview: Preview
    inside: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class NestedMessage:
    """A message that lies within another, as text."""

    headers: "MessageHeaders"
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """What is shown of a message.

    Attributes:
        attachments: those of the messages within too.
        partly: it is longer than is taken apart.
    """

    headers: "MessageHeaders"
    text: str = field(repr=False)
    attachments: tuple[Attachment, ...]
    from_markup: bool
    has_markup: bool
    partly: bool
    within: tuple[NestedMessage, ...] = ()
    protections: tuple[Protection, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageHeaders:
    """The fields that say who wrote to whom about what."""

    sender: str = field(repr=False)
    receivers: str = field(repr=False)
    subject: str = field(repr=False)
    dated: str


def headers_of(head: MessageHead) -> MessageHeaders:
    """Return the fields that are shown of a message's head."""

    def text(*names: str) -> str:
        return ", ".join(head.texts(*names))[:_LONGEST_FIELD]

    return MessageHeaders(text("from"), text("to", "cc"), text("subject"), text("date"))


class _Texts:
    """The texts of one message, plain and of markup."""

    def __init__(self, headers: MessageHeaders) -> None:
        self.headers = headers
        self.plain: list[str] = []
        self.markup: list[str] = []

    def text(self) -> str:
        """Return what is read of it."""
        return "\n\n".join(self.plain or map(_without_markup, self.markup))


def rendered(content: bytes) -> RenderedMessage:
    """Take a message apart for showing."""
    texts = [_Texts(headers_of(MessageHead(content)))]
    attachments: list[Attachment] = []
    protections: dict[Protection, None] = {}
    longer = len(content) > MOST_READ
    for part in parts_of(content):
        if part.begins:
            texts.append(_Texts(headers_of(MessageHead(part.raw))))
        elif _is_text(part, "text/plain"):
            texts[part.message].plain.append(part.text())
        elif _is_text(part, "text/html"):
            markup = part.text()
            longer = longer or len(markup) > LONGEST_MARKUP
            texts[part.message].markup.append(markup[:LONGEST_MARKUP])
        else:
            attachments.append(attachment_of(part, len(attachments)))
        if not part.begins and (claim := protection_of(part)) is not None:
            protections[claim] = None
    cut, left = list[str](), LONGEST_TEXT
    for each in texts:
        cut.append(each.text()[: left + 1])
        left = max(left - len(cut[-1]), 0)
    first = texts[0]
    return RenderedMessage(
        headers=first.headers,
        text=cut[0][:LONGEST_TEXT],
        attachments=tuple(attachments),
        from_markup=bool(first.markup and not first.plain),
        has_markup=bool(first.markup),
        partly=longer or sum(map(len, cut)) > LONGEST_TEXT,
        within=tuple(
            NestedMessage(each.headers, text) for each, text in zip(texts[1:], cut[1:], strict=True)
        ),
        protections=tuple(protections),
    )


def attachment_of(part: Part, number: int) -> Attachment:
    """Return what is stated of an attached file."""
    content = part.content()
    found = type_of(content)
    return Attachment(
        number,
        part.name,
        part.kind,
        len(content),
        sha256(content).hexdigest(),
        found.media_type if found else "",
        preview_of(found),
        tuple(names_in_tnef(content)) if found is TNEF else (),
    )


def attached_part(content: bytes, number: int) -> Part | None:
    """Return an attached file of a message by its number."""
    attached = (part for part in parts_of(content) if _is_attached(part))
    return next((part for place, part in enumerate(attached) if place == number), None)


def markup_of(content: bytes) -> tuple[str, dict[str, Part]]:
    """Return the HTML of a message itself, and its other parts by the names by which that calls them."""
    markup: list[str] = []
    named: dict[str, Part] = {}
    for part in parts_of(content):
        if part.message == 0 and _is_text(part, "text/html"):
            markup.append(part.text()[:LONGEST_MARKUP])
        elif part.content_id and not part.opened:
            named.setdefault(part.content_id, part)
    return "<hr>".join(markup)[:LONGEST_MARKUP], named


def _is_text(part: Part, kind: str) -> bool:
    return part.kind == kind and not part.name and not part.begins


def _is_attached(part: Part) -> bool:
    return not part.begins and not _is_text(part, "text/plain") and not _is_text(part, "text/html")


def searched_text(content: bytes) -> str:
    """Return what is searched of a message besides its head: its texts, and the names of what is attached."""
    plain: list[str] = []
    markup: list[Part] = []
    names: list[str] = []
    for part in parts_of(content):
        if part.begins:
            names += MessageHead(part.raw).texts("from", "to", "cc", "subject")
        elif part.name:
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
