"""The command as a whole: help everywhere, one line for every refusal, never a traceback."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rejent.ledger.entry_keys import EntryKeys
from tests.examples import examples
from tests.installation import COMMAND, HERE, CommandServer, Office, another_office, environment, rejent

COMMANDS = """
init; setup code; regulation check; regulation list; regulation show; regulation activate; source add; source change; source list; source switch;
source remove; source discover; source probe; run; status; gaps; objects; keys disclose; keys backup; keys restore; hold add; hold end; hold list;
hold review; retention due; clock confirm; keep; ledger checkpoint; ledger prove; ledger stamp; ledger verify; fsck; restored; person add; person list;
person roles; person password; person confirm; person left; authorise; token create; token list; token revoke; gate list; gate enter; demo; calls drill; calls drills;
supervision digest; supervision sample; authorisation list; authorisation renew; authorisation revoke; fault open; fault close; fault list; agreement add; agreement end;
agreement list; absence enter; absence end; absence list; statement enter; statement list;
calls find; calls list; calls import-report; calls announcement set; calls announcement say; calls announcement list; calls announcement export; calls announcing; calls dialplan;
calls heard; calls confirm; calls wav; calls refusals add; calls refusals end; calls refusals list; device enrol; device list; device revoke; identity secret; identity check; identity list; person link; person unlink; person password-off; viewings
"""
FOREVER = {"run", "demo", "init"}


@pytest.mark.parametrize("name", [each.strip() for each in COMMANDS.split(";")])
def test_every_command_explains_itself(command: CommandServer, name: str) -> None:
    """--help of every command says how it is used and what it does, and succeeds."""
    done = command.bare(*name.split(), "--help")
    assert done.status == 0
    assert f"Usage: rejent {name}" in done.out
    assert len([line for line in done.out.splitlines() if line.strip()]) > 3


def test_no_command_prints_the_help() -> None:
    """Without a word the command says what it can do."""
    done = rejent()
    assert done.status == 0
    assert "retention" in done.out
    assert done.err == ""


def test_the_version_is_told() -> None:
    """--version prints name and version."""
    done = rejent("--version")
    assert (done.status, done.out.split()[0]) == (0, "rejent")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nosuch"],
        ["hold"],
        ["hold", "nosuch"],
        ["hold", "add"],
        ["status"],
        ["status", "--nosuch"],
        ["keep", "a", "b"],
    ],
)
def test_a_command_written_wrongly_is_refused_with_where_to_look(
    command: CommandServer, arguments: list[str]
) -> None:
    """Misuse ends with status 2 and one line that points to the help."""
    done = command.bare(*arguments)
    assert done.status == 2
    assert "--help" in done.line()


def test_a_folder_without_installation_is_refused(tmp_path: Path) -> None:
    """A missing folder, an empty one and a file are all told to be no installation."""
    file = tmp_path / "file"
    file.touch()
    for directory in (tmp_path / "missing", tmp_path, file):
        assert "is not a Rejent installation" in rejent("status", directory).line()


def test_a_broken_configuration_is_refused(tmp_path: Path) -> None:
    """A configuration that is no TOML, or lacks what it must say, is named with its file."""
    for text in ("garbage = [", "id = 3", "\0", "x" * 100):
        (tmp_path / "rejent.toml").write_text(text, encoding="utf-8")
        assert "rejent.toml" in rejent("status", tmp_path).line()


def test_an_installation_restored_without_its_secrets_says_so(tmp_path: Path) -> None:
    """One line names the folder that did not come back, and what to do; nothing is made in its place."""
    made = another_office(tmp_path / "office")
    shutil.rmtree(made.directory / "secrets")
    for command in ("status", "person list"):
        done = made.run(command)
        assert done.status == 1
        assert f"{made.directory / 'secrets'} is not there" in done.line()
        assert "Put the folder secrets back" in done.line()
    assert not (made.directory / "secrets").exists()


def test_a_damaged_database_is_one_line(tmp_path: Path) -> None:
    """Where the database file holds something else, the command says so in one line."""
    identifier = "0" * 32
    (tmp_path / "rejent.toml").write_text(
        f'id = "{identifier}"\nname = "x"\ntest = true\ncreated = "2026-11-21T00:00:00+00:00"\n',
        encoding="utf-8",
    )
    for folder in ("catalog", "secrets"):
        (tmp_path / folder).mkdir()
    EntryKeys.generate().store(tmp_path / "secrets")
    (tmp_path / "catalog" / "catalog.db").write_bytes(b"not a database" * 1000)
    done = rejent("status", tmp_path)
    assert done.status == 70
    assert done.err.startswith("The database cannot be used")
    assert len(done.err.splitlines()) == 1


READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
MAY_MOUNT = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not MAY_MOUNT, reason="needs the right to a mount namespace of its own")
@pytest.mark.parametrize("name", ["status DIR", "keep DIR --once", "run DIR", "ledger checkpoint DIR"])
def test_a_read_only_disk_is_one_line(tmp_path: Path, name: str) -> None:
    """Where nothing can be written, every command says so in one line and changes nothing."""
    another_office(tmp_path / "office")
    words = [str(tmp_path / "office") if word == "DIR" else word for word in name.split()]
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", READ_ONLY, tmp_path / "office", *COMMAND, *words],
        capture_output=True, text=True, check=False, env=environment(), cwd=HERE,
    )  # fmt: skip
    assert done.returncode != 0
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "Unexpected" not in done.stderr


def test_the_clock_may_be_set_in_test_installations_only(tmp_path: Path, office: Office) -> None:
    """REJENT_CLOCK moves a test installation's clock and is refused by a real one."""
    moved = office.run("retention due", REJENT_CLOCK="2027-06-01T12:00:00+02:00")
    assert moved.status == 0
    (tmp_path / "rejent.toml").write_text(
        (office.directory / "rejent.toml").read_text(encoding="utf-8").replace("test = true", "test = false"),
        encoding="utf-8",
    )
    refused = rejent("status", tmp_path, env={"REJENT_CLOCK": "2027-06-01T12:00:00+02:00"})
    assert "not a test one" in refused.line()


WORDS = st.one_of(
    st.sampled_from([name for each in COMMANDS.split(";") for name in each.split() if name not in FOREVER]),
    st.sampled_from(
        [
            "--source",
            "--from",
            "--to",
            "--at",
            "--json",
            "--case",
            "--name",
            "--url",
            "--kind",
            "--person",
            "--act",
            "--date",
        ]
    ),
    st.sampled_from(
        ["Hol", "2026-11-21", "2026-11-21T12:00:00+01:00", "9999-12-31T23:59:59Z", "-1", "Z-2026-1", ""]
    ),
    st.text(max_size=12).filter(lambda text: "\0" not in text and text.isprintable()),
)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.sampled_from([n.split() for n in COMMANDS.split(";") if n.strip() not in FOREVER]),
    rest=st.lists(WORDS, max_size=6),
)
def test_no_words_lead_to_a_traceback(command: CommandServer, first: list[str], rest: list[str]) -> None:
    """Whatever follows a command, it succeeds or refuses in one line that names what is wrong."""
    done = command.bare(*first, command.office.directory, *rest)
    if done.status not in {0, 1} or not done.out:
        assert len(done.err.splitlines()) <= 1 or done.status == 0
    assert "Traceback" not in done.out + done.err
    assert "Unexpected" not in done.err
