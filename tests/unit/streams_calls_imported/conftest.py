"""A line whose calls a PBX records itself: its folder, its records, and the program that looks."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from rejent.catalog import queries, services
from rejent.content.errors import UndecodableError
from rejent.kernel.clock import ManualClock, civil_date
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import FolderLine, StatedLine, read_line
from rejent.streams.calls.player import sound as call_sound
from rejent.streams.calls.player.errors import UndecodableSoundError
from rejent.streams.calls.receiving.imported.folder_import import FolderImport, Rules
from rejent.streams.calls.receiving.imported.record_intake import RecordIntake, RecordLine
from rejent.vault.age import Identity
from rejent.vault.store.disk import DiskStore
from tests.prepared import prepared
from tests.unit.streams_calls_imported.test_records import CALLER, OURS

START = datetime(2026, 11, 21, 13, tzinfo=UTC)
"""Two in the afternoon in Warsaw."""
WAITS_S = 5.0


def measure(content: bytes) -> bytes:
    """As the confined child does it."""
    try:
        return call_sound.measured_file(content)
    except UndecodableError:
        raise UndecodableSoundError("no sound", advice="") from None


@dataclass
class Pbx:
    """A folder, a file of records, and the line that takes both in."""

    line: str
    folder: Path
    records: Path
    store: DiskStore
    identity: Identity
    clock: ManualClock
    intake: RecordIntake
    folders: FolderImport
    rules: Rules

    def drop(self, name: str, content: bytes, ago: float = 0) -> Path:
        """A file that was written last so many seconds ago."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written = (self.clock.now() - timedelta(seconds=ago)).timestamp()
        os.utime(path, (written, written))
        return path

    def record(
        self, name: str, *, told: str = "", caller: str = CALLER, called: str = OURS, seconds: float = 2
    ) -> None:
        """A row of the table."""
        shown = told or f"{self.clock.now() - timedelta(seconds=2):%Y-%m-%d %H:%M:%S}Z"
        count = len(self.records.read_text().splitlines())
        with self.records.open("a") as file:
            file.write(f"{count},{shown},{caller},{called},{seconds},{name}\n")

    def look(self, after: float = 0) -> int:
        """Look after so many seconds."""
        self.clock.advance(timedelta(seconds=after))
        self.intake.look(self.rules)
        rules = replace(self.rules, left_out=self.intake.left_out, refused_calls=self.intake.refused_calls)
        return self.folders.look(rules)

    def settle(self) -> int:
        """Two looks, as long apart as a file must stay as it is."""
        return self.look() + self.look(WAITS_S)

    def anew(self) -> None:
        """What a process that was started again knows."""
        address, place = self.folders.address, self.intake.place
        self.intake = RecordIntake(place, self.intake.lines, self.clock, set())
        self.folders = FolderImport(self.line, address, self.store, measure, self.clock)


@pytest.fixture
def make(db: None, tmp_path: Path) -> Callable[..., Pbx]:  # noqa: ARG001 - asked for its effect
    """Makes the line of an office that records calls from outside."""
    clock = ManualClock(START)
    prepared(
        "imported calls",
        lambda: office.activate_regulation(
            example("walbrzych-mops"), in_force_from=date(2026, 1, 1), clock=clock, actor=""
        ),
    )

    def made(**changed: str) -> Pbx:
        folder, records, vault = tmp_path / "monitor", tmp_path / "calls.csv", tmp_path / "vault"
        folder.mkdir()
        vault.mkdir()
        records.write_text("id,start,caller,called,duration,file\n")
        stated = {"folder": str(folder), "form": "csv", "records": str(records), **changed}
        line = call_services.add_line(
            name="Registry",
            stated=StatedLine(numbers=("+48 74 841",), **stated),
            clock=clock,
            actor="",  # type: ignore[arg-type]  # words alone
        )
        identity, store = Identity.generate(), DiskStore(vault)
        services.store_day_keys(line, {civil_date(START): identity.recipient.text}, clock=clock)
        address = read_line(queries.source(line).address_shown)
        assert isinstance(address, FolderLine)
        assert address.records is not None
        rules = Rules(frozenset({"incoming"}), frozenset(), lambda day: day < date(2026, 11, 1))
        intake = RecordIntake(address.records, [RecordLine(line, address)], clock, set())
        folders = FolderImport(line, address, store, measure, clock)
        return Pbx(line, folder, records, store, identity, clock, intake, folders, rules)

    return made


@pytest.fixture
def pbx(make: Callable[..., Pbx]) -> Pbx:
    """One whose records are read."""
    return make()
