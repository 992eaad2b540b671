"""Errors of putting a package together."""

from rejent.kernel.errors import InputRefusedError, IntegrityError


class PackageRefusedError(InputRefusedError, code="evidence.refused"):
    """What is to go into a package cannot stand in one."""


class RecordingDiffersError(IntegrityError, code="evidence.differs"):
    """The bytes of a recording are not those that its act names."""


class StateMovedError(IntegrityError, code="evidence.moved"):
    """The ledger was signed anew again and again while its proofs were made."""
