"""Errors of putting a package together."""

from rejent.kernel.errors import InputRefusedError, IntegrityError


class PackageRefusedError(InputRefusedError):
    """What is to go into a package cannot stand in one."""

    code = "evidence.refused"


class RecordingDiffersError(IntegrityError):
    """The bytes of a recording are not those that its act names."""

    code = "evidence.differs"


class StateMovedError(IntegrityError):
    """The ledger was signed anew again and again while its proofs were made."""

    code = "evidence.moved"
