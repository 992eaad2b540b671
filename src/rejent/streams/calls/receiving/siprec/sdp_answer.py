"""SDP answers, and our own offer for a caller that sends none (RFC 3264, RFC 7866 §7.2, §8.3.1)."""

import base64
from dataclasses import dataclass, replace

from rejent.streams.calls.receiving.siprec.sdp import Crypto, Direction, Format, Media


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
    """Return the answer: each offered line in its order (RFC 3264 §6), with our own origin.

    ``session`` is the decimal session id of our origin; ``version`` grows with each answer that differs.
    """
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
"""Formats of our own offer."""


OWN_LINE = Media(
    "audio",
    0,
    "RTP/AVP",
    tuple(str(one.payload_type) for one in OFFERED),
    direction=Direction.SENDONLY,
    formats=OFFERED,
)
"""The media line of our own offer, as the caller would describe it, without a port."""


def offer_line(ports: Ports) -> Media:
    """Return the media line of our own offer with its port."""
    return replace(OWN_LINE, port=ports.rtp)


def _family(host: str) -> str:
    return "IP6" if ":" in host else "IP4"


def write_crypto(crypto: Crypto) -> str:
    """Return an a=crypto line, without lifetime and MKI."""
    return f"a=crypto:{crypto.tag} {crypto.suite} inline:{base64.b64encode(crypto.key).decode()}"
