"""Behaviour of a simulated camera: correct by default, with all faults of real ones on demand."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True, frozen=True)
class Account:
    """Login of a simulated camera.

    Attributes:
        scheme: `Basic` or `Digest`.
        algorithm: of the digest; None leaves it out, as old cameras do.
        qop_auth: offer `qop="auth"`.
        nonce_uses: uses of a nonce before it is stale.
    """

    user: str
    password: str
    scheme: str = "Digest"
    algorithm: str | None = "MD5"
    qop_auth: bool = True
    nonce_uses: int = 1_000_000


Packets = list[bytes]


def as_they_are(_picture: int, packets: Packets) -> Packets:
    """Return every packet once, in order."""
    return packets


@dataclass(slots=True)
class CameraBehaviour:
    """One camera's behaviour. Pictures are counted from 0 at each PLAY.

    Attributes:
        account: login required, if given.
        packets: changes the RTP packets of a picture before they are sent: loses, shuffles, cuts, repeats.
        stream: changes the bytes of a picture on the RTSP connection, framing included.
        answer: changes the bytes of a response; gets the method and the response.
        timestamp_jumps: picture → ticks added from then on.
        new_ssrc_at: pictures from which on another SSRC is used.
        silent: half-open ranges of pictures that are not sent, though the connection stays open.
        close_at: the connection ends before this picture.
        clock_offset: seconds by which the camera's wall clock is wrong.
        reports: send RTCP sender reports.
        keys: without them, key pictures and parameter sets are left out.
        sets: parameter sets in the description: all, or none of them.
        aggregate: send small units together.
        marker: `last`, `none`, or `units`: on the last packet of each unit.
        channels: interleaved channels used, whatever was requested.
        session: the Session field.
        early: pictures sent before the response to PLAY.
        asks: requests the camera sends to the recorder after the first picture.
        sound: describe an audio track beside the video; it must never be set up.
        redirect: target of a redirect in answer to DESCRIBE.
        refuse: method → status it is answered with.
        transports: transports SETUP accepts.
        bursts: pictures sent at once at the beginning.
        size: bytes of payload of a packet.
        clock_rate: RTP ticks a second.
        greeting: sent instead of any response.
    """

    account: Account | None = None
    packets: Callable[[int, Packets], Packets] = as_they_are
    stream: Callable[[int, bytes], bytes] = lambda _picture, content: content
    answer: Callable[[str, bytes], bytes] = lambda _method, answer: answer
    timestamp_jumps: dict[int, int] = field(default_factory=dict)
    new_ssrc_at: frozenset[int] = frozenset()
    silent: tuple[tuple[int, int], ...] = ()
    close_at: int | None = None
    clock_offset: float = 0.0
    reports: bool = True
    keys: bool = True
    sets: bool = True
    aggregate: bool = False
    marker: str = "last"
    channels: tuple[int, int] | None = None
    session: str = "83af0c;timeout=60"
    early: int = 0
    asks: tuple[bytes, ...] = ()
    sound: bool = False
    redirect: str | None = None
    refuse: dict[str, int] = field(default_factory=dict)
    transports: frozenset[str] = frozenset({"tcp", "udp"})
    bursts: int = 0
    size: int = 1_400
    clock_rate: int = 90_000
    greeting: bytes | None = None
