"""A file as a source of a test installation, from the command that adds it to the stock program that opens it."""

import json
import subprocess
from pathlib import Path

from rejent.kernel.clock import SystemClock, civil_date
from tests.cameras.farm import frames
from tests.installation import CommandServer, another_office, running
from tests.ports import free_port
from tests.waiting import until

YEARS = ("--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z")
TEST_PICTURE = (
    "-f",
    "lavfi",
    "-i",
    "testsrc=size=320x180:rate=10",
    "-t",
    "4",
    "-c:v",
    "libx264",
    "-g",
    "10",
    "-pix_fmt",
    "yuv420p",
)


def test_a_file_is_recorded_by_the_running_program(tmp_path: Path) -> None:
    """One added before the start and one added while it runs are both recorded; what is kept opens and decodes."""
    film = tmp_path / "film.mp4"
    subprocess.run(["ffmpeg", "-v", "error", *TEST_PICTURE, film], check=True)
    office = another_office(tmp_path / "office")
    office.add_camera("Plik", film.as_uri())
    command = CommandServer(office)

    def missing() -> set[str]:
        listed = {
            name: json.loads(command("objects", "--source", name, *YEARS, "--json").out)
            for name in ("Plik", "Drugi")
        }
        return {name for name, rows in listed.items() if not rows}

    with running(office, "--listen", f"127.0.0.1:{free_port()}") as program:
        program.until("process.started", process="recorder-0")
        office.add_camera("Drugi", film.as_uri())
        until(lambda: not missing())
        assert program.stop() == 0
    assert missing() == set()
    key = tmp_path / "key"
    today = civil_date(SystemClock().now()).isoformat()
    key.write_text(
        command("keys disclose", "--source", "Plik", "--date", today, "--purpose", "próba").out,
        encoding="ascii",
    )
    kept = command("objects", "--source", "Plik", *YEARS, "--json").json[0]
    subprocess.run(["age", "-d", "-i", key, "-o", tmp_path / "opened.mp4", kept["path"]], check=True)
    count, complaints = frames(tmp_path / "opened.mp4")
    assert complaints == ""
    assert count > 0
