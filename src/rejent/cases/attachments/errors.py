"""Errors of attached files."""

from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError


class FileRefusedError(InputRefusedError):
    """A file is not taken as it is."""

    code = "attachments.refused"


class FileStateError(ConflictError):
    """A piece does not follow the ones before, or the file is not waited for any more."""

    code = "attachments.state"


class NoSuchFileError(NotFoundError):
    """There is no such file, or it was erased."""

    code = "attachments.no-file"


def no_such_file() -> NoSuchFileError:
    """Return the error of a file that is not there."""
    return NoSuchFileError("There is no such file, or it was erased.")
