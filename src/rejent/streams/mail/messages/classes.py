"""What is decided of a message before it is stored: private, exempt, or kept with which facts; pure.

The parser is our own on purpose: it looks at the bytes of the head alone, takes any of them, and never fails.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.header import decode_header

from rejent.streams.mail.messages.framing import MessageFacts
from rejent.streams.mail.messages.syntax import codec_of

_LONGEST_HEAD = 1 << 20
"""Bytes of the head that are looked at."""
_ADDRESSED = ("from", "sender", "reply-to", "to", "cc", "bcc", "resent-to", "resent-cc", "return-path")
_RECEIVING = ("to", "cc", "bcc", "resent-to", "resent-cc")
_ADDRESS = re.compile(r"""[^\s<>,;:"'()\[\]\\@]{1,128}@[^\s<>,;:"'()\[\]\\@]{1,255}""")
_SENSITIVE = frozenset({"private", "personal"})
_MOST_PARTS = 1000
"""File names in a piece of a message that are looked at."""
_PART = re.compile(
    rb"""filename\*?(?:\d{1,3}\*?)?\s{0,9}=\s{0,9}"?[^"\r\n;]{0,300}?\.([a-z0-9]{1,8})(?=["';\s]|$)"""
)
_SEARCHED = 1 << 20
_LONGEST_NAME = 400
_KINDS = re.compile(
    "pdf|docx?|odt|rtf|txt|xlsx?|ods|csv|pptx?|odp|jpe?g|png|gif|tiff?|zip|7z|rar|gz|eml|msg|ics|xml|html|p7[sm]|asc|sig|mp[34]|wav"
)
"""Kinds that are named; any other is ``other``, since a made-up ending can disclose more than a kind."""
CHECK = "X-Rejent-Check"
"""The field in which a test message of ours bears its token."""
_TOKEN = re.compile(r"[0-9a-f]{32}")
_RESULT = re.compile(
    r"(?:^|;)\s*(dkim|spf|dmarc)(?:/\d+)?\s*=\s*(none|pass|fail|softfail|neutral|policy|temperror|permerror)(?![\w-])"
)
_PUBLIC = (".gov.pl", ".gov", ".europa.eu", ".sejm.pl", ".senat.pl")
_FREE = re.compile(
    r"(?:gmail|outlook|hotmail|yahoo|icloud)\.com|proton\.me|(?:wp|o2|onet|interia|op|gazeta)\.pl|poczta\.fm"
)


@dataclass(frozen=True, slots=True)
class MailRules:
    """Rules of one journal.

    Attributes:
        domains: the office's own, in lower case; their subdomains count with them.
        exempt: addresses, and domains written as ``@domain``, whose mail is never kept, in lower case.
        headers: fields that mark a message as private, such as of a folder or label, as ``name:value`` in lower case.
    """

    domains: frozenset[str]
    exempt: frozenset[str]
    marks: tuple[str, ...]
    reporters: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()
    authserv: frozenset[str] = frozenset()


class MessageHead:
    """The fields of a message's head, decoded as far as they can be."""

    def __init__(self, content: bytes) -> None:
        head = re.split(rb"\r?\n\r?\n", content[:_LONGEST_HEAD], maxsplit=1)[0]
        unfolded = re.sub(rb"\r?\n[ \t]+", b" ", head)
        self._fields: list[tuple[str, bytes]] = []
        for line in re.split(rb"\r\n|\n|\r", unfolded):
            name, colon, value = line.partition(b":")
            if colon:
                self._fields.append((name.strip().decode("ascii", "replace").lower(), value.strip()))

    def texts(self, *names: str) -> Iterator[str]:
        """Yield the decoded values of fields of these names."""
        for name, value in self._fields:
            if name in names:
                yield decoded(value)

    def addresses(self, *names: str) -> set[str]:
        """Return whatever looks like an address in fields of these names, in lower case: rather one too many than an exempt one missed."""
        return {found[0].lower() for text in self.texts(*names) for found in _ADDRESS.finditer(text)}


def decoded(value: bytes) -> str:
    """Return the text of a field: encoded words (RFC 2047) decoded, raw bytes as UTF-8, else as Latin-2 would read them."""
    try:
        raw = value.decode("utf-8")
    except UnicodeDecodeError:
        raw = value.decode("iso-8859-2")
    if "=?" not in raw:
        return raw
    try:
        return "".join(
            part if isinstance(part, str) else part.decode(codec_of(charset or "ascii"), "replace")
            for part, charset in decode_header(raw)
        )
    except (ValueError, LookupError, MessageError):
        return raw


def is_private(head: MessageHead, rules: MailRules) -> bool:
    """Return whether a message bears a private mark.

    In its subject, ``Sensitivity: Private`` (RFC 2156 §5.3.4), or a field that the office named.
    """
    subject = " ".join(head.texts("subject")).casefold()
    return (
        any(mark in subject for mark in rules.marks)
        or any(text.strip().casefold() in _SENSITIVE for text in head.texts("sensitivity"))
        or any(_bears(head, *header.split(":", 1)) for header in rules.headers)
    )


def _bears(head: MessageHead, name: str, value: str) -> bool:
    """Return whether a field of this name is this value, or lists it."""
    return any(
        value.strip() == each.strip().strip('"')
        for text in head.texts(name.strip())
        for each in (text.lower(), *re.split("[,;]", text.lower()))
    )


def is_exempt(head: MessageHead, envelope: Iterable[str], rules: MailRules) -> bool:
    """Return whether anybody who sent or got a message is exempt."""
    named = head.addresses(*_ADDRESSED) | {address.strip().lower() for address in envelope}
    return any(address in rules.exempt or _in(_domain(address), rules.exempt, "@") for address in named)


def facts_of(content: bytes, head: MessageHead, sender: str, at: datetime, rules: MailRules) -> MessageFacts:
    """Return the facts of a message that is kept."""
    senders = head.addresses("from") or {sender.lower()}
    receivers = head.addresses(*_RECEIVING)
    inside, outside = _parted(senders, rules)
    to_inside, to_outside = _parted(receivers, rules)
    if inside:
        direction = "outgoing" if to_outside else "internal" if to_inside else "unknown"
    else:
        direction = "incoming" if outside else "unknown"
    return MessageFacts(
        at=at,
        size=len(content),
        direction=direction,
        counterpart=_class_of(to_outside if inside else outside),
        attachments=_attachments(content),
        verdicts=_verdicts(head, rules),
        check=next((text for text in head.texts(CHECK.lower()) if _TOKEN.fullmatch(text)), ""),
    )


def _verdicts(head: MessageHead, rules: MailRules) -> tuple[str, ...]:
    """Return the results that a server of the office states; of several the uppermost, of several signatures one that holds."""
    found: dict[str, str] = {}
    for text in head.texts("authentication-results"):
        server, _, stated = _without_comments(text).partition(";")
        if (server.split() or [""])[0].lower() not in rules.authserv:
            continue
        for method, result in _RESULT.findall(stated.lower()):
            if found.get(method) is None or (method == "dkim" and result == "pass"):
                found[method] = result
    return tuple(f"{method}={result}" for method, result in sorted(found.items()))


def _without_comments(text: str) -> str:
    """Return a field without its comments, which may nest (RFC 5322 §3.2.2)."""
    kept, depth = [], 0
    for piece in re.split(r"(\\.|[()])", text):
        if piece == ")" and depth:
            depth -= 1
        elif piece == "(":
            depth += 1
        elif not depth:
            kept.append(piece)
    return "".join(kept)


def _parted(addresses: set[str], rules: MailRules) -> tuple[set[str], set[str]]:
    domains = {_domain(address) for address in addresses if "@" in address}
    inside = {domain for domain in domains if _in(domain, rules.domains)}
    return inside, domains - inside


def _in(domain: str, domains: frozenset[str], prefix: str = "") -> bool:
    """Return whether a domain, or one that it lies in, is among others."""
    labels = domain.split(".")
    return any(prefix + ".".join(labels[first:]) in domains for first in range(len(labels)))


def _class_of(domains: set[str]) -> str:
    if not domains:
        return "none"
    classes = {
        "public" if domain.endswith(_PUBLIC) else "free" if _FREE.fullmatch(domain) else "other"
        for domain in domains
    }
    return classes.pop() if len(classes) == 1 else "several"


def _attachments(content: bytes) -> tuple[str, ...]:
    """Return the kinds of files that are named; the place of each name is found by a plain search, which is many times faster."""
    found = set()
    for start in range(0, len(content), _SEARCHED):
        piece = content[start : start + _SEARCHED + _LONGEST_NAME].lower()
        at, number = piece.find(b"filename"), 0
        while 0 <= at < _SEARCHED and number < _MOST_PARTS:
            if (part := _PART.match(piece, at)) is not None:
                kind = part[1].decode("ascii")
                found.add(kind if _KINDS.fullmatch(kind) else "other")
            at, number = piece.find(b"filename", at + 1), number + 1
    return tuple(sorted(found))


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
