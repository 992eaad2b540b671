"""Files that survive a power cut: written beside, synced, then renamed."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path


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


def sync_folders(folders: Iterable[Path]) -> None:
    """Make the names in these folders durable."""
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
