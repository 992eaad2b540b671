"""A real installation: what only a test one may do is refused, whatever its rejent.toml says."""

from datetime import UTC, datetime
from pathlib import Path

from tests.installation import another_office

LATER = datetime(2032, 1, 1, tzinfo=UTC)


def test_no_command_takes_a_set_clock_where_only_the_file_says_test(tmp_path: Path) -> None:
    """Whatever is asked under REJENT_CLOCK is refused by what the ledger knows; without it the file alone opens nothing more."""
    office = another_office(tmp_path / "office", test=False)
    file = office.directory / "rejent.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("test = false", "test = true"), encoding="utf-8")
    for command in ("status", "keep --once", "clock confirm", "restored --reason x", "ledger checkpoint"):
        words = command.split()
        split = 2 if words[0] in {"clock", "ledger"} else 1
        done = office.at(LATER, " ".join(words[:split]), *words[split:])
        assert "was not created as one" in done.line(), command
    assert office.run("status").status == 0
    assert "was not created as one" in office.run("keep", "--once").line()


def test_a_file_is_no_camera_of_a_real_installation(tmp_path: Path) -> None:
    """A file stands in nobody's place where recordings are evidence, neither as the camera nor as its smaller stream."""
    office = another_office(tmp_path / "office", test=False)
    place = ("--stream", "video", "--name", "Hol", "--building", "B", "--place", "hol", "--kind", "hall")
    assert (
        "only in a test installation" in office.run("source add", *place, "--url", "file:///srv/a.mp4").line()
    )
    by_http = office.run("source add", *place, "--url", "http://192.0.2.7/mjpeg")
    assert by_http.status == 0
    assert "read over HTTP, as motion JPEG" in by_http.err
