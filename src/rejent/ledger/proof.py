"""A portable proof (C2SP tlog-proof v1): entry, path and checkpoint in one text file.

It verifies offline against the ledger's public key. The ``extra`` line carries the commitment, the readable record with
its salt unless erased, and for convenience the public key; only a key known from elsewhere, or a witness's checkpoint,
makes it more than the ledger's own claim.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rejent.kernel.numbers import read_number
from rejent.ledger.canonical import canonical_json
from rejent.ledger.commitment import commitment_of
from rejent.ledger.errors import NoteRefusedError, ProofInvalidError
from rejent.ledger.merkle import leaf_hash, verify_inclusion
from rejent.ledger.signed import note
from rejent.ledger.signed.checkpoint import Checkpoint, open_checkpoint, verify_cosignature
from rejent.ledger.signed.note import VerifierKey

FIRST_LINE = "c2sp.org/tlog-proof@v1"
LONGEST_PATH = 63


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof file as read, unverified: the entry is the commitment to its record, the path begins at the leaf's sibling.

    ``record`` and ``salt`` are None where the record is erased or withheld; ``key`` is the public key as the ledger states it.
    """

    index: int
    leaf: bytes
    record: str | None
    salt: bytes | None
    path: tuple[bytes, ...]
    checkpoint: str
    key: str

    def text(self) -> str:
        """Return the proof file."""
        extra: dict[str, object] = {"key": self.key, "leaf": note.encode_base64(self.leaf)}
        if self.record is not None and self.salt is not None:
            extra |= {"record": self.record, "salt": note.encode_base64(self.salt)}
        lines = [
            FIRST_LINE,
            f"extra {note.encode_base64(canonical_json(extra).encode())}",
            f"index {self.index}",
        ]
        return "\n".join([*lines, *map(note.encode_base64, self.path), "", self.checkpoint])


def parse_proof(text: str) -> Proof:
    """Read a proof file strictly. Raises `NoteRefusedError` if it is not written as one."""
    head, gap, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or len(lines) < 3 or lines[0] != FIRST_LINE:
        raise NoteRefusedError("This is no proof file of a ledger.")
    extra_word, _, extra = lines[1].partition(" ")
    index_word, _, index = lines[2].partition(" ")
    place = read_number(index, most=2**64 - 1)
    if (
        (extra_word, index_word) != ("extra", "index")
        or len(lines) - 3 > LONGEST_PATH
        or place is None
        or str(place) != index
    ):
        raise NoteRefusedError("The proof file is damaged.")
    stated = _stated(note.decode_base64(extra))
    salt = note.decode_base64(stated["salt"]) if "salt" in stated else None
    return Proof(
        index=place,
        leaf=note.decode_base64(stated["leaf"]),
        record=stated.get("record") if salt is not None else None,
        salt=salt,
        path=tuple(map(note.decode_base64, lines[3:])),
        checkpoint=checkpoint,
        key=stated["key"],
    )


def verify_proof(proof: Proof, key: VerifierKey) -> Checkpoint:
    """Verify the signature, the path, and that the record is the one committed to; return the state of the ledger.

    Raises `ProofInvalidError`: the entry is not shown to be in the ledger, or the record is another one; `SignatureInvalidError`;
    `NoteRefusedError`.
    """
    state = open_checkpoint(proof.checkpoint, key)
    verify_inclusion(leaf_hash(proof.leaf), proof.index, state.size, proof.path, state.root)
    if (
        proof.record is not None
        and proof.salt is not None
        and commitment_of(proof.salt, proof.record) != proof.leaf
    ):
        raise ProofInvalidError("The record in the proof is not the one that was entered.")
    return state


def verify_proof_files(checkpoint: Path, proof: Path, key: str = "", witnesses: Sequence[str] = ()) -> str:
    """Verify a proof against a checkpoint file, with these files alone, and return the result in one line.

    Without ``key`` the ledger's public key in the proof is used and named; ``witnesses`` are public keys that must have cosigned. Raises
    `ProofInvalidError`: the proof does not belong to that checkpoint or does not hold; `SignatureInvalidError`; `NoteRefusedError`.
    """
    carried = parse_proof(_read(proof))
    verifier = VerifierKey.parse(key or carried.key)
    published = _read(checkpoint)
    given = open_checkpoint(published, verifier)
    proven = verify_proof(carried, verifier)
    if proven != given:
        raise ProofInvalidError(
            "The proof is for the checkpoint of {proven} entries, not for the given one of {given}.",
            proven=proven.size,
            given=given.size,
            advice="Take the checkpoint that the proof was made for, or make the proof anew.",
        )
    trust = "" if key else f" The key is the one the proof states: {verifier}."
    seen = "".join(f" {_seen(published, VerifierKey.parse(witness))}" for witness in witnesses)
    shown = f" Record: {carried.record}" if carried.record is not None else ""
    return (
        f"Entry {carried.index} is in the ledger {given.origin} of {given.size} entries, "
        f"root {given.root.hex()}.{trust}{seen}{shown}"
    )


def _seen(checkpoint: str, witness: VerifierKey) -> str:
    at = verify_cosignature(note.parse(checkpoint), witness)
    return f"Cosigned by {witness.name} at {at.isoformat()}."


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise NoteRefusedError(
            "The file cannot be read as text: {file}.",
            advice="See that it is there and is the one that was handed out.",
            file=file.name,
        ) from None


def _stated(extra: bytes) -> dict[str, str]:
    try:
        stated = json.loads(extra)
    except ValueError:
        stated = None
    if not isinstance(stated, dict) or not {"key", "leaf"} <= set(stated):
        raise NoteRefusedError("The proof file does not say which entry it proves.")
    if not all(isinstance(value, str) for value in stated.values()) or ("record" in stated) != (
        "salt" in stated
    ):
        raise NoteRefusedError("The proof file is damaged.")
    return stated
