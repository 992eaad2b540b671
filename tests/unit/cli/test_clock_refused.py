"""A real installation whose rejent.toml was made to call it a test one."""

from datetime import UTC, datetime
from pathlib import Path

from tests.installation import new_office

LATER = datetime(2032, 1, 1, tzinfo=UTC)


def test_no_command_takes_a_set_clock_where_only_the_file_says_test(tmp_path: Path) -> None:
    """Whatever is asked under REJENT_CLOCK is refused by what the ledger knows; without it the file alone opens nothing more."""
    office = new_office(tmp_path / "office", test=False)
    file = office.directory / "rejent.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("test = false", "test = true"), encoding="utf-8")
    for command in ("status", "keep --once", "clock confirm", "restored --reason x", "ledger checkpoint"):
        words = command.split()
        split = 2 if words[0] in {"clock", "ledger"} else 1
        done = office.at(LATER, " ".join(words[:split]), *words[split:])
        assert "was not created as one" in done.line(), command
    assert office.run("status").status == 0
    assert "was not created as one" in office.run("keep", "--once").line()
