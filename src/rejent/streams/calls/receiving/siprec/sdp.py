"""Read and write session descriptions (RFC 8866, RFC 3264, RFC 7866 §7, RFC 4568)."""

import base64
import binascii
import re
from dataclasses import dataclass, field, replace
from enum import StrEnum

from rejent.formats.rtp.codecs import STATIC, Codec
from rejent.kernel.numbers import read_number
from rejent.streams.calls.network.rtp.srtp import SUITES, Crypto
from rejent.streams.calls.network.sip.message import SipError

MAX_LINES = 2_000
MAX_MEDIA = 16
"""Media lines answered with a port; further ones are rejected."""
MAX_DECLARED_MEDIA = 128
"""Media lines of a description; one with more is rejected as a whole."""
MAX_FORMATS = 64


class Direction(StrEnum):
    """Media direction, seen from the writer (RFC 8866 §6.7)."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"


_DIRECTIONS = frozenset(each.value for each in Direction)


@dataclass(slots=True, frozen=True)
class Format:
    """One media format; ``name`` in upper case, ``parameters`` as in its fmtp line."""

    payload_type: int
    name: str
    clock_rate: int
    channels: int = 1
    parameters: str = ""

    @property
    def codec(self) -> Codec:
        """Its codec."""
        return Codec(self.name, self.clock_rate, self.channels, self.parameters)


@dataclass(slots=True, frozen=True)
class Media:
    """One media line; the sender receives at ``host`` and ``port``, of which 0 rejects or removes.

    ``label`` is that of the metadata (RFC 4574), ``rtcp_port`` None for the next one (RFC 3605); ``mux``: RTP and RTCP
    share a port (RFC 5761). a=record and a=recordpref (RFC 7866 §7.1) are stored only.
    """

    kind: str
    port: int
    protocol: str
    raw_formats: tuple[str, ...]
    host: str = ""
    direction: Direction = Direction.SENDRECV
    label: str = ""
    formats: tuple[Format, ...] = ()
    cryptos: tuple[Crypto, ...] = ()
    rtcp_port: int | None = None
    mux: bool = False
    packet_time: str = ""
    record: str = ""
    record_preference: str = ""

    @property
    def secure(self) -> bool:
        """True for an SRTP profile."""
        return "SAVP" in self.protocol.upper()

    @property
    def crypto(self) -> Crypto | None:
        """The first supported key."""
        return next((one for one in self.cryptos if one.is_supported), None)


@dataclass(slots=True, frozen=True)
class Description:
    """A session description; ``origin`` are user, session and address of the o= line, ``version`` 0 where it is no number."""

    origin: str
    version: int
    media: tuple[Media, ...]


@dataclass(slots=True)
class _Open:
    words: list[str]
    host: str
    direction: str
    record: str
    preference: str
    label: str = ""
    packet_time: str = ""
    rtcp_port: int | None = None
    mux: bool = False
    maps: dict[int, Codec] = field(default_factory=dict)
    parameters: dict[int, str] = field(default_factory=dict)
    cryptos: list[Crypto] = field(default_factory=list)


def read_description(text: bytes) -> Description:
    """Parse a session description; SipError where it is none, or exceeds the limits."""
    lines = text.decode("utf-8", "replace").splitlines()
    if len(lines) > MAX_LINES:
        raise SipError("The session description has more than {bound} lines.", where="SDP", bound=MAX_LINES)
    session = _Open([], "", Direction.SENDRECV, "", "")
    origin, version, known = "", 0, False
    media: list[_Open] = []
    for line in lines:
        kind, equals, value = line.strip().partition("=")
        if not equals or len(kind) != 1:
            continue
        value = value.strip()
        known = known or kind in "vosm"
        place = media[-1] if media else session
        if kind == "o":
            origin, version = _origin(value)
        elif kind == "c":
            place.host = _host(value)
        elif kind == "m":
            if len(media) == MAX_DECLARED_MEDIA:
                raise SipError(
                    "The session description has more than {bound} media lines.",
                    where="SDP",
                    bound=MAX_DECLARED_MEDIA,
                )
            media.append(
                _Open(value.split(), session.host, session.direction, session.record, session.preference)
            )
        elif kind == "a":
            _attribute(place, value)
    if not known:
        raise SipError("What is sent as session description is none.", where="SDP", status=400)
    return Description(origin, version, tuple(_close(one) for one in media))


def _origin(value: str) -> tuple[str, int]:
    words = value.split()
    version = read_number(words[2], most=10**20 - 1) or 0 if len(words) > 2 else 0  # 64 bits, RFC 8866 § 5.2
    return " ".join(words[:2] + words[3:]), version


def _host(value: str) -> str:
    words = value.split()
    return words[2].partition("/")[0][:255] if len(words) > 2 else ""


def _attribute(place: _Open, value: str) -> None:
    name, _, rest = value.partition(":")
    name, rest = name.strip().lower(), rest.strip()
    if name in _DIRECTIONS:
        place.direction = name
    elif name == "label":
        place.label = rest[:255]
    elif name == "ptime":
        place.packet_time = rest[:16]
    elif name == "rtcp":
        place.rtcp_port = _port(rest.split()[0] if rest else "") or None
    elif name == "rtcp-mux":
        place.mux = True
    elif name == "record":
        place.record = rest[:32]
    elif name == "recordpref":
        place.preference = rest[:32]
    elif name == "crypto":
        crypto = read_crypto(rest)
        place.cryptos += [crypto] if crypto and len(place.cryptos) < MAX_FORMATS else []
    else:
        _format_attribute(place, name, rest)


def _format_attribute(place: _Open, name: str, rest: str) -> None:
    found = re.match(r"(\d{1,3})\s+(\S.{0,2047})$", rest, re.ASCII)
    if found is None or int(found[1]) > 127:
        return
    if name == "rtpmap":
        coding = re.match(r"([\w.\-+]{1,64})\s*/\s*(\d{1,9})(?:\s*/\s*(\d{1,2}))?", found[2], re.ASCII)
        if coding and int(coding[2]):
            place.maps[int(found[1])] = Codec(coding[1].upper(), int(coding[2]), int(coding[3] or "1") or 1)
    elif name == "fmtp":
        place.parameters[int(found[1])] = found[2].strip()


def read_crypto(value: str) -> Crypto | None:
    """Parse an a=crypto attribute (RFC 4568 §9.1); None where malformed or of a wrong key length."""
    found = re.match(r"(\d{1,9})\s+(\w{1,64})\s+inline:([A-Za-z0-9+/=]{1,200})(?:\|(\S{0,200}))?(?:[;\s](.{0,512}))?$", value, re.ASCII)  # fmt: skip
    if found is None:
        return None
    suite = found[2].upper()
    try:
        key = base64.b64decode(found[3] + "=" * (-len(found[3]) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    if suite in SUITES and len(key) != SUITES[suite][1]:
        return None
    return Crypto(int(found[1]), suite, key, " ".join(part for part in (found[4], found[5]) if part))


def _port(word: str) -> int:
    return read_number(word.partition("/")[0], most=65_535) or 0


def _close(one: _Open) -> Media:
    words = one.words + [""] * 3
    read = [read_number(word, most=127) for word in words[3 : 3 + MAX_FORMATS]]
    numbers = [number for number in read if number is not None]
    formats = []
    for number in dict.fromkeys(numbers):
        coding = one.maps.get(number) or STATIC.get(number)
        if coding is not None:
            parameters = one.parameters.get(number, "")
            formats.append(Format(number, coding.name, coding.clock_rate, coding.channels, parameters))
    return Media(
        kind=words[0].lower()[:32],
        port=_port(words[1]),
        protocol=words[2][:64],
        raw_formats=tuple(word for word in words[3 : 3 + MAX_FORMATS] if word),
        host=one.host,
        direction=Direction(one.direction),
        label=one.label,
        formats=tuple(formats),
        cryptos=tuple(one.cryptos),
        rtcp_port=one.rtcp_port,
        mux=one.mux,
        packet_time=one.packet_time,
        record=one.record,
        record_preference=one.preference,
    )


def is_recordable(media: Media) -> bool:
    """Return True for audio over RTP, in the clear or with a supported key."""
    protocol = media.protocol.upper()
    if media.kind != "audio" or "RTP/" not in protocol or "TLS" in protocol or not media.raw_formats:
        return False
    return media.crypto is not None if media.secure else True


@dataclass(slots=True, frozen=True)
class Ports:
    """Our address and two ports of one media line."""

    host: str
    rtp: int
    rtcp: int


@dataclass(slots=True, frozen=True)
class AnsweredMedia:
    """Our answer to one media line; no ports reject it, and it is ``inactive`` while nothing is sent."""

    offered: Media
    ports: Ports | None = None
    direction: Direction = Direction.INACTIVE
    crypto: Crypto | None = None


def write_answer(session: str, version: int, host: str, lines: list[AnsweredMedia]) -> bytes:
    """Return the answer: each offered line in its order (RFC 3264 §6); ``version`` grows with each that differs."""
    return write_session(session, version, host, write_media_lines(host, lines))


def write_media_lines(host: str, lines: list[AnsweredMedia]) -> str:
    """Return the media part of an answer; arguments as for `write_answer`."""
    return "".join(f"{written}\r\n" for line in lines for written in _answered(line, host))


def write_session(session: str, version: int, host: str, lines: str) -> bytes:
    """Return an answer around a media part; arguments as for `write_answer`."""
    head = "".join(f"{written}\r\n" for written in _session_lines(session, version, host))
    return (head + lines).encode()


def _session_lines(session: str, version: int, host: str) -> list[str]:
    return [
        "v=0",
        f"o=rejent {session} {version} IN {_family(host)} {host}",
        "s=-",
        f"c=IN {_family(host)} {host}",
        "t=0 0",
    ]


def _answered(line: AnsweredMedia, host: str) -> list[str]:
    offered, ports = line.offered, line.ports
    formats = offered.raw_formats or ("0",)
    if ports is None:
        return [f"m={offered.kind} 0 {offered.protocol} {' '.join(formats)}"]
    kept = [str(one.payload_type) for one in offered.formats] or list(formats)
    text = [f"m={offered.kind} {ports.rtp} {offered.protocol} {' '.join(kept)}"]
    if ports.host != host:
        text.append(f"c=IN {_family(ports.host)} {ports.host}")
    text += _format_lines(offered.formats)
    if offered.packet_time:
        text.append(f"a=ptime:{offered.packet_time}")
    if line.crypto is not None:
        text.append(write_crypto(line.crypto))
    if offered.mux:
        text.append("a=rtcp-mux")
    elif ports.rtcp != ports.rtp + 1:
        text.append(f"a=rtcp:{ports.rtcp}")
    text += [f"a=label:{offered.label}"] if offered.label else []
    return [*text, f"a={line.direction.value}"]


_SMALL = frozenset({"OPUS", "TELEPHONE-EVENT"})
"""Names registered in lower case; some devices compare case-sensitively."""


def _format_lines(formats: tuple[Format, ...]) -> list[str]:
    text: list[str] = []
    for one in formats:
        channels = f"/{one.channels}" if one.channels > 1 else ""
        name = one.name.lower() if one.name in _SMALL else one.name
        text.append(f"a=rtpmap:{one.payload_type} {name}/{one.clock_rate}{channels}")
        text += [f"a=fmtp:{one.payload_type} {one.parameters}"] if one.parameters else []
    return text


OFFERED = (
    Format(8, "PCMA", 8000),
    Format(0, "PCMU", 8000),
    Format(9, "G722", 8000),
    Format(18, "G729", 8000),
    Format(101, "TELEPHONE-EVENT", 8000, 1, "0-16"),
)


OWN_LINE = Media(
    "audio",
    0,
    "RTP/AVP",
    tuple(str(one.payload_type) for one in OFFERED),
    direction=Direction.SENDONLY,
    formats=OFFERED,
)


def offer_line(ports: Ports) -> Media:
    """Return the media line of our own offer with its port."""
    return replace(OWN_LINE, port=ports.rtp)


def _family(host: str) -> str:
    return "IP6" if ":" in host else "IP4"


def write_crypto(crypto: Crypto) -> str:
    """Return an a=crypto line, without lifetime and MKI."""
    return f"a=crypto:{crypto.tag} {crypto.suite} inline:{base64.b64encode(crypto.key).decode()}"
