"""Errors between a camera and its recorder; no message contains an address, a user or a password."""

from rejent.recording.contract import Cause
from rejent.recording.errors import SourceError


class ProtocolError(SourceError):
    """The camera's data violates RTSP, SDP, RTP or the syntax of its coded pictures."""

    code = "capture.video.protocol"

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(Cause.GARBAGE, template, advice="", **facts)


class NotACameraError(SourceError):
    """The peer is no RTSP server, or does not serve this address."""

    code = "capture.video.not-a-camera"

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(Cause.NOT_A_CAMERA, template, advice="Check the address of the camera.", **facts)


class PasswordRefusedError(SourceError):
    """The camera requires another user and password."""

    code = "capture.video.password"

    def __init__(
        self, template: str = "The camera refuses the user or the password.", /, **facts: object
    ) -> None:
        super().__init__(
            Cause.REFUSED_PASSWORD, template, advice="Enter the user and password set in the camera.", **facts
        )


class WeakerLoginError(SourceError):
    """The peer demands the password in the clear, although the camera offered Digest before."""

    code = "capture.video.weaker-login"

    def __init__(self) -> None:
        super().__init__(
            Cause.WEAKER_LOGIN,
            "The camera asks for the password in the clear, though it offered Digest before.",
            advice="Check that it is your camera that answers, and switch Digest on in it.",
        )


class UnreachableError(SourceError):
    """No connection to the camera could be made."""

    code = "capture.video.unreachable"

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(
            Cause.UNREACHABLE, template, advice="Check that it is switched on and connected.", **facts
        )


class UntrustedError(SourceError):
    """The camera's certificate is not the agreed one."""

    code = "capture.video.untrusted"

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(
            Cause.UNTRUSTED, template, advice="Let this machine trust the authority that issued it.", **facts
        )


class NoVideoError(SourceError):
    """The camera offers no video that can be recorded."""

    code = "capture.video.no-video"


class StalledError(SourceError):
    """The connection stands, but nothing arrives."""

    code = "capture.video.stalled"

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(Cause.STALLED, template, advice="", **facts)


class ClosedByCameraError(SourceError):
    """The camera ended the connection or the session."""

    code = "capture.video.closed"

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(Cause.CLOSED, template, advice="", **facts)


class AddressError(SourceError):
    """The address of a camera is malformed."""

    code = "capture.video.address"

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(
            Cause.NOT_A_CAMERA, template, advice="An address looks like rtsp://192.0.2.1:554/stream.", **facts
        )
