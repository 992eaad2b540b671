"""Errors of e-mail."""

from rejent.kernel.errors import InputRefusedError, NotFoundError, RejentError


class RoleKeyRefusedError(InputRefusedError):
    """A key of a role cannot be made, ended or opened."""

    code = "mail.role-key-refused"


class TrialFailedError(RejentError):
    """A test message was not sealed; its sentence says where it stopped."""

    code = "mail.trial-failed"


class ImportRefusedError(InputRefusedError):
    """A mailbox cannot be imported, or no further; what was kept of it stays, and a repetition goes on behind it."""

    code = "mail.import-refused"


class OpeningRefusedError(InputRefusedError):
    """A leave to open messages cannot be entered as it is stated.

    Attributes:
        part: the field of its form.
    """

    code = "mail.opening-refused"

    def __init__(self, template: str, /, *, part: str = "", advice: str = "", **facts: object) -> None:
        super().__init__(template, advice=advice, **facts)
        self.part = part


class NoOpeningError(NotFoundError):
    """No leave in force lets these messages be opened."""

    code = "mail.no-opening"
