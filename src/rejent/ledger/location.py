"""Location of an installation's ledger: its folder, signing key and witness."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

from rejent.ledger.durable_files import create_secret, replace_durably
from rejent.ledger.errors import LedgerForkedError
from rejent.ledger.log import Log
from rejent.ledger.signed.note import SignerKey, VerifierKey
from rejent.ledger.signed.witness import Witness

PUBLIC_KEY = "public-key"
LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class LedgerLocation:
    """The ledger of one installation: its folder, its signing key apart from that, the witness's file and an RFC 3161 service, if any."""

    folder: Path
    key: Path
    origin: str
    witness: Path | None = None
    authority: str = ""

    @property
    def log(self) -> Log:
        """The tiles and the checkpoint."""
        return Log(self.folder)

    def signer(self) -> SignerKey:
        """Return the signing key, made on first use.

        Raises `LedgerForkedError`: the ledger has another key, or its own is lost; `NoteRefusedError`: its file is damaged.
        """
        stated = self.verifier()
        if stated is None and not self.key.exists():
            self._make_key()
        if not self.key.exists():
            raise LedgerForkedError(
                "The signing key of the ledger is missing.",
                advice="Put it back from its backup; a new key would be a new ledger.",
            )
        signer = SignerKey.parse(self.key.read_text(encoding="utf-8"))
        if stated is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            replace_durably(self.folder / PUBLIC_KEY, f"{signer.verifier}\n".encode())
        elif stated != signer.verifier:
            raise LedgerForkedError(
                "The signing key is not that of the ledger in this folder.",
                advice="The folder belongs to another ledger; put the right one back.",
            )
        return signer

    def verifier(self) -> VerifierKey | None:
        """Return the public key in the folder, or None before the first checkpoint."""
        try:
            return VerifierKey.parse((self.folder / PUBLIC_KEY).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def open_witness(self) -> Witness | None:
        """Return the witness, where there is one and the ledger has a key."""
        key = self.verifier()
        return Witness(self.witness, key) if self.witness and key else None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes of this machine from writing the folder meanwhile."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            flock(handle, LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _make_key(self) -> None:
        made = SignerKey.generate(self.origin)
        self.key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        create_secret(self.key, made.secret_text())
