"""Camera passwords at rest, sealed under one secret file of the installation, apart from the catalogue and its backups.

Whoever reads the folder of secrets can open them, as the recorder must without anybody present.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from rejent.vault.age.header import derive_key
from rejent.vault.errors import CredentialError
from rejent.vault.store.posix import FILE_MODE, PosixCalls, storage_errors, sync_folder, write_fully

FILE = "credentials"
_VERSION = b"\x01"
_NONCE = 12
_LENGTH = 32


class Credentials:
    """Seals and opens short secrets under a file in the folder of secrets, made when first needed."""

    def __init__(self, folder: Path) -> None:
        self._cipher = ChaCha20Poly1305(derive_key(_secret(folder), b"", b"rejent credentials 1"))

    def seal(self, secret: str, owner: str) -> bytes:
        """Seal a secret, bound to the id of what it belongs to; two seals of one secret differ."""
        nonce = secrets.token_bytes(_NONCE)
        return _VERSION + nonce + self._cipher.encrypt(nonce, secret.encode(), owner.encode())

    def open(self, sealed: bytes, owner: str) -> str:
        """Return the secret. Raises CredentialError: sealed under another secret file, for another owner, or damaged."""
        try:
            if sealed[:1] == _VERSION and len(sealed) > _NONCE:
                body = sealed[1 + _NONCE :]
                return self._cipher.decrypt(sealed[1 : 1 + _NONCE], body, owner.encode()).decode()
        except InvalidTag:
            pass
        raise CredentialError(
            "A stored password cannot be opened with this installation's secret.",
            advice="Enter the password again, or restore the folder of secrets together with the catalogue.",
        )


def _secret(folder: Path) -> bytes:
    path = folder / FILE
    with storage_errors(FILE), suppress(FileExistsError):
        if not path.exists():
            _make(path)
    with storage_errors(FILE):
        secret = path.read_bytes()
    if len(secret) != _LENGTH:
        raise CredentialError(
            "The installation's secret file is damaged.",
            advice="Restore the folder of secrets from a backup.",
        )
    return secret


def _make(path: Path) -> None:
    """Make the secret under another name first, so that two programs starting at once agree on one."""
    calls = PosixCalls()
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    number = calls.create(part)
    try:
        os.fchmod(number, FILE_MODE)
        write_fully(calls, number, secrets.token_bytes(_LENGTH))
        calls.fsync(number)
        calls.link(part, path)
    finally:
        calls.close(number)
        calls.unlink(part)
    sync_folder(calls, path.parent)
