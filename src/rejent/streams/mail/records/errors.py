"""Errors of e-mail."""

from rejent.kernel.errors import InputRefusedError, RejentError


class RoleKeyRefusedError(InputRefusedError):
    """A key of a role cannot be made, ended or opened."""

    code = "mail.role-key-refused"


class TrialFailedError(RejentError):
    """A test message was not sealed; its sentence says where it stopped."""

    code = "mail.trial-failed"
