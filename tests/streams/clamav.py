"""Debian's clamd with a signature of our own; nothing is downloaded."""

import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import until


@contextmanager
def daemon(folder: Path, pattern: bytes) -> Iterator[str]:
    """Run the daemon with one signature, of these bytes; the address of its socket."""
    signatures = folder / "signatures"
    signatures.mkdir(parents=True)
    (signatures / "wlasne.ndb").write_text(f"Wlasny.Wzorzec:0:*:{pattern.hex()}\n")
    address, settings = folder / "clamd.sock", folder / "clamd.conf"
    settings.write_text(
        f"DatabaseDirectory {signatures}\nLocalSocket {address}\nForeground yes\nTemporaryDirectory {folder}\nAlertExceedsMax yes\nMaxRecursion 6\n"
        "MaxThreads 2\nStreamMaxLength 4M\nConcurrentDatabaseReload no\n"
    )  # fmt: skip
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            ["/usr/sbin/clamd", "--config-file", str(settings)], stdout=log, stderr=log
        )
        try:
            until(lambda: _is_socket(address) or running.poll() is not None)
            assert running.poll() is None, (folder / "log").read_text()
            yield str(address)
        finally:
            running.terminate()
            running.wait()


def _is_socket(path: Path) -> bool:
    return path.exists() and stat.S_ISSOCK(path.stat().st_mode)
