"""Errors of a ledger, its files and its proofs."""

from rejent.kernel.errors import InputRefusedError, IntegrityError


class RecordRefusedError(InputRefusedError, code="ledger.record"):
    """A record has no canonical form."""


class NoteRefusedError(InputRefusedError, code="ledger.note"):
    """A signed note, key or checkpoint is not written as its format demands."""


class SignatureInvalidError(IntegrityError, code="ledger.signature"):
    """A note carries no valid signature of the key it was checked with."""


class ProofInvalidError(IntegrityError, code="ledger.proof"):
    """A proof does not show what it claims."""


class LedgerForkedError(IntegrityError, code="ledger.forked"):
    """Two states of one ledger cannot both be true."""


class LedgerShortenedError(LedgerForkedError, code="ledger.shortened"):
    """A ledger holds less than it once did."""


class TileMissingError(IntegrityError, code="ledger.tile"):
    """A tile that the tree needs is not there or has the wrong length."""


class TimestampInvalidError(IntegrityError, code="ledger.timestamp"):
    """A time stamp does not vouch for the data."""


class TimestampUnavailableError(IntegrityError, code="ledger.timestamp.unavailable"):
    """The time-stamping authority gave no stamp."""
