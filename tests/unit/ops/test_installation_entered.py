"""What a ledger says its installation is, against what somebody wrote into ``rejent.toml``."""

from pathlib import Path

import pytest

from tests.installation import Office, another_office, rejent


def rewritten(office: Office, before: str, after: str) -> None:
    """Change one line of ``rejent.toml``."""
    file = office.directory / "rejent.toml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


@pytest.mark.parametrize("test", [True, False])
def test_a_new_installation_is_entered_as_it_is(tmp_path: Path, test: bool) -> None:
    """The file agrees with the first entry of the ledger, so that fsck finds nothing."""
    made = another_office(tmp_path / "office", test=test)
    assert made.json("fsck") == {"clean": True, "findings": []}


def test_a_real_installation_cannot_be_called_a_test_one(tmp_path: Path) -> None:
    """With ``test = true`` written by hand nothing runs or is kept, and fsck says what differs."""
    made = another_office(tmp_path / "office", test=False)
    rewritten(made, "test = false", "test = true")
    for command in ("run", "keep --once"):
        assert "was not created as one" in made.run(command, REJENT_CLOCK="2027-11-21T12:00:00+01:00").line()
    done = made.run("fsck", "--json")
    assert done.status == 1
    assert [(each["code"], each["finding"]) for each in done.json["findings"]] == [
        (
            "office.installation-changed",
            "rejent.toml says test = true, but the installation was created with false.",
        )
    ]


def test_a_test_installation_called_real_is_found_and_runs_by_the_true_clock(tmp_path: Path) -> None:
    """The stricter word is no way around anything: a finding, no refusal, and no set clock."""
    made = another_office(tmp_path / "office", test=True)
    rewritten(made, "test = true", "test = false")
    assert made.run("keep --once").status == 0
    assert (
        "REJENT_CLOCK is refused"
        in rejent("keep", made.directory, "--once", env={"REJENT_CLOCK": "2027-11-21T12:00:00+01:00"}).line()
    )
    assert "office.installation-changed" in made.run("fsck").out
