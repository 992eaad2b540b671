"""The normal form of mail addresses, in which every spelling of one is the same text. Pure.

Exemptions, recipients, scopes of cases and search compare by it. The local part has no quotes or escapes (RFC 5321 §4.1.2), no comments and no blanks
around its dots (RFC 5322 §3.4.1, §4.4), and small composed letters (RFC 6531 §3.3); the domain is in small A-labels (RFC 5890 §2.3.2.1),
without a dot at its end; signs that nobody sees are in neither. Nothing is ever sent to a normal form.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import idna

_LONGEST = 320
"""Signs of a local part, and of a domain, that are looked at: RFC 5321 §4.5.3.1 has 64 and 255 octets."""
_LONGEST_LOCAL = 64
_TOKEN = re.compile(
    r"""(?xs)
    "(?P<quoted>(?:[^"\\]|\\.)*+)"
    | (?P<literal>\[[^\[\]\\]*+\])
    | (?P<blank>\s++)
    | (?P<atom>(?:[^\s"()<>\[\]:;@\\,.]|\\.)++)
    | (?P<special>.)"""
)
"""Parts of a field with addresses; a comment begins at the special ``(``."""
_UNSEEN = re.compile(
    "[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
"""Controls that are no blanks, soft hyphens, marks of direction, signs without width: whoever puts one in hides nobody's address."""
_PAIR = re.compile(r"(?s)\\(.)")
_COMMENT = re.compile(r"(?s)\\.|[()]")
_RUN = re.compile(r"""[^\s<>,;:"'()\[\]\\@]+""")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+(?![0-9]+\Z){_LABEL}")
_UNQUOTED = re.compile(r"""[^\s"()<>\[\]:;@\\,.]+(?:\.[^\s"()<>\[\]:;@\\,.]+)*""")
_HARD = re.compile(r'["()\[\]\\]|\s[.@]|[.@]\s')
"""Quotes, comments, literals, escapes, and blanks around a dot or ``@``: what needs the grammar."""
_PLAIN = re.compile(
    r"(?<![^\s<>:;@,])((?:[^\s<>:;@,.]++\.)*+[^\s<>:;@,.]++)@([^\s<>:;@,.]++(?:\.[^\s<>:;@,.]++)*+\.?)"
)
"""Addresses of a field without any of that; each begins at the beginning of a word, so that a field costs linear time."""
_TAG = "+"
"""What parts a mailbox from a tag, as mail servers are usually set (RFC 5233 §1, Postfix ``recipient_delimiter``)."""


def find_addresses(text: str) -> set[str]:
    """Return the normal forms of the addresses of a field, as its grammar has them; never fails, and takes linear time."""
    if "@" not in text:
        return set()
    text = _UNSEEN.sub("", text)
    if _HARD.search(text) is None and len(plain := _PLAIN.findall(text)) == text.count("@"):
        return {
            f"{_normal_local(local)}@{normal_domain(domain)}"
            for local, domain in plain
            if max(len(local), len(domain)) <= _LONGEST
        }
    return {address for address, _, _ in _parse(text)}


def find_lookalikes(text: str) -> set[str]:
    """Return the normal forms of whatever looks like an address, also in names, comments and torn fields."""
    text = _UNSEEN.sub("", text)
    found, at = set[str](), text.find("@")
    while at >= 0:
        local = _RUN.match(text[max(at - _LONGEST, 0) : at][::-1])
        domain = _RUN.match(text, at + 1, at + 1 + _LONGEST)
        if local and domain:
            found.add(f"{_normal_local(local[0][::-1])}@{normal_domain(domain[0])}")
        at = text.find("@", at + 1)
    return found


def normal_address(text: str) -> str:
    """Return the normal form of one address, such as of an envelope; small letters of what is none, such as ``postmaster``."""
    found = find_addresses(text)
    return found.pop() if len(found) == 1 else text.strip().lower()


@lru_cache(maxsize=4096)
def normal_domain(domain: str) -> str:
    """Return a domain in small A-labels without a dot at its end; an address literal, and what is no domain, in small letters."""
    small = domain.strip().lower().rstrip(".")
    if small.isascii():
        return small
    return ".".join(map(_a_label, re.split("[.\u3002\uff0e\uff61]", small))).rstrip(".")


def read_address(text: str) -> str | None:
    """Return the normal form of an address that somebody entered; None for what is none, or more than that."""
    given = text.strip()
    found = [address for address, begin, end in _parse(given) if (begin, end) == (0, len(given))]
    if len(found) != 1:
        return None
    local, _, domain = found[0].rpartition("@")
    fits = local.isprintable() and len(local.encode()) <= _LONGEST_LOCAL and _DOMAIN.fullmatch(domain)
    return found[0] if fits else None


def read_domain(text: str) -> str | None:
    """Return the normal form of a domain that somebody entered; None for what is none."""
    domain = normal_domain(text)
    return domain if _DOMAIN.fullmatch(domain) else None


def mailbox_of(address: str) -> str:
    """Return an address in normal form without a tag behind its mailbox."""
    local, at, domain = address.rpartition("@")
    mailbox, _, _ = local.partition(_TAG)
    return f"{mailbox or local}{at}{domain}"


def domain_of(address: str) -> str:
    """Return the domain of an address in normal form."""
    return address.rpartition("@")[2]


def shown_address(address: str) -> str:
    """Return an address in normal form, or ``@domain``, as people write it: quoted where it must be, the domain in its own letters."""
    local, at, domain = address.rpartition("@")
    if local and not _UNQUOTED.fullmatch(local):
        local = '"' + re.sub(r'(["\\])', r"\\\1", local) + '"'
    return f"{local}{at}{'.'.join(map(_u_label, domain.split('.')))}"


def _parse(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the normal form of each address, and where it begins and ends."""
    tokens = list(_tokens(text))
    for at, (kind, _, _, _) in enumerate(tokens):
        if kind != "@":
            continue
        first = at
        while first > 0 and tokens[first - 1][0] == "word":
            first -= 1
            if first < 2 or (tokens[first - 1][0], tokens[first - 2][0]) != (".", "word"):
                break
            first -= 1
        last = _end_of_domain(tokens, at + 1)
        local = "".join(value for _, value, _, _ in tokens[first:at])
        domain = "".join(value for _, value, _, _ in tokens[at + 1 : last])
        if local and domain and max(len(local), len(domain)) <= _LONGEST:
            yield f"{_normal_local(local)}@{normal_domain(domain)}", tokens[first][2], tokens[last - 1][3]


def _end_of_domain(tokens: list[tuple[str, str, int, int]], begin: int) -> int:
    """Return behind which token a domain ends that begins at one: words parted by dots, perhaps with a last one, or a literal."""
    end = begin
    if end < len(tokens) and tokens[end][0] == "literal":
        return end + 1
    while end < len(tokens) and tokens[end][0] == "word":
        end += 1
        if end == len(tokens) or tokens[end][0] != ".":
            break
        end += 1
    return end


def _tokens(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Yield kind, value, begin and end of what is neither blank nor comment: ``word``, ``literal``, or the special sign itself."""
    closing = _closing(text)
    at = 0
    while at < len(text):
        if at in closing:
            at = closing[at] + 1
            continue
        found = _TOKEN.match(text, at)
        if found is None:
            return
        begin, at = at, found.end()
        value = found[0]
        match found.lastgroup:
            case "quoted":
                yield "word", _PAIR.sub(r"\1", found["quoted"]), begin, at
            case "atom":
                yield "word", _PAIR.sub(r"\1", value), begin, at
            case "literal":
                yield "literal", value, begin, at
            case "special":
                yield value, value, begin, at


def _closing(text: str) -> dict[int, int]:
    """Return of each comment that is closed where it begins and where it ends."""
    if "(" not in text:
        return {}
    opened: list[int] = []
    found: dict[int, int] = {}
    for sign in _COMMENT.finditer(text):
        if sign[0] == "(":
            opened.append(sign.start())
        elif sign[0] == ")" and opened:
            found[opened.pop()] = sign.start()
    return found


def _normal_local(local: str) -> str:
    return local.lower() if local.isascii() else unicodedata.normalize("NFC", local.casefold())


def _a_label(label: str) -> str:
    """Return a label as the DNS has it; one that IDNA 2008 does not know, such as of a picture sign, as its letters come."""
    if label.isascii():
        return label
    try:
        return idna.encode(label, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return "xn--" + unicodedata.normalize("NFKC", label.casefold()).encode("punycode").decode("ascii")


def _u_label(label: str) -> str:
    try:
        return idna.decode(label) if label.startswith("xn--") else label
    except (idna.IDNAError, UnicodeError):
        return label
