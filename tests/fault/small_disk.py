"""An installation on a disk that fills up: ``python -m tests.fault.small_disk FOLDER ADDRESS vault|office|recordings``.

To be run inside a mount namespace. The last word says whether the vault alone or the whole office lies on the small disk,
which something else fills to the last block; with ``recordings`` the whole office does, and the recordings fill it.

Says what it saw as one line of JSON; the test that starts it judges.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rejent.vault.age.payload import CHUNK
from rejent.vault.store.free_space import reserve_bytes
from rejent.vault.store.posix import PosixCalls
from tests import waiting
from tests.installation import CommandServer, new_office, running

PERSON = ("--name", "Osoba Próbna", "--username", "proba", "--role", "viewer", "--password-stdin")
YEARS = ("--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z")


def until(ask: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    """Ask until the answer is what is wanted; the last answer."""
    (told,) = waiting.until(lambda: (told,) if wanted(told := ask()) else ())
    return told


def fill(path: Path) -> None:
    """Take all the room there is."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    os.write(number, b"\xff" * size)
            except OSError:
                continue
    finally:
        os.close(number)


def leave_room(path: Path) -> None:
    """Take all but the reserve and a little to be recorded by the object that is being written."""
    free, total = PosixCalls().free_space(path.parent)
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        os.posix_fallocate(number, 0, free - reserve_bytes(total) - (128 << 10))
    finally:
        os.close(number)


def growing(vault: Path) -> bool:
    """Whether an object is being written of which a whole chunk is on the disk."""
    return any(part.stat().st_size > CHUNK for part in vault.rglob("*.part"))


def mount(folder: Path, size: str) -> None:
    """Put a small disk in the place of a folder, with what the folder holds."""
    with tempfile.TemporaryDirectory() as beside:
        shutil.copytree(folder, beside, dirs_exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "none", folder], check=True)
        shutil.copytree(beside, folder, dirs_exist_ok=True)


def state_of_the_camera(command: CommandServer) -> dict[str, Any]:
    """How the one camera fares, as the command tells."""
    (source,) = command("status", "--json").json["sources"]
    return {name: source[name] for name in ("state", "cause", "recorded_s")}


def main(folder: Path, address: str, what: str) -> None:
    """Record, fill the disk, give room again, stop; the story in JSON."""
    office = new_office(folder / "office")
    office.add_camera("Hol", address)
    small = office.directory / "vault" if what == "vault" else office.directory
    mount(small, "256m" if what == "recordings" else "24m")
    ballast = small / "ballast"
    story: dict[str, Any] = {}
    command = CommandServer(office)
    state = partial(state_of_the_camera, command)

    def objects() -> set[str]:
        return {row["path"] for row in command("objects", "--source", "Hol", *YEARS, "--json").json}

    with (
        running(office, "--role", "keeper") as keeper,
        running(office, "--role", "recorder") as recorder,
    ):
        story["at_first"] = until(state, lambda told: told["state"] == "recording")
        until(lambda: growing(office.directory / "vault"), bool)
        (leave_room if what == "recordings" else fill)(ballast)
        story["full"] = until(state, lambda told: told["state"] == "stopped")
        if what == "recordings":
            free, total = PosixCalls().free_space(small)
            story["of_reserve"] = free / reserve_bytes(total)
            story["entered"] = command("person add", *PERSON, stdin="a long and quiet river\n").status
        kept = objects()
        story["kept"] = len(kept)
        ballast.unlink()
        story["again"] = until(state, lambda told: told["state"] == "recording")
        until(lambda: growing(office.directory / "vault"), bool)
        story["statuses"] = [recorder.stop(), keeper.stop()]
    story["kept_on"] = kept <= objects()
    story["segments"] = len(objects())
    story["gaps"] = command("gaps", "--source", "Hol", "--json").json
    story["round"] = command("keep", "--once", "--json").json
    story["fsck"] = command("fsck", "--json").json
    sys.stdout.write(json.dumps(story) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
