"""Errors of mirror ports."""

from rejent.recording.errors import SourceError
from rejent.streams.calls.catalog.lines.causes import LineCause


class MirrorError(SourceError):
    """A network interface cannot be captured."""

    code = "capture.calls.mirror"

    def __init__(self, interface: str, why: str) -> None:
        super().__init__(
            LineCause.CANNOT_WATCH,
            "The mirror port at {interface} cannot be looked at ({why}).",
            advice="See that the interface is there, an Ethernet, and that no other program forbids it.",
            interface=interface,
            why=why,
        )


class MirrorForbiddenError(SourceError):
    """This process lacks the right to capture."""

    code = "capture.calls.mirror-forbidden"

    def __init__(self, interface: str) -> None:
        super().__init__(
            LineCause.CANNOT_WATCH,
            "The program may not look at the mirror port at {interface}.",
            advice="Give the service AmbientCapabilities=CAP_NET_RAW; the recorder of the mirror port alone keeps it.",
            interface=interface,
        )


class NoInterfaceError(SourceError):
    """There is no such network interface, or it is down."""

    code = "capture.calls.mirror-missing"

    def __init__(self, interface: str) -> None:
        super().__init__(
            LineCause.CANNOT_WATCH,
            "There is no network interface {interface} that is up.",
            advice="See `ip link`; plug in the cable of the mirror port and bring the interface up.",
            interface=interface,
        )
