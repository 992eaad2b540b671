"""Errors while calls are received."""

from rejent.kernel.errors import RejentError


class NoPortError(RejentError):
    """All ports are in use or quarantined."""

    code = "capture.calls.no-port"

    def __init__(self, first: int, last: int) -> None:
        super().__init__(
            "No pair of ports from {first} to {last} is free for a call.",
            advice="Give the recorder a wider range of ports.",
            first=first,
            last=last,
        )


class KeyMaterialError(RejentError):
    """The signalled SRTP keys cannot be used."""

    code = "capture.calls.srtp-keys"

    def __init__(self, suite: str) -> None:
        super().__init__(
            "The keys offered for encrypted speech cannot be used ({suite}).",
            advice="Set the device to AES_CM_128_HMAC_SHA1_80, or to send speech in the clear within the office's own network.",
            suite=suite,
        )
