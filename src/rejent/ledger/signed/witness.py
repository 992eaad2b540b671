"""A witness: keeps the last checkpoint elsewhere and accepts only one that extends it.

It is a single file, on another machine or a stick, that holds the checkpoint as it was signed. Whoever shortens, edits
or forks the ledger cannot give a consistency proof from what the witness kept.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rejent.ledger.durable_files import replace_durably
from rejent.ledger.errors import (
    LedgerForkedError,
    LedgerShortenedError,
    ProofInvalidError,
    SignatureInvalidError,
)
from rejent.ledger.merkle import verify_consistency
from rejent.ledger.signed import note
from rejent.ledger.signed.checkpoint import Checkpoint, cosign, open_checkpoint
from rejent.ledger.signed.note import SignerKey, VerifierKey


class Witness:
    """A witness's file, for the ledger with this public key; made by the first `accept`."""

    def __init__(self, file: Path, key: VerifierKey) -> None:
        self.file = file
        self.key = key

    def last_checkpoint(self) -> Checkpoint | None:
        """Return the last accepted checkpoint, or None before the first.

        Raises `LedgerForkedError`: it was signed by another ledger's key; `NoteRefusedError`.
        """
        try:
            text = self.file.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return open_checkpoint(text, self.key)
        except SignatureInvalidError as error:
            raise LedgerForkedError(
                "The witness knows this ledger under another key.",
                advice="Another ledger has taken its place, or the witness's file belongs to another one.",
            ) from error

    def compare(self, state: Checkpoint, proof: Sequence[bytes]) -> None:
        """Verify by a consistency proof that a state extends the kept one. Raises `LedgerShortenedError`, `LedgerForkedError`."""
        kept = self.last_checkpoint()
        if kept is None or kept.size == 0:
            return
        if state.size < kept.size:
            raise LedgerShortenedError(
                "The ledger has {size} entries, but the witness saw {seen}.", size=state.size, seen=kept.size
            )
        try:
            verify_consistency(kept.size, state.size, kept.root, state.root, proof)
        except ProofInvalidError as error:
            raise LedgerForkedError(
                "The ledger of {size} entries did not grow out of the {seen} that the witness saw.",
                size=state.size,
                seen=kept.size,
            ) from error

    def accept(
        self,
        checkpoint: str,
        proof: Sequence[bytes],
        *,
        cosigner: SignerKey | None = None,
        at: datetime | None = None,
    ) -> str:
        """Keep a checkpoint if a consistency proof shows that it extends the last one; return it, cosigned where a cosigner is given.

        Raises `LedgerShortenedError`, `LedgerForkedError`; `SignatureInvalidError`: it is not signed by the ledger.
        """
        state = open_checkpoint(checkpoint, self.key)
        self.compare(state, proof)
        if cosigner is not None and at is not None:
            checkpoint = str(cosign(note.parse(checkpoint), cosigner, at))
        replace_durably(self.file, checkpoint.encode())
        return checkpoint
