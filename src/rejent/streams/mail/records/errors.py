"""Errors of e-mail."""

from rejent.kernel.errors import InputRefusedError, NotFoundError, RejentError


class RoleKeyRefusedError(InputRefusedError, code="mail.role-key-refused"):
    """A key of a role cannot be made, ended or opened."""


class TrialFailedError(RejentError, code="mail.trial-failed"):
    """A test message was not sealed; its sentence says where it stopped."""


class ImportRefusedError(InputRefusedError, code="mail.import-refused"):
    """A mailbox cannot be imported, or no further; what was kept of it stays, and a repetition goes on behind it."""


class OpeningRefusedError(InputRefusedError, code="mail.opening-refused"):
    """A leave to open messages cannot be entered as it is stated."""


class NoOpeningError(NotFoundError, code="mail.no-opening"):
    """No leave in force lets these messages be opened."""
