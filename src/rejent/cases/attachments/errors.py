"""Errors of attached files."""

from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError


class FileRefusedError(InputRefusedError, code="attachments.refused"):
    """A file is not taken as it is."""


class FileStateError(ConflictError, code="attachments.state"):
    """A piece does not follow the ones before, or the file is not waited for any more."""


class NoSuchFileError(NotFoundError, code="attachments.no-file"):
    """There is no such file, or it was erased."""


def no_such_file() -> NoSuchFileError:
    """Return the error of a file that is not there."""
    return NoSuchFileError("There is no such file, or it was erased.")
