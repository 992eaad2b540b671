"""Destruction of a camera's month: 43 200 segments of 30 civil dates, with proof.

The keys must be destroyed within 0.1 s of the round's start and everything gone within 5 s. Database, key store and
vault are real ones on the disk, every transaction and folder durable. Objects are 4 KiB, because the number is what
matters; freeing a gigabyte's blocks is up to the file system and comes on top. Beside it stands the removal of as
many plain files in as many folders, without keys, rows or proof.
"""

import argparse
import os
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.figures import row
from rejent.kernel.clock import ManualClock, local_midnight

DAYS = 30
START = datetime(2026, 5, 1, 6, 0, tzinfo=UTC)
CONTENT = b"sealed picture " * 273


class NoBox:
    """Password box of a camera without a password."""

    def seal(self, source_id: str, user: str, password: str) -> bytes:
        """Return nothing."""
        return (source_id + user + password).encode()[:0]


class TimedKeys:
    """A key store that notes when it has destroyed its keys."""

    def __init__(self, keys: Any) -> None:
        self._keys = keys
        self.dead_at = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keys, name)

    def destroy(self, key_ids: list[str]) -> Any:
        """Destroy like the key store."""
        done = self._keys.destroy(key_ids)
        self.dead_at = self.dead_at or time.perf_counter()
        return done


def founded(folder: Path) -> None:
    """Make an installation, ready for Django."""
    from rejent.office.installation import write_installation

    write_installation(
        folder, name="bench", test=True, created=datetime(2026, 1, 1, tzinfo=UTC), database="", storage=""
    )
    os.environ |= {"REJENT_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "rejent.ops.settings"}
    os.environ.pop("REJENT_DATABASE_URL", None)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def recorded_month(keeping: Any, source: str, minutes: int) -> list[str]:
    """Book a month of segments, so many minutes a day, and put an object under the name of each."""
    from rejent.catalog import services

    first = START.date()
    names: list[str] = []
    for number in range(DAYS):
        day = first + timedelta(days=number)
        recipient = keeping.keys.make_keys(source, [day])[day].text
        services.store_day_keys(source, {day: recipient}, clock=keeping.clock)
        begun = local_midnight(day)
        booked = []
        for minute in range(minutes):
            made = uuid4()
            name = f"{source}/{day.isoformat()}/{minute:06d}-{made.hex}.age"
            start = begun + timedelta(minutes=minute)
            booked.append(
                services.FinishedSegment(
                    id=made,
                    source_id=source,
                    day=day,
                    start=start,
                    end=start + timedelta(minutes=1),
                    run="run",
                    object_name=name,
                    bytes=len(CONTENT),
                    sha256=made.hex * 2,
                    recipient=recipient,
                    units=1500,
                    index=bytes(380),
                    traits={"codec": "avc1.640028", "width": 1920, "height": 1080},
                )
            )
            names.append(name)
        services.book_segments(booked, keeping.clock)
    laid_out(keeping.store.root, names)
    return names


def laid_out(root: Path, names: list[str]) -> None:
    """Create a file for each name."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CONTENT)
    os.sync()


def require_all_gone(vault: Path) -> None:
    """Check that no file is left, and that every destruction has its proof."""
    from rejent.retention import queries

    assert [name for _, _, files in os.walk(vault) for name in files] == []
    assert all(each.stage == "done" for each in queries.destructions())


def removed_plainly(folder: Path, names: list[str]) -> float:
    """Return the seconds to remove as many files, each folder made durable once."""
    laid_out(folder, names)
    begun = time.perf_counter()
    for parent in sorted({(folder / name).parent for name in names}):
        for entry in list(os.scandir(parent)):
            Path(entry.path).unlink()
        number = os.open(parent, os.O_RDONLY)
        os.fsync(number)
        os.close(number)
    return time.perf_counter() - begun


def main() -> None:
    """Record a month, destroy it, print the time; return 1 if anything is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=1440, help="recorded each day")
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as made:
        folder = Path(made)
        founded(folder / "office")
        from rejent.catalog import services
        from rejent.office import services as office
        from rejent.office.regulation.loading import example
        from rejent.retention.rounds.round import Keeping
        from rejent.retention.services import keep_once
        from rejent.vault.keys.key_store import KeyStore
        from rejent.vault.keys.root_key import FileRoot
        from rejent.vault.store.disk import DiskStore

        clock = ManualClock(START)
        office.activate_regulation(example("pleszew"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
        keys = TimedKeys(KeyStore.create(folder / "office" / "keystore", FileRoot(), clock))
        keeping = Keeping(clock, DiskStore(folder / "office" / "vault"), keys)  # type: ignore[arg-type]  # times what it hands on
        source = services.add_source(
            stream="video", name="Hall", address="rtsp://192.0.2.7/", building="Town hall", place="Hall",
            kind="entrance", clock=clock, actor="", credentials_box=NoBox(),
        )  # fmt: skip
        names = recorded_month(keeping, source, minutes)
        clock.advance(timedelta(days=DAYS))
        keep_once(keeping)
        clock.advance(timedelta(days=DAYS + 1))
        keys.dead_at = 0.0
        begun, spent = time.perf_counter(), time.process_time()
        done = keep_once(keeping)
        took, spent = time.perf_counter() - begun, time.process_time() - spent
        dead = keys.dead_at - begun
        assert done.failed == []
        require_all_gone(folder / "office" / "vault")
        plain = removed_plainly(folder / "plain", names)
        row("segments destroyed", f"{done.destroyed_segments:,}", f"{done.destroyed_days} keys")
        row("keys dead after", f"{dead:.3f} s", "must 0.1 s")
        row("everything gone and proven after", f"{took:.2f} s", f"must 5 s, goal 1 s; {spent:.2f} s of CPU")
        row("as many plain files removed, nothing else", f"{plain:.2f} s")


if __name__ == "__main__":
    main()
