"""What is decided of a message before it is stored: private, exempt, or kept with which facts; pure.

The parser is our own on purpose: it looks at the bytes of the head alone, takes any of them, and never fails.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from rejent.streams.mail.messages.addresses import (
    domain_of,
    find_addresses,
    find_lookalikes,
    mailbox_of,
    normal_address,
)
from rejent.streams.mail.messages.alias_maps import AliasMaps
from rejent.streams.mail.messages.content import Content
from rejent.streams.mail.messages.framing import MessageFacts
from rejent.streams.mail.messages.syntax import DecodedField, decode_field, decoded, readings_of

_LONGEST_HEAD = 4 << 20
"""Bytes of the head that are looked at: forty times what Postfix takes (``header_size_limit``); what is longer stays doubtful."""
_LONGEST_ADDRESSED = 256 << 10
"""Bytes of fields with addresses that are looked at, some 8 000 addresses; Postfix passes 100 KiB a field. What is longer stays doubtful."""
DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "apparently-to")
"""Fields in which servers note whom a message was delivered to."""
_RESENT_TO = ("resent-to", "resent-cc", "resent-bcc")
PEOPLE = (
    *("from", "sender", "reply-to", "to", "cc", "bcc", "return-path"),
    *("resent-from", "resent-sender", "resent-reply-to", *_RESENT_TO, *DELIVERED),
)
"""Fields that name who sent or got a message."""
_RECEIVING = ("to", "cc", "bcc", *_RESENT_TO)
_SENSITIVE = ("sensitivity:private", "sensitivity:personal")
"""Marks of RFC 2156 §5.3.4."""
_MOST_DOUBTS = 10
"""Fields that are named: the facts of a message have 4 KiB."""
HEAD = "head"
"""Doubt about a head that is longer than is looked at."""
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
        exempt: addresses, and domains written as ``@domain``, whose mail is never kept, in their normal form.
        headers: fields that mark a message as private, such as of a folder or label, as ``name:value`` in lower case.
        drops_doubtful: whether a message of which a deciding field could not be read whole counts as private; else it is kept, set aside
            when it is opened, and read once both roles decide so.
        maps: where the mail server delivers addresses on to.
    """

    domains: frozenset[str]
    exempt: frozenset[str]
    marks: tuple[str, ...]
    reporters: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()
    authserv: frozenset[str] = frozenset()
    drops_doubtful: bool = False
    maps: AliasMaps = field(default_factory=AliasMaps, repr=False)


class MessageHead:
    """The fields of a message's head, decoded as far as they can be."""

    def __init__(self, content: Content) -> None:
        head = re.split(rb"\r?\n\r?\n", content[: _LONGEST_HEAD + 1], maxsplit=1)[0]
        self.cut = len(head) > _LONGEST_HEAD
        """Whether it is longer than is looked at."""
        unfolded = re.sub(rb"\r?\n[ \t]+", b" ", head)
        self._fields: list[tuple[str, bytes]] = []
        for line in re.split(rb"\r\n|\n|\r", unfolded):
            name, colon, value = line.partition(b":")
            if colon:
                self._fields.append((name.strip().decode("ascii", "replace").lower(), value.strip()))

    def texts(self, *names: str) -> Iterator[str]:
        """Yield the decoded values of fields of these names."""
        for value in self._values(names):
            yield decoded(value)

    def readings(self, *names: str) -> Iterator[DecodedField]:
        """Yield each way in which fields of these names may be read."""
        for value in self._values(names):
            yield from readings_of(value)

    def addresses(self, *names: str) -> set[str]:
        """Return the addresses in fields of these names, in normal form: those written there, and those in encoded words."""
        found = set[str]()
        for value in self._addressed(names):
            written = value.decode("utf-8", "replace")
            found |= find_addresses(written)
            if "=?" in written:
                found |= find_addresses(decoded(value))
        return found

    def lookalikes(self, *names: str) -> set[str]:
        """Return whatever in fields of these names looks like an address, also in names, comments and torn words."""
        return {
            address
            for value in self._addressed(names)
            for text in {value.decode("utf-8", "replace"), decoded(value)}
            for address in find_lookalikes(text)
        }

    def is_doubtful(self, *names: str) -> bool:
        """Return whether one of the fields of these names could not be decoded whole."""
        return any(decode_field(value).doubtful for value in self._values(names))

    def exceeds(self, *names: str) -> bool:
        """Return whether the fields of these names hold more than is looked for addresses."""
        return sum(map(len, self._values(names))) > _LONGEST_ADDRESSED

    def _values(self, names: tuple[str, ...]) -> Iterator[bytes]:
        return (value for name, value in self._fields if name in names)

    def _addressed(self, names: tuple[str, ...]) -> Iterator[bytes]:
        left = _LONGEST_ADDRESSED
        for value in self._values(names):
            yield value[:left]
            left = max(left - len(value), 0)


