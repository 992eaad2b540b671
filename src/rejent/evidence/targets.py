"""Where a package is written to: a folder, a ZIP file, or a ZIP file that is encrypted while it is written."""

import os
import secrets
import shutil
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Protocol

from rejent.evidence.errors import PackageRefusedError
from rejent.evidence.verifier.archive import ArchivedFile, descriptor, directory, local_head
from rejent.ledger.durable_files import sync_folders
from rejent.vault.age import Identity, SealedReader, SealWriter
from rejent.vault.age.recipients import Sealer
from rejent.vault.store.disk_files import DiskObject

_PIECE = 1 << 20


class Target(Protocol):
    """Takes the files of a package one after another; nothing stands under the package's name before ``finish``."""

    def begin(self, name: str) -> None:
        """Begin a file."""

    def write(self, block: bytes) -> None:
        """Append to it."""

    def end(self) -> None:
        """End it."""

    def finish(self) -> None:
        """Give the package its name, durably."""

    def discard(self) -> None:
        """Remove what was written."""


class FolderTarget:
    """A folder; until it is finished, it has a name that says so."""

    def __init__(self, path: Path) -> None:
        self._path, self._beside = path, _beside(path)
        self._beside.mkdir(mode=0o755)
        self._folders = {self._beside}
        self._file: BinaryIO | None = None

    def begin(self, name: str) -> None:
        """Begin a file. Raises OSError."""
        path = self._beside / name
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders |= {each for each in path.parents if self._beside in (each, *each.parents)}
        self._file = path.open("xb", buffering=0)

    def write(self, block: bytes) -> None:
        """Append to it. Raises OSError."""
        left = memoryview(block)
        while self._file is not None and left:
            left = left[self._file.write(left) :]

    def end(self) -> None:
        """End it, durably. Raises OSError."""
        if self._file is not None:
            os.fsync(self._file.fileno())
            self._file.close()

    def finish(self) -> None:
        """Give the folder its name. Raises OSError; PackageRefusedError: something stands there by now."""
        sync_folders(sorted(self._folders))
        if self._path.exists():
            raise _taken(self._path)
        self._beside.rename(self._path)
        sync_folders([self._path.parent])

    def discard(self) -> None:
        """Remove what was written, as far as it can be."""
        if self._file is not None:
            self._file.close()
        shutil.rmtree(self._beside, ignore_errors=True)


class _Archive:
    """A ZIP file being written; where there are recipients, encrypted to them (age v1), so that no plain byte reaches the disk."""

    def __init__(self, file: FileIO, recipients: Sequence[Sealer]) -> None:
        self._file = file
        self._sealing = SealWriter(self._file_write, recipients) if recipients else None
        self._put: Callable[[bytes], object] = self._sealing.write if self._sealing else self._file_write
        self._files: list[ArchivedFile] = []
        self._at = 0
        self._open = ArchivedFile("", 0, 0, 0)

    @property
    def _streamed(self) -> bool:
        return self._sealing is not None

    def begin(self, name: str) -> None:
        """Begin a file. Raises OSError."""
        self._open = ArchivedFile(name, 0, 0, self._at)
        self._append(local_head(name, 0, 0, streamed=self._streamed))

    def write(self, block: bytes) -> None:
        """Append to it. Raises OSError."""
        held = self._open
        crc = zlib.crc32(block, held.crc)
        self._open = ArchivedFile(held.name, held.size + len(block), crc, held.offset)
        self._append(block)

    def end(self) -> None:
        """End it: what is known only now stands behind it, or goes into its head. Raises OSError."""
        made = self._open
        self._files.append(made)
        if self._streamed:
            self._append(descriptor(made.size, made.crc))
        else:
            os.pwrite(self._file.fileno(), local_head(made.name, made.size, made.crc), made.offset)

    def _end_archive(self) -> None:
        self._append(directory(self._files, streamed=self._streamed))
        if self._sealing is not None:
            self._sealing.finish()

    def _append(self, block: bytes) -> None:
        self._put(block)
        self._at += len(block)

    def _file_write(self, block: bytes | bytearray | memoryview) -> None:
        left = memoryview(block)
        while left:
            left = left[self._file.write(left) :]


class ArchiveTarget(_Archive):
    """A ZIP file of a name, plain or encrypted."""

    def __init__(self, path: Path, recipients: Sequence[Sealer] = ()) -> None:
        self._path, self._beside = path, _beside(path)
        super().__init__(FileIO(self._beside, "xb"), recipients)

    def finish(self) -> None:
        """Write the list of files and give the file its name. Raises OSError; PackageRefusedError: it is taken by now."""
        self._end_archive()
        os.fsync(self._file.fileno())
        self._file.close()
        try:
            os.link(self._beside, self._path)
        except FileExistsError:
            raise _taken(self._path) from None
        self._beside.unlink()
        sync_folders([self._path.parent])

    def discard(self) -> None:
        """Remove what was written, as far as it can be."""
        self._file.close()
        with suppress(OSError):
            self._beside.unlink(missing_ok=True)


class PassingTarget(_Archive):
    """A ZIP file that is handed on and kept nowhere: in a file without a name, sealed under a key that this process alone has."""

    def __init__(self, folder: Path) -> None:
        self._identity = Identity.generate()
        number = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
        super().__init__(FileIO(number, "w+b"), [self._identity.recipient])

    @property
    def size(self) -> int:
        """Bytes of the ZIP file."""
        return self._at

    def finish(self) -> None:
        """Write the list of files. Raises OSError."""
        self._end_archive()

    def discard(self) -> None:
        """Forget what was written."""
        self._file.close()

    def pieces(self) -> Iterator[bytes]:
        """Yield the finished file; it is gone afterwards."""
        with self._file as file:
            reader = SealedReader(DiskObject(os.dup(file.fileno()), "package"), [self._identity])
            for offset in range(0, self._at, _PIECE):
                yield reader.read(offset, min(_PIECE, self._at - offset))


def _beside(path: Path) -> Path:
    if path.exists() or path.is_symlink():
        raise _taken(path)
    return path.with_name(f"{path.name}.unfinished-{secrets.token_hex(4)}")


def _taken(path: Path) -> PackageRefusedError:
    return PackageRefusedError("{name} is there already.", name=path.name, advice="Choose another place.")
