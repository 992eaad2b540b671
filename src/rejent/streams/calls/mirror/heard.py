"""What each party of a mirrored call sends, and where, out of what both described (RFC 3264, RFC 3605, RFC 4568, RFC 5761)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from rejent.formats.rtp.codecs import Codec
from rejent.streams.calls.mirror.conversation import Conversation, Side
from rejent.streams.calls.siprec.sdp import Crypto, Direction, Media

ENCRYPTED = "SRTP"
"""The coding of speech whose key nobody showed us: kept as it came, and silence to whoever listens."""
_MUTE = frozenset({Direction.RECVONLY, Direction.INACTIVE})
_DEAF = frozenset({Direction.SENDONLY, Direction.INACTIVE})


@dataclass(frozen=True, slots=True)
class Voice:
    """What one party sends.

    Attributes:
        to: endpoints at which the other party hears it: address and port as they are on the wire.
        reports_to: likewise, those of control packets.
        comes_from: where the party hears, and mostly sends from, too (RFC 4961).
        vouched: those of all these that were told from the very host they name.
        codecs: what payload types mean.
        key: opens it, where it is encrypted and the key was shown.
        sealed: it is encrypted, and the key was not.
        paused: it was said that nothing is sent.
    """

    to: frozenset[bytes] = frozenset()
    reports_to: frozenset[bytes] = frozenset()
    comes_from: frozenset[bytes] = frozenset()
    vouched: frozenset[bytes] = frozenset()
    codecs: Mapping[int, Codec] = field(default_factory=dict)
    key: Crypto | None = None
    sealed: bool = False
    paused: bool = False


def voice(conversation: Conversation, side: Side) -> Voice:
    """What a side of a call sends, as far as both have described."""
    own, other = conversation.media(side), conversation.media(side.other)
    if own is None or other is None:
        return Voice()
    hears, heard_at = conversation.places(side.other), conversation.places(side)
    secured = own.secure or other.secure or bool(own.cryptos and other.cryptos)
    key = _key(own, other) if secured else None
    sealed = secured and key is None
    to, comes_from = _endpoints(hears), _endpoints(heard_at)
    reports_to = frozenset(end for each in hears if (end := _reports(each)) is not None)
    theirs, own_hosts = conversation.described_from(side.other), conversation.described_from(side)
    return Voice(
        to=to,
        reports_to=reports_to,
        comes_from=comes_from,
        vouched=_told_by(to | reports_to, theirs) | _told_by(comes_from, own_hosts),
        codecs=_codecs(own, other, sealed=sealed),
        key=key,
        sealed=sealed,
        paused=_paused(own, other),
    )


def kept_sealed(heard: Voice) -> Voice:
    """The same voice, where the key that was shown is not the one it is sealed with: kept as it comes."""
    codecs = {
        number: replace(codec, name=ENCRYPTED) if codec.is_speech else codec
        for number, codec in heard.codecs.items()
    }
    return replace(heard, key=None, sealed=True, codecs=codecs)


def _endpoints(described: list[Media]) -> frozenset[bytes]:
    return frozenset(end for each in described if (end := endpoint(each.host, each.port)) is not None)


def _told_by(ends: frozenset[bytes], hosts: frozenset[bytes]) -> frozenset[bytes]:
    return frozenset(end for end in ends if end[:-2] in hosts)


def _reports(media: Media) -> bytes | None:
    if media.mux:
        return None
    return endpoint(media.host, media.rtcp_port or media.port + 1) if media.port else None


def endpoint(host: str, port: int) -> bytes | None:
    """Address and port as they are on the wire; nothing where the host is a name, or nobody's."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if address.is_unspecified or not 0 < port < 65536:
        return None
    return address.packed + port.to_bytes(2, "big")


def _codecs(own: Media, other: Media, *, sealed: bool) -> dict[int, Codec]:
    """What a party sends is written as the other wants it; its own words count where the other says nothing."""
    formats = {each.payload_type: each for described in (own, other) for each in described.formats}
    return {
        number: Codec(ENCRYPTED if sealed and Codec(each.name).is_speech else each.name, each.clock_rate, each.channels, each.parameters)
        for number, each in formats.items()
    }  # fmt: skip


def _key(own: Media, other: Media) -> Crypto | None:
    """The key a party sends with: of several that it offered, the one whose tag the other took (RFC 4568 §5.1.2)."""
    taken = {each.tag for each in other.cryptos}
    usable = [each for each in own.cryptos if each.is_supported]
    return next((each for each in usable if each.tag in taken), usable[0] if usable else None)


def _paused(own: Media, other: Media) -> bool:
    held = not other.port or not own.port or other.host in {"0.0.0.0", "::"}  # noqa: S104 - how a hold was written (RFC 2543)
    return held or own.direction in _MUTE or other.direction in _DEAF
