"""Media that each party of a mirrored call sends, and its endpoints (RFC 3264, RFC 3605, RFC 4568, RFC 5761)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from rejent.formats.rtp.codecs import Codec
from rejent.streams.calls.network.rtp.srtp import Crypto
from rejent.streams.calls.receiving.mirror.conversation import Conversation, Side
from rejent.streams.calls.receiving.siprec.sdp import Direction, Media

ENCRYPTED = "SRTP"
"""Codec name of media without a known key: kept as received, silent when played."""
_MUTE = frozenset({Direction.RECVONLY, Direction.INACTIVE})
_DEAF = frozenset({Direction.SENDONLY, Direction.INACTIVE})


@dataclass(frozen=True, slots=True)
class OutgoingMedia:
    """Media that one party sends; endpoints are address and port in network format.

    ``comes_from`` is where the party receives, and mostly sends from (RFC 4961), ``vouched`` what the very host stated
    that it names. ``sealed``: encrypted, and the key is unknown.
    """

    to: frozenset[bytes] = frozenset()
    reports_to: frozenset[bytes] = frozenset()
    comes_from: frozenset[bytes] = frozenset()
    vouched: frozenset[bytes] = frozenset()
    codecs: Mapping[int, Codec] = field(default_factory=dict)
    key: Crypto | None = None
    sealed: bool = False
    paused: bool = False


def outgoing_media(conversation: Conversation, side: Side) -> OutgoingMedia:
    """Return the media that a side sends, from both descriptions."""
    own, other = conversation.media(side), conversation.media(side.other)
    if own is None or other is None:
        return OutgoingMedia()
    hears, heard_at = conversation.places(side.other), conversation.places(side)
    secured = own.secure or other.secure or bool(own.cryptos and other.cryptos)
    key = _key(own, other) if secured else None
    sealed = secured and key is None
    to, comes_from = _endpoints(hears), _endpoints(heard_at)
    reports_to = frozenset(end for each in hears if (end := _reports(each)) is not None)
    theirs, own_hosts = conversation.described_from(side.other), conversation.described_from(side)
    return OutgoingMedia(
        to=to,
        reports_to=reports_to,
        comes_from=comes_from,
        vouched=_at_hosts(to | reports_to, theirs) | _at_hosts(comes_from, own_hosts),
        codecs=_codecs(own, other, sealed=sealed),
        key=key,
        sealed=sealed,
        paused=_paused(own, other),
    )


def without_key(heard: OutgoingMedia) -> OutgoingMedia:
    """Return the media marked as encrypted with an unknown key."""
    return replace(heard, key=None, sealed=True, codecs=_encrypted(heard.codecs))


def _endpoints(described: list[Media]) -> frozenset[bytes]:
    return frozenset(end for each in described if (end := endpoint(each.host, each.port)) is not None)


def _at_hosts(ends: frozenset[bytes], hosts: frozenset[bytes]) -> frozenset[bytes]:
    return frozenset(end for end in ends if end[:-2] in hosts)


def _reports(media: Media) -> bytes | None:
    if media.mux:
        return None
    return endpoint(media.host, media.rtcp_port or media.port + 1) if media.port else None


def endpoint(host: str, port: int) -> bytes | None:
    """Return address and port in network format; None for a name or unspecified address."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if address.is_unspecified or not 0 < port < 65536:
        return None
    return address.packed + port.to_bytes(2, "big")


def _codecs(own: Media, other: Media, *, sealed: bool) -> dict[int, Codec]:
    codecs = {each.payload_type: each.codec for described in (own, other) for each in described.formats}
    return _encrypted(codecs) if sealed else codecs


def _encrypted(codecs: Mapping[int, Codec]) -> dict[int, Codec]:
    return {
        number: replace(codec, name=ENCRYPTED) if codec.is_speech else codec
        for number, codec in codecs.items()
    }


def _key(own: Media, other: Media) -> Crypto | None:
    """Return the key a party sends with: the one with the tag the other chose (RFC 4568 §5.1.2)."""
    taken = {each.tag for each in other.cryptos}
    usable = [each for each in own.cryptos if each.is_supported]
    return next((each for each in usable if each.tag in taken), usable[0] if usable else None)


def _paused(own: Media, other: Media) -> bool:
    held = not other.port or not own.port or other.host in {"0.0.0.0", "::"}  # noqa: S104 - how a hold was written (RFC 2543)
    return held or own.direction in _MUTE or other.direction in _DEAF
