"""What is shown of a message as text; attachments by name, kind, size and digest. Pure.

HTML becomes text here, and no address in it is called; how it looked is `rejent.streams.mail.messages.markup`.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256

import structlog

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
from rejent.streams.mail.messages.markup import text_of
from rejent.streams.mail.messages.parts import Part, has_more, parts_of

log = structlog.get_logger(__name__)
LONGEST_TEXT = 1_000_000
"""Characters that are shown of one message: a novel has as many, and a browser lays them out in a second."""
_LONGEST_FIELD = 1000
_HTML = "text/html"
_SHOWN = frozenset({"text/plain", _HTML})
_WORD_OR_SIGN = re.compile(r"\w+|[^\w\s]")
_TRACES = (
    b"received", b"return-path", b"delivered-to", b"x-original-to", b"x-envelope-to", b"x-received", b"authentication-results",
    b"x-spam", b"arc-", b"x-virus", b"x-bcc", b"envelope-to", b"dkim-signature", b"domainkey-signature", b"x-google-dkim-signature",
    b"status:", b"x-status:", b"x-keywords:", b"x-uid:", b"x-imapbase:", b"x-mozilla-", b"x-gmail-labels:", b"x-gm-thrid:", b"content-length:", b"lines:",
)  # fmt: skip
"""Beginnings of fields that each delivery of one message has anew, or a mailbox writes into it: Dovecot, mbox(5), Thunderbird, Google Takeout."""
_MARKED = "\n\n– HTML –\n\n"
"""What parts the text of HTML from another text that says something else."""
UNSEEN = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
"""Soft hyphens and signs without width, which part a word that is read as one."""


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
    """A message that lies within another, as text; ``name``: of the file as which it is attached."""

    headers: "MessageHeaders"
    name: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """What is shown of a message.

    Attributes:
        attachments: those of the messages within too.
        partly: it is longer than is taken apart.
        failed: the program failed at taking it apart, and shows nothing of it.
    """

    headers: "MessageHeaders"
    text: str = field(repr=False)
    attachments: tuple[Attachment, ...]
    from_markup: bool
    has_markup: bool
    partly: bool
    within: tuple[NestedMessage, ...] = ()
    protections: tuple[Protection, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class MessageHeaders:
    """The fields that say who wrote to whom about what."""

    sender: str = field(default="", repr=False)
    receivers: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    dated: str = ""

    @property
    def dated_at(self) -> datetime | None:
        """Return the instant of ``dated``; None of what is no date (RFC 5322 §3.3), where the field itself is shown."""
        try:
            stated = parsedate_to_datetime(self.dated)
        except ValueError:
            return None
        return stated if stated.tzinfo else stated.replace(tzinfo=UTC)


def headers_of(head: MessageHead) -> MessageHeaders:
    """Return the fields that are shown of a message's head."""

    def text(*names: str) -> str:
        return ", ".join(head.texts(*names))[:_LONGEST_FIELD]

    return MessageHeaders(text("from"), text("to", "cc"), text("subject"), text("date"))


@dataclass(slots=True)
class _Texts:
    """The texts of one message, plain and of markup."""

    headers: MessageHeaders
    name: str = ""
    plain: list[str] = field(default_factory=list)
    markup: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return all that is read of it; markup whose words and signs the plain text has as one run is not repeated."""
        plain = "\n\n".join(filter(str.strip, self.plain))
        known = f" {_run_of(plain)} "
        other = [
            text for text in map(text_of, self.markup) if (run := _run_of(text)) and f" {run} " not in known
        ]
        return _MARKED.join(filter(None, (plain, *other)))


def _run_of(text: str) -> str:
    """Return the words and signs of a text in their order, parted by blanks."""
    return " ".join(_WORD_OR_SIGN.findall(UNSEEN.sub("", text)))


def rendered(content: bytes) -> RenderedMessage:
    """Take a message apart for showing; whatever is in it, it is this message alone that cannot be shown."""
    try:
        return _take_apart(content)
    except Exception as fault:  # noqa: BLE001 - what strangers write may provoke any
        log.warning("mail.message-not-shown", fault=type(fault).__name__)
        return RenderedMessage(
            MessageHeaders(), "", (), from_markup=False, has_markup=False, partly=True, failed=True
        )


def _take_apart(content: bytes) -> RenderedMessage:
    texts = [_Texts(headers_of(MessageHead(content)))]
    attachments: list[Attachment] = []
    protections: dict[Protection, None] = {}
    for part in parts_of(content):
        if part.begins:
            texts.append(_Texts(headers_of(MessageHead(part.raw)), part.name))
            continue
        if part.is_text():
            level = texts[part.message]
            (level.markup if part.kind == _HTML else level.plain).append(part.text())
        if _is_file(part):
            attachments.append(attachment_of(part, len(attachments)))
        if (claim := protection_of(part)) is not None:
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
        from_markup=bool(first.markup) and not any(map(str.strip, first.plain)),
        has_markup=bool(first.markup),
        partly=has_more(content) or sum(map(len, cut)) > LONGEST_TEXT,
        within=tuple(
            NestedMessage(each.headers, each.name, text)
            for each, text in zip(texts[1:], cut[1:], strict=True)
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
    attached = (part for part in parts_of(content) if _is_file(part))
    return next((part for place, part in enumerate(attached) if place == number), None)


def _is_file(part: Part) -> bool:
    """Return whether a part is listed as a file, also one that is shown with the text: a name, or a kind of its own such as a calendar."""
    plain = part.is_text() and not (part.kind.startswith("text/") and part.kind not in _SHOWN)
    return not part.begins and (bool(part.name) or not plain)


def markup_of(content: bytes) -> tuple[str, dict[str, Part]]:
    """Return the HTML of a message itself, and its other parts by the names by which that calls them."""
    markup: list[str] = []
    named: dict[str, Part] = {}
    for part in parts_of(content):
        if part.message == 0 and part.kind == _HTML and part.is_text():
            markup.append(part.text())
        elif part.content_id and not part.opened:
            named.setdefault(part.content_id, part)
    return "<hr>".join(markup), named


def searched_text(content: bytes) -> str:
    """Return what is searched of a message besides its head: every text in it, whatever its kind, and the names of what is attached."""
    found: list[str] = []
    for part in parts_of(content):
        found.append(part.name)
        if part.begins:
            found += MessageHead(part.raw).texts("from", "to", "cc", "subject")
        elif part.is_text() or part.kind.startswith("text/"):
            found.append(text_of(part.text()) if part.kind == _HTML else part.text())
    return UNSEEN.sub("", " ".join(filter(None, found)))


def digest_of(content: bytes) -> bytes:
    """Return the digest by which deliveries of one message are known as one: of all but what each delivery adds on its way."""
    head, body, *_ = *re.split(rb"\r?\n\r?\n", content, maxsplit=1), b""
    fields = re.sub(rb"\r?\n[ \t]+", b" ", head).splitlines()
    lasting = sorted(each.strip() for each in fields if not each.lower().startswith(_TRACES))
    return sha256(b"\n".join(lasting) + b"\n\n" + body.replace(b"\r\n", b"\n").rstrip(b"\n")).digest()
