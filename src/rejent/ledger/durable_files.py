"""Files that survive a power cut: written beside, synced, then renamed."""

import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_BESIDE = re.compile(r"\.[0-9a-f]{8}")
"""What ends the name of a file that is being written."""


def replace_durably(file: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file so that after any failure it holds either the old bytes or the new ones."""
    write_synced(file, data, mode)
    sync_folders([file.parent])


def write_synced(file: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file and sync its bytes; its name is durable only after `sync_folders`."""
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(file)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def create_secret(file: Path, text: str) -> None:
    """Write a new file of one line that only this user may read, durably."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(text + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    sync_folders([file.parent])


def sweep_unfinished(file: Path) -> None:
    """Remove what killed writers left beside a file, as far as it can be removed; nobody but the caller writes it now."""
    for left in file.parent.glob(f".{file.name}.*"):
        if _BESIDE.fullmatch(left.suffix):
            with suppress(OSError):
                left.unlink()


def sync_folders(folders: Iterable[Path]) -> None:
    """Make the names in these folders durable."""
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