def is_private(head: MessageHead, rules: MailRules) -> bool:
    """Return whether a message bears a private mark.

    In its subject, ``Sensitivity: Private`` (RFC 2156 §5.3.4), or a field that the office named.
    """
    subject = [_as_marked(one.text) for one in head.readings("subject")]
    marks = [marked for mark in rules.marks if (marked := _as_marked(mark))]
    return any(mark in text for mark in marks for text in subject) or any(
        _bears(head, *mark.split(":", 1)) for mark in (*_SENSITIVE, *rules.headers)
    )


def find_doubts(head: MessageHead, rules: MailRules) -> tuple[str, ...]:
    """Return which fields could not be decoded, or not be looked at whole, so that the message may be private or exempt."""
    named = ("subject", *sorted({mark.split(":", 1)[0].strip() for mark in (*_SENSITIVE, *rules.headers)}))
    doubtful = [name for name in named if head.is_doubtful(name)]
    unread = [HEAD] if head.cut or head.exceeds(*PEOPLE) else []
    return tuple([*unread, *doubtful][:_MOST_DOUBTS])


def _bears(head: MessageHead, name: str, value: str) -> bool:
    """Return whether a field of this name is this value, or lists it, with or without quotes and comments."""
    wanted = _as_marked(value)
    return any(
        wanted == _as_marked(each)
        for one in head.readings(name.strip())
        for text in (one.text, _without_comments(one.text))
        for each in (text, *re.split("[,;]", text))
    )


def _as_marked(text: str) -> str:
    """Return a text as marks are compared: small plain letters without blanks, quotes and what is not seen, wherever a word was torn."""
    small = unicodedata.normalize("NFKC", text).casefold()
    if small.isascii():
        return small.translate(_UNSEEN)
    return "".join(sign for sign in small.translate(_UNSEEN) if unicodedata.category(sign)[0] not in "CZ")


_UNSEEN = dict.fromkeys((*range(33), ord('"'), 127))


def is_exempt(head: MessageHead, envelope: Iterable[str], rules: MailRules) -> bool:
    """Return whether anybody who sent or got a message is exempt: rather one too many than one missed."""
    named = head.addresses(*PEOPLE) | head.lookalikes(*PEOPLE)
    named.update(normal_address(address) for address in envelope)
    return any(
        address in rules.exempt
        or mailbox_of(address) in rules.exempt
        or _in(domain_of(address), rules.exempt, "@")
        for one in named
        for address in rules.maps.expand(one)
    )


def facts_of(
    content: Content,
    head: MessageHead,
    sender: str,
    at: datetime,
    rules: MailRules,
    *,
    attachments: tuple[str, ...] = (),
    doubts: tuple[str, ...] = (),
) -> MessageFacts:
    """Return the facts of a message that is kept; ``attachments``: the kinds of its files, ``doubts``: what could not be read of it."""
    senders = head.addresses("from") or {normal_address(sender)}
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
        attachments=attachments,
        verdicts=_verdicts(head, rules),
        check=next((text for text in head.texts(CHECK.lower()) if _TOKEN.fullmatch(text)), ""),
        doubts=doubts,
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
    domains = {domain_of(address) for address in addresses if "@" in address}
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
