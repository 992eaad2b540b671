"""Errors of the registers."""

from rejent.kernel.errors import ConflictError, InputRefusedError, IntegrityError, NotFoundError


class NotInTransactionError(IntegrityError, code="registers.transaction"):
    """An act was to be entered apart from the change that it describes."""


class LedgerMismatchError(IntegrityError, code="registers.mismatch"):
    """A row is not as its newest entry in the ledger says, or the program itself entered nothing of it."""


class UnverifiedRowError(IntegrityError, code="registers.unverified"):
    """A row that nobody held against the ledger was to be entered anew; an edit behind the program's back would become an act."""


class PlacesUnreadableError(ConflictError, code="registers.places"):
    """The file of the newest entries is there and cannot be read."""


class NoSuchEntryError(NotFoundError, code="registers.entry"):
    """The register of acts has no such entry."""


class AlreadyErasedError(ConflictError, code="registers.erased"):
    """The record of the entry is gone already."""


class ReasonMissingError(InputRefusedError, code="registers.reason"):
    """A person was to stand for something without saying why."""


class OlderDatabaseError(ConflictError, code="registers.older-database"):
    """The database was older than its ledger, and nobody has accepted that yet."""


class RollbackRefusedError(ConflictError, code="registers.rollback"):
    """There is no rollback to accept, or the witness's file still stands in the way."""


class NotYetCheckpointedError(InputRefusedError, code="registers.checkpoint"):
    """The entry is younger than the last checkpoint."""


class TooManyRowsError(InputRefusedError, code="registers.rows"):
    """An export has more rows than its form holds."""


class YearClosedError(ConflictError, code="registers.closed"):
    """The year of the register was closed before."""


class YearOpenError(ConflictError, code="registers.open"):
    """The year of the register cannot be closed: it is not over, or a number is missing."""


class NoSuchClosingError(NotFoundError, code="registers.closing"):
    """The year of the register was not closed."""
