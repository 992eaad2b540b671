"""Errors of the registers."""

from rejent.kernel.errors import ConflictError, InputRefusedError, IntegrityError, NotFoundError


class NotInTransactionError(IntegrityError):
    """An act was to be entered apart from the change that it describes."""

    code = "registers.transaction"


class LedgerMismatchError(IntegrityError):
    """A row is not as its newest entry in the ledger says, or no entry of the program's own tells of it."""

    code = "registers.mismatch"


class UnverifiedRowError(IntegrityError):
    """A row that nobody held against the ledger was to be entered anew; an edit behind the program's back would become an act."""

    code = "registers.unverified"


class NoSuchEntryError(NotFoundError):
    """The register of acts has no such entry."""

    code = "registers.entry"


class AlreadyErasedError(ConflictError):
    """The record of the entry is gone already."""

    code = "registers.erased"


class ReasonMissingError(InputRefusedError):
    """A person was to stand for something without saying why."""

    code = "registers.reason"


class OlderDatabaseError(ConflictError):
    """The database was older than its ledger, and nobody has accepted that yet."""

    code = "registers.older-database"


class RollbackRefusedError(ConflictError):
    """There is no rollback to accept, or the witness's file still stands in the way."""

    code = "registers.rollback"


class NotYetCheckpointedError(InputRefusedError):
    """The entry is younger than the last checkpoint."""

    code = "registers.checkpoint"


class TooManyRowsError(InputRefusedError):
    """An export has more rows than its form holds."""

    code = "registers.rows"


class YearClosedError(ConflictError):
    """The year of the register was closed before."""

    code = "registers.closed"


class YearOpenError(ConflictError):
    """The year of the register cannot be closed: it is not over, or a number is missing."""

    code = "registers.open"


class NoSuchClosingError(NotFoundError):
    """The year of the register was not closed."""

    code = "registers.closing"
