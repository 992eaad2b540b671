"""The section ``[seal]`` of ``rejent.toml``: what the office seals its papers with, and whose signatures it trusts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rejent.kernel.errors import ConflictError
from rejent.office.sign_in.configured import MisstatedError

SEAL = "seal"
LARGEST_FILE = 1 << 20
_KEYS = frozenset({"file", "passphrase_file", "authority", "roots"})
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Seal:
    """The office's electronic seal; paths that are not absolute lie in the installation's folder.

    Attributes:
        file: key, certificate and its chain (PKCS #12, RFC 7292); empty where the office seals nothing.
        roots: PEM file of the roots that certificates of signatures are traced to; empty where trust is not checked.
    """

    file: str = ""
    passphrase_file: str = ""
    authority: str = ""
    roots: str = ""

    def read_key(self, directory: Path) -> tuple[bytes, bytes]:
        """Return the PKCS #12 file and its passphrase. Raises ConflictError: one cannot be read, or others may read it."""
        passphrase = _read(directory / self.passphrase_file, private=True)
        return _read(directory / self.file, private=True), passphrase.rstrip(b"\r\n")

    def read_roots(self, directory: Path) -> bytes:
        """Return the roots in PEM, nothing where there are none. Raises ConflictError: they cannot be read."""
        return _read(directory / self.roots, private=False) if self.roots else b""


def read_seal(values: Mapping[str, Any]) -> Seal:
    """Return the section ``[seal]``. Raises `MisstatedError` if a key is unknown, wrong, or without the one it needs."""
    if unknown := values.keys() - _KEYS:
        raise MisstatedError(min(unknown), f"one of {', '.join(sorted(_KEYS))}")
    for key, value in values.items():
        if not isinstance(value, str) or not value.strip():
            raise MisstatedError(key, "a text")
    seal = Seal(**values)
    if bool(seal.file) != bool(seal.passphrase_file):
        raise MisstatedError("passphrase_file", "there where file is, and not otherwise")
    if seal.authority and not (seal.file and seal.authority.startswith(("http://", "https://"))):
        raise MisstatedError("authority", "an http or https address, where file is")
    if not seal.file and not seal.roots:
        raise MisstatedError("file", "there, or roots")
    return seal


def _read(file: Path, *, private: bool) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE)
        others = file.stat().st_mode & _OTHERS
    except OSError:
        content, others = b"", 0
    if not content:
        raise _unusable("A file that rejent.toml names for the seal is empty or cannot be read.")
    if private and others:
        raise _unusable("A secret file of the seal may be read by others than the program.")
    return content


def _unusable(sentence: str) -> ConflictError:
    return ConflictError(sentence, advice="Tell whoever runs the system: section [seal] of rejent.toml.")
