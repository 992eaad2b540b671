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
    PACKETS_LOST = "packets-lost"
    """Packets were lost; pictures that depend on them are not kept."""
    REDIRECTED = "redirected-in-a-circle"
    """The camera redirects without end."""
    CAMERA_CLOCK = "camera-clock-jumped"
    """Its picture times leapt from one picture to the next, or began anew; why is not known. A new run starts at the next key frame."""
    OFF_PACE = "pictures-off-pace"
    """Picture times went on evenly, and pictures arrived far faster or slower: something on the way, or here, was late or caught up."""


_REMEDIES = {
    "capture.video.not-a-camera": "Check the address of the camera.",
    "capture.video.password": "Enter the user and password set in the camera.",
    "capture.video.weaker-login": "Check that it is your camera that answers, and switch Digest on in it.",
    "capture.video.unreachable": "Check that it is switched on and connected.",
    "capture.video.untrusted": "Compare the fingerprint that it shows with the one in the camera's own pages, then enter it; or name its authority.",
    "capture.video.address": "An address looks like rtsp://192.0.2.1:554/stream.",
}
"""What the reader can do, by the code of an error."""


class CameraError(SourceError):
    """A camera cannot be recorded; each kind of error has one cause."""

    of: CameraCause

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(self.of, template, advice=_REMEDIES.get(self.code, ""), **facts)


class ProtocolError(CameraError, code="capture.video.protocol"):
    """The camera's data violates RTSP, SDP, RTP or the syntax of its coded pictures."""

    of = CameraCause.GARBAGE


class NotACameraError(CameraError, code="capture.video.not-a-camera"):
    """The peer is no RTSP server, or does not serve this address."""

    of = CameraCause.NOT_A_CAMERA


class PasswordRefusedError(CameraError, code="capture.video.password"):
    """The camera requires another user and password."""

    of = CameraCause.REFUSED_PASSWORD

    def __init__(self, template: str = "The camera refuses the user or the password.") -> None:
        super().__init__(template)


class WeakerLoginError(CameraError, code="capture.video.weaker-login"):
    """The peer demands the password in the clear, although the camera offered Digest before."""

    of = CameraCause.WEAKER_LOGIN

    def __init__(self) -> None:
        super().__init__("The camera asks for the password in the clear, though it offered Digest before.")


class UnreachableError(CameraError, code="capture.video.unreachable"):
    """No connection to the camera could be made."""

    of = CameraCause.UNREACHABLE


class UntrustedError(CameraError, code="capture.video.untrusted"):
    """The camera's certificate is not the agreed one; ``shown`` is the fingerprint of the one it shows, empty where that was not seen."""

    of = CameraCause.UNTRUSTED

    def __init__(self, template: str, /, *, shown: str = "") -> None:
        super().__init__(template, shown=shown)
        self.shown = shown


class NoVideoError(SourceError, code="capture.video.no-video"):
    """The camera offers no video that can be recorded."""


class StalledError(CameraError, code="capture.video.stalled"):
    """The connection stands, but nothing arrives."""

    of = CameraCause.STALLED


class ClosedByCameraError(CameraError, code="capture.video.closed"):
    """The camera ended the connection or the session."""

    of = CameraCause.CLOSED


class AddressError(CameraError, code="capture.video.address"):
    """The address of a camera is malformed."""

    of = CameraCause.NOT_A_CAMERA
