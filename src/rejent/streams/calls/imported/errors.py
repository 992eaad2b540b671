"""What is not taken over from a PBX."""

from rejent.kernel.errors import InputRefusedError


class NoSoundError(InputRefusedError):
    """A file of a PBX in which nothing can be heard."""

    code = "calls.no-sound"


class NoRecordsError(InputRefusedError):
    """What should hold call records does not; nothing of it is repeated, for it names people."""

    code = "calls.no-records"


class FileChangedError(InputRefusedError):
    """A file of a PBX is no longer the one that was seen, or cannot be read now."""

    code = "calls.file-changed"


class FolderError(InputRefusedError):
    """The folder of a PBX is not there."""

    code = "calls.no-folder"
