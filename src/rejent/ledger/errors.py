"""Errors of a ledger, its files and its proofs."""

from rejent.kernel.errors import InputRefusedError, IntegrityError


class RecordRefusedError(InputRefusedError):
    """A record has no canonical form."""

    code = "ledger.record"


class NoteRefusedError(InputRefusedError):
    """A signed note, key or checkpoint is not written as its format demands."""

    code = "ledger.note"


class SignatureInvalidError(IntegrityError):
    """A note carries no valid signature of the key it was checked with."""

    code = "ledger.signature"


class ProofInvalidError(IntegrityError):
    """A proof does not show what it claims."""

    code = "ledger.proof"


class LedgerForkedError(IntegrityError):
    """Two states of one ledger cannot both be true."""

    code = "ledger.forked"


class LedgerShortenedError(LedgerForkedError):
    """A ledger holds less than it once did."""

    code = "ledger.shortened"


class TileMissingError(IntegrityError):
    """A tile that the tree needs is not there or has the wrong length."""

    code = "ledger.tile"


class TimestampInvalidError(IntegrityError):
    """A time stamp does not vouch for the data."""

    code = "ledger.timestamp"


class TimestampUnavailableError(IntegrityError):
    """The time-stamping authority gave no stamp."""

    code = "ledger.timestamp.unavailable"
