"""Errors of imports from a PBX."""

from rejent.kernel.errors import InputRefusedError


class NoSoundError(InputRefusedError):
    """A file without decodable sound."""

    code = "calls.no-sound"


class NoRecordsError(InputRefusedError):
    """Not a table of call records; its content may name people and is not repeated."""

    code = "calls.no-records"


class FileChangedError(InputRefusedError):
    """A file was changed or cannot be read."""

    code = "calls.file-changed"


class FolderError(InputRefusedError):
    """The folder of a PBX is missing."""

    code = "calls.no-folder"
