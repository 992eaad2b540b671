"""Errors of e-mail."""

from rejent.kernel.errors import InputRefusedError


class RoleKeyRefusedError(InputRefusedError):
    """A key of a role cannot be made, ended or opened."""

    code = "mail.role-key-refused"
