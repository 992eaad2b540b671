"""Behaviour of a simulated camera: correct by default, with the faults of real ones in what they send."""

from collections.abc import Callable
from dataclasses import dataclass, field

from rejent.streams.cameras.simulated.clip import Clip, CodedPicture, LiveScene

Packets = list[bytes]


def as_they_are(_picture: int, packets: Packets) -> Packets:
    """Return every packet once, in order."""
    return packets


@dataclass(slots=True)
class CameraBehaviour:
    """One camera's behaviour. Pictures are counted from 0 at each PLAY.

    ``packets`` changes the RTP packets of a picture before they are sent, ``stream`` its bytes with framing.
    ``timestamp_jumps`` are ticks added from a picture on; without ``keys`` key pictures and parameter sets are left out; ``sets`` are those of
    the description. The ``marker`` is on the `last` packet, on `none`, or on the last of each of `units`. ``early`` pictures are sent
    before the response to PLAY, ``bursts`` at once at the beginning; ``asks`` are sent to the recorder after the first picture.
    """

    packets: Callable[[int, Packets], Packets] = as_they_are
    stream: Callable[[int, bytes], bytes] = lambda _picture, content: content
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
    transports: frozenset[str] = frozenset({"tcp", "udp"})
    bursts: int = 0
    size: int = 1_400
    clock_rate: int = 90_000


@dataclass(slots=True)
class SimulatedCamera:
    """One camera of the farm, with what it received and sent over all connections."""

    clip: Clip
    behaviour: CameraBehaviour = field(default_factory=CameraBehaviour)
    live: Callable[[], LiveScene] | None = None
    requests: list[tuple[str, str]] = field(default_factory=list)
    set_up: list[str] = field(default_factory=list)
    sent: list[CodedPicture] = field(default_factory=list)
    keep_sent: bool = True
    key_requests: int = 0
    reports: int = 0
    connections: int = 0
