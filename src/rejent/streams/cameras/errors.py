"""Errors between a camera and its recorder, with their causes; no message contains an address, a user or a password."""

from rejent.recording.contract import Cause
from rejent.recording.errors import SourceError


class CameraCause(Cause):
    """Causes why a camera is not recorded."""

    UNREACHABLE = "unreachable"
    """No connection: wrong address, switched off, cable, network."""
    UNTRUSTED = "untrusted-certificate"
    """The camera's certificate is not the agreed one."""
    REFUSED_PASSWORD = "refused-password"  # noqa: S105 - the name of a cause
    """The camera refuses the user or the password."""
    WEAKER_LOGIN = "weaker-login"
    """The camera demands the password itself, though it accepted Digest before."""
    NOT_A_CAMERA = "not-a-camera"
    """The peer does not speak RTSP, or not for this address."""
    NO_VIDEO = "no-video"
    """The camera describes no video track."""
    UNSUPPORTED_CODEC = "unsupported-codec"
    """Its video has a form that cannot be recorded."""
    NO_KEY_FRAME = "no-key-frame"
    """Pictures arrive, but none that decoding can start with."""
    GARBAGE = "garbage"
    """The received data violates the protocol."""
    STALLED = "stalled"
    """Connected, but no pictures arrive."""
    CLOSED = "closed-by-camera"
    """The camera ended the connection."""
    PACKETS_LOST = "packets-lost"
    """Packets were lost; pictures that depend on them are not kept."""
    REDIRECTED = "redirected-in-a-circle"
    """The camera redirects without end."""
    CAMERA_CLOCK = "camera-clock-jumped"
    """Its picture times leapt from one picture to the next, or began anew; why is not known. A new run starts at the next key frame."""
    OFF_PACE = "pictures-off-pace"
    """Picture times went on evenly, and pictures arrived far faster or slower: something on the way, or here, was late or caught up."""


class ProtocolError(SourceError):
    """The camera's data violates RTSP, SDP, RTP or the syntax of its coded pictures."""

    code = "capture.video.protocol"

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(CameraCause.GARBAGE, template, advice="", **facts)


class NotACameraError(SourceError):
    """The peer is no RTSP server, or does not serve this address."""

    code = "capture.video.not-a-camera"

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(
            CameraCause.NOT_A_CAMERA, template, advice="Check the address of the camera.", **facts
        )


class PasswordRefusedError(SourceError):
    """The camera requires another user and password."""

    code = "capture.video.password"

    def __init__(
        self, template: str = "The camera refuses the user or the password.", /, **facts: object
    ) -> None:
        super().__init__(
            CameraCause.REFUSED_PASSWORD,
            template,
            advice="Enter the user and password set in the camera.",
            **facts,
        )


class WeakerLoginError(SourceError):
    """The peer demands the password in the clear, although the camera offered Digest before."""

    code = "capture.video.weaker-login"

    def __init__(self) -> None:
        super().__init__(
            CameraCause.WEAKER_LOGIN,
            "The camera asks for the password in the clear, though it offered Digest before.",
            advice="Check that it is your camera that answers, and switch Digest on in it.",
        )


class UnreachableError(SourceError):
    """No connection to the camera could be made."""

    code = "capture.video.unreachable"

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(
            CameraCause.UNREACHABLE, template, advice="Check that it is switched on and connected.", **facts
        )


class UntrustedError(SourceError):
    """The camera's certificate is not the agreed one; ``shown`` is the fingerprint of the one it shows, empty where that was not seen."""

    code = "capture.video.untrusted"

    def __init__(self, template: str, /, *, shown: str = "") -> None:
        super().__init__(
            CameraCause.UNTRUSTED,
            template,
            advice="Compare the fingerprint that it shows with the one in the camera's own pages, then enter it; or name its authority.",
            shown=shown,
        )
        self.shown = shown


class NoVideoError(SourceError):
    """The camera offers no video that can be recorded."""

    code = "capture.video.no-video"


class StalledError(SourceError):
    """The connection stands, but nothing arrives."""

    code = "capture.video.stalled"

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(CameraCause.STALLED, template, advice="", **facts)


class ClosedByCameraError(SourceError):
    """The camera ended the connection or the session."""

    code = "capture.video.closed"

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(CameraCause.CLOSED, template, advice="", **facts)


class AddressError(SourceError):
    """The address of a camera is malformed."""

    code = "capture.video.address"

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(
            CameraCause.NOT_A_CAMERA,
            template,
            advice="An address looks like rtsp://192.0.2.1:554/stream.",
            **facts,
        )
