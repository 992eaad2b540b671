"""Users and passwords of sources at rest, sealed under one secret file of the installation, apart from the catalogue and its backups.

Whoever reads the folder of secrets can open them, as the recorder must without anybody present.
"""

import json
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from rejent.vault.age.header import derive_key
from rejent.vault.errors import CredentialError
from rejent.vault.store.posix import PosixCalls, storage_errors, sync_folder, write_new

FILE = "credentials"
_VERSION = b"\x01"
_NONCE = 12
_LENGTH = 32


class SourceLogins:
    """Seals and opens users and passwords of sources under a file in the folder of secrets, made when first needed."""

    def __init__(self, folder: Path) -> None:
        self._cipher = ChaCha20Poly1305(derive_key(_secret(folder), b"", b"rejent credentials 1"))

    def seal(self, source_id: str, user: str, password: str) -> bytes:
        """Seal a user and password, bound to the source; two seals of one login differ."""
        nonce, login = secrets.token_bytes(_NONCE), json.dumps([user, password]).encode()
        return _VERSION + nonce + self._cipher.encrypt(nonce, login, source_id.encode())

    def open(self, source_id: str, sealed: bytes) -> tuple[str, str]:
        """Return user and password. Raises CredentialError: of another source or installation, or damaged."""
        try:
            if sealed[:1] == _VERSION and len(sealed) > _NONCE:
                body = sealed[1 + _NONCE :]
                user, password = json.loads(
                    self._cipher.decrypt(sealed[1 : 1 + _NONCE], body, source_id.encode())
                )
                return str(user), str(password)
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
    try:
        write_new(calls, part, secrets.token_bytes(_LENGTH))
        calls.link(part, path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(calls, path.parent)
