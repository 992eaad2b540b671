"""Structured header field values: addresses, Via and parameters (RFC 3261 §20, §25)."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from rejent.streams.calls.network.sip.message import Headers, SipError, unquoted

MAX_PARAMETERS = 64
MAX_DISPLAY = 1_024
_LONGEST_VIA = 512
"""Characters of a Via before its parameters: a host name of 255 (RFC 1035 §2.3.4), sent-protocol and blanks."""
_VIA = re.compile(r"SIP\s*/\s*2\.0\s*/\s*(\w{2,8})\s+(\S.{0,254})$", re.IGNORECASE)
_URI = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]{0,31}):(.{0,2048})$", re.DOTALL)


@dataclass(slots=True, frozen=True)
class Uri:
    """A SIP, SIPS or tel URI; a tel URI has only ``user``, whose escapes are left as they are."""

    scheme: str
    user: str = ""
    host: str = ""
    port: int | None = None
    parameters: dict[str, str | None] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class NameAddress:
    """A From, To or Contact."""

    display: str
    uri: str
    parameters: dict[str, str | None]

    @property
    def tag(self) -> str:
        """The tag; empty where absent."""
        return self.parameters.get("tag") or ""

    @property
    def address(self) -> Uri:
        """The parsed URI."""
        return read_uri(self.uri)

    def has(self, name: str) -> bool:
        """Return True if a parameter is present, outside the angle brackets or (as some devices write it) inside."""
        return name in self.parameters or name in self.address.parameters

    def parameter(self, name: str) -> str:
        """Return a parameter's value, outside the angle brackets or inside; empty where absent."""
        return self.parameters.get(name) or self.address.parameters.get(name) or ""


@dataclass(slots=True, frozen=True)
class Via:
    """One Via value (RFC 3261 §20.42)."""

    transport: str
    host: str
    port: int | None
    parameters: dict[str, str | None]

    @property
    def branch(self) -> str:
        """The branch parameter; empty where absent."""
        return self.parameters.get("branch") or ""


@lru_cache(maxsize=256)
def read_address(written: str) -> NameAddress:
    """Parse a From, To or Contact; unparsable text ends up in the URI."""
    text = written.strip()
    begin = unquoted(text, "<")
    if begin < 0:
        uri, _, rest = text.partition(";")
        return NameAddress("", uri.strip(), read_parameters(rest))
    end = text.find(">", begin)
    end = len(text) if end < 0 else end
    display = re.sub(r"\\(.)", r"\1", text[:begin].strip().strip('"')[:MAX_DISPLAY])
    return NameAddress(display, text[begin + 1 : end].strip(), read_parameters(text[end + 1 :].lstrip(" ;")))


def read_parameters(text: str) -> dict[str, str | None]:
    """Parse parameters (names in lower case, unquoted, first of a name wins); SipError beyond `MAX_PARAMETERS`."""
    found: dict[str, str | None] = {}
    rest, count = text, 0
    while rest:
        place = unquoted(rest, ";")
        one, rest = (rest, "") if place < 0 else (rest[:place], rest[place + 1 :])
        name, equals, value = one.partition("=")
        if name.strip():
            found.setdefault(name.strip().lower(), value.strip().strip('"') if equals else None)
        count += 1
        if count > MAX_PARAMETERS:
            raise SipError(
                "A header field has more than {bound} parameters.", where="header", bound=MAX_PARAMETERS
            )
    return found


def read_uri(written: str) -> Uri:
    """Parse a URI; invalid text gives an empty scheme."""
    found = _URI.match(written.strip())
    if found is None:
        return Uri("")
    scheme, rest = found[1].lower(), found[2].partition("?")[0]
    before, at, after = rest.partition("@")
    if scheme == "tel" or not at:
        main, _, parameters = rest.partition(";")
        if scheme == "tel":
            return Uri(scheme, main, parameters=read_parameters(parameters))
        host, port = read_host_port(main)
        return Uri(scheme, "", host, port, read_parameters(parameters))
    main, _, parameters = after.partition(";")
    host, port = read_host_port(main)
    user = before.partition(";")[0].partition(":")[0]
    return Uri(scheme, user, host, port, read_parameters(parameters))


def read_host_port(text: str) -> tuple[str, int | None]:
    """Parse host and port; brackets of an IPv6 address are removed."""
    found = re.match(
        r"\s*(?:\[([0-9A-Fa-f:.%]{2,64})\]|([^:\s]{0,255}))\s*(?::\s*(\d{1,5}))?", text, re.ASCII
    )
    if found is None:
        return "", None
    port = int(found[3]) if found[3] else None
    return found[1] or found[2] or "", port if port is None or 0 < port < 65536 else None


@lru_cache(maxsize=256)
def read_via(written: str) -> Via:
    """Parse a Via; SipError where no response could be sent."""
    sent, _, parameters = written.partition(";")
    sent = sent.strip()
    found = _VIA.match(sent) if len(sent) <= _LONGEST_VIA else None
    host, port = read_host_port(found[2]) if found else ("", None)
    if found is None or not host:
        raise SipError("The way back cannot be understood.", where="Via")
    return Via(found[1].upper(), host, port, read_parameters(parameters))


def top_via(headers: Headers) -> Via:
    """Return the topmost Via; SipError where there is none, or it cannot be parsed."""
    values = headers.values("Via")
    return read_via(values[0] if values else "")


def tokens(headers: Headers, name: str) -> list[str]:
    """Return the tokens of a field such as Require or Supported, in lower case."""
    return [one.partition(";")[0].strip().lower() for one in headers.values(name)]
