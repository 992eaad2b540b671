"""What each command takes, prints and refuses; names and shapes are fixed, for offices script against them."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rejent.kernel.clock import SystemClock, civil_date
from tests.days import today
from tests.installation import CommandServer, Office, another_office, recorded, rejent

NOON, ONE = "2026-11-21T12:00:00+01:00", "2026-11-21T13:00:00+01:00"
HOLD = ("--source", "Hol", "--from", NOON, "--to", ONE, "--case", "OR.1", "--basis", "art. 22")
CAMERA = ("--stream", "video", "--url", "rtsp://192.0.2.9/x", "--building", "Ratusz", "--place", "hol")
KINDS = ("entrance", "corridor", "stairs", "hall", "office", "service-point", "meeting", "outside", "archive")
EXCLUDED = ("toilet", "changing", "canteen", "social", "smoking", "union")
REVIEW = (today() + timedelta(days=90)).isoformat()
EXAMPLES = ("elblag", "boleslawiec", "pleszew", "miedziana-gora", "walbrzych-mops")


def test_status_has_the_shape_offices_script_against(command: CommandServer) -> None:
    """Sources, ledger, storage and overdue, each with its fixed names; instants carry an offset."""
    told = command("status", "--json").json
    figures = {"mail_checks", "misdescribed", "roles_without_key", "unannounced", "untrusted_certificates"}
    assert (
        set(told)
        == {
            "sources",
            "ledger",
            "storage",
            "overdue",
            "not_confined",
            "secrets_in_reach",
            "recorders_role",
            "not_kept_from_recorders",
            "alarms",
        }
        | figures
    )
    names = {"name", "stream", "state", "since", "recorded_s", "gap_s", "clock_offset_s"}
    names |= {"seams", "seams_s", "dropped", "retimed"}
    assert all(names <= set(each) for each in told["sources"])
    assert set(told["ledger"]) == {"size", "root"}
    assert set(told["storage"]) == {"used", "free", "days_left", "per_day", "to_come"}
    assert told["storage"]["free"] > 0
    assert (told["overdue"], told["unannounced"], told["roles_without_key"]) == (0, 0, [])


def test_an_alarm_is_told_by_its_kind(tmp_path: Path) -> None:
    """A hold to be reviewed is an alarm: the round that raises it names it, and so does the status, with since when."""
    office = another_office(tmp_path / "office")
    office.add_camera("Hol", "rtsp://192.0.2.7/hol")
    placed = office.run("hold add", *HOLD, "--review", (today() + timedelta(days=2)).isoformat())
    assert (placed.status, office.json("status", "--json")["alarms"]) == (0, [])
    later = SystemClock().now() + timedelta(days=3)
    told = f"alarm: hold-review {placed.out.strip()}, since {civil_date(later).isoformat()}T"
    assert told in office.at(later, "keep", "--once").out
    assert told in office.run("status").out
    (alarm,) = office.json("status", "--json")["alarms"]
    assert (alarm["kind"], alarm["subject"]) == ("hold-review", placed.out.strip())


def test_secrets_where_recorders_read_are_named(tmp_path: Path) -> None:
    """What the environment and the configuration name under /etc is said with what to do; what lies elsewhere is not."""
    office = another_office(tmp_path / "office")
    beside = tmp_path / "beside.key"
    beside.write_text("", encoding="ascii")
    stated = office.directory / "rejent.toml"
    text = stated.read_text(encoding="utf-8")
    for key, reached in (("/etc/hostname", ["/etc/passwd", "/etc/hostname"]), (beside, ["/etc/passwd"])):
        stated.write_text(
            f'{text}\n[calls]\ntls_certificate = "calls.pem"\ntls_key = "{key}"\n', encoding="utf-8"
        )
        told = office.run("status", REJENT_PASSPHRASE_FILE="/etc/passwd").out.splitlines()
        assert [line for line in told if line.startswith("in reach")] == [
            f"in reach of recorders: {file} – move this secret to /var/lib/rejent" for file in reached
        ]


def test_status_in_words_is_a_table(command: CommandServer) -> None:
    """Without --json people get aligned columns and three lines."""
    lines = command("status").out.splitlines()
    assert lines[0].split()[:3] == ["name", "stream", "state"]
    assert lines[-1] == "overdue: 0"


def test_gaps_and_objects_of_an_idle_source_are_empty_lists(command: CommandServer) -> None:
    """Nothing recorded and nothing missed is an empty JSON list, and a sentence for people."""
    assert command("gaps", "--source", "Hol", "--json").json == []
    assert command("objects", "--source", "Hol", "--from", NOON, "--to", ONE, "--json").json == []
    assert command("gaps", "--source", "Hol").out == "No gaps.\n"


@pytest.mark.parametrize("kind", KINDS)
def test_every_coverable_kind_of_place_is_taken(command: CommandServer, kind: str) -> None:
    """A camera may be added in any place of a kind that is not excluded; its identifier is printed."""
    place = ("--place", f"miejsce {kind}", "--kind", kind, "--name", f"kamera {kind}")
    done = command(
        "source add", "--stream", "video", "--url", "rtsp://192.0.2.9/x", "--building", "B", *place
    )
    assert (done.status, len(done.out.strip())) == (0, 32)


def test_an_unknown_stream_is_answered_with_those_that_are_installed(command: CommandServer) -> None:
    """One line says what can be chosen."""
    said = command("source add", *CAMERA, "--name", "x", "--kind", "hall", "--stream", "foo").line()
    assert said.endswith("No sources of foo can be added. Installed kinds: video, calls, mail.")


@pytest.mark.parametrize("kind", EXCLUDED)
def test_an_excluded_kind_of_place_is_refused_with_the_rule(command: CommandServer, kind: str) -> None:
    """No camera is added where the statute forbids it; the provision is quoted."""
    said = command("source add", *CAMERA, "--name", f"kamera {kind}", "--kind", kind).line()
    assert "art. " in said


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (("--kind", "balcony"), "no kind of place"),
        (("--url", "gopher://x/y", "--kind", "hall"), "gopher"),
        (("--url", "rtsp://viewer:Sekret-7@/x", "--kind", "hall"), "no host"),
        (("--url", "rtsp://…", "--kind", "hall"), "This address names no camera: "),
        (("--url", "not an address", "--kind", "hall"), "not an address"),
        (("--name", "  ", "--kind", "hall"), "name"),
        (("--kind", ""), "--kind is missing"),
    ],
)
def test_a_camera_that_cannot_be_is_refused_without_its_password(
    command: CommandServer, changed: tuple[str, ...], says: str
) -> None:
    """One line says what is wrong and never repeats a password."""
    done = command("source add", *CAMERA, "--name", "Nowa", *changed)
    assert says in done.line()
    assert "Sekret-7" not in done.err


def test_a_name_is_taken_once(command: CommandServer) -> None:
    """A second source of the same name is a conflict."""
    assert "already" in command("source add", *CAMERA, "--name", "Hol", "--kind", "hall").line()


def test_sources_are_listed_without_credentials(command: CommandServer, office: Office) -> None:
    """The list tells place and state; the password is nowhere in the installation in the clear."""
    done = command("source list", "--json")
    hol = next(each for each in done.json if each["name"] == "Hol")
    assert (hol["stream"], hol["building"], hol["kind"], hol["state"]) == (
        "video",
        "Ratusz",
        "hall",
        "starting",
    )
    assert "Sekret-7" not in done.out
    assert not [
        path for path in office.directory.rglob("*") if path.is_file() and b"Sekret-7" in path.read_bytes()
    ]


@pytest.mark.parametrize(
    ("url", "options", "says"),
    [
        ("rtsp://192.0.2.9/x", ("--fingerprint", "AB:" * 31 + "CD"), "rtsps"),
        ("rtsps://192.0.2.9/x", ("--fingerprint", "AB:CD"), "64 hexadecimal digits"),
        ("rtsps://192.0.2.9/x", ("--ca", "/nowhere/ca.pem"), "/nowhere/ca.pem cannot be read"),
        ("rtsps://192.0.2.9/x", ("--ca", __file__), "authority"),
    ],
)
def test_what_can_be_no_certificate_is_refused(
    command: CommandServer, url: str, options: tuple[str, str], says: str
) -> None:
    """A camera's certificate is named by its fingerprint or its authority, at an encrypted address, in a form that can be one."""
    assert (
        says in command("source add", *CAMERA, "--url", url, "--name", "T", "--kind", "hall", *options).line()
    )


def test_a_camera_s_certificate_is_named_changed_and_taken_away(command: CommandServer) -> None:
    """With or without colons; it stays with another encrypted address, and is dropped silently by none that is not."""
    shown = ("--fingerprint", "AB:" * 31 + "CD")
    pinned = ("--url", "rtsps://192.0.2.9/x", "--name", "Pewna", "--kind", "hall", *shown)
    assert command("source add", *CAMERA, *pinned).status == 0
    assert command("source change", "--name", "Pewna", "--url", "https://192.0.2.10/y").status == 0
    assert (
        "rtsps or https" in command("source change", "--name", "Pewna", "--url", "rtsp://192.0.2.9/x").line()
    )
    for given in ("ab" * 32, ""):
        assert command("source change", "--name", "Pewna", "--fingerprint", given).status == 0
    assert "rtsps" in command("source change", "--name", "Hol", *shown).line()
    assert command("source remove", "--name", "Pewna").status == 0


def test_a_new_camera_has_its_keys_at_once(tmp_path: Path) -> None:
    """Its recorder waits for no keeper's round: none is left to make, and its days have theirs."""
    office = another_office(tmp_path / "office")
    office.add_camera("Hol", "rtsp://192.0.2.7/hol")
    assert office.json("keep", "--once", "--json")["keys_made"] == 0


def test_a_source_is_switched_off_on_and_removed(command: CommandServer) -> None:
    """A removed source is not listed any more, and is removed once."""
    assert command("source add", *CAMERA, "--name", "Krótka", "--kind", "hall").status == 0
    for act in (("switch", "--off"), ("switch", "--on"), ("remove",)):
        assert command(f"source {act[0]}", "--name", "Krótka", *act[1:]).status == 0
    assert "Krótka" not in {each["name"] for each in command("source list", "--json").json}
    assert command("source remove", "--name", "Krótka").line()


def test_a_source_gets_another_password_without_telling_it(command: CommandServer, office: Office) -> None:
    """Another address with its password is taken for a source that is there; neither is printed or lies in the open."""
    assert command("source add", *CAMERA, "--name", "Zamek", "--kind", "hall").status == 0
    changed = command("source change", "--name", "Zamek", "--url", "rtsp://viewer:Klucz-8@192.0.2.8/1")
    assert (changed.status, changed.out, changed.err) == (0, "", "")
    assert not [
        path for path in office.directory.rglob("*") if path.is_file() and b"Klucz-8" in path.read_bytes()
    ]
    assert "nothing to change" in command("source change", "--name", "Zamek").line()
    assert (
        "Klucz-8" not in command("source change", "--name", "Zamek", "--url", "x://viewer:Klucz-8@h/").line()
    )
    assert command("source remove", "--name", "Zamek").status == 0


def test_a_file_takes_no_cameras_place_in_a_real_installation(tmp_path: Path) -> None:
    """Neither added nor put in place of a camera's address: only a test installation records a film."""
    office = another_office(tmp_path / "office", test=False)
    film = ("--url", "file:///srv/film.mp4")
    assert (
        "only in a test installation"
        in office.run("source add", *CAMERA, "--name", "A", "--kind", "hall", *film).line()
    )
    assert office.run("source add", *CAMERA, "--name", "A", "--kind", "hall").status == 0
    assert "only in a test installation" in office.run("source change", "--name", "A", *film).line()
    assert "only in a test" in office.run("source change", "--name", "A", "--live-url", film[1]).line()


def test_a_hold_is_placed_listed_and_ended(command: CommandServer) -> None:
    """Its number is printed, it is listed with its case, and ended with a reason once."""
    number = command("hold add", *HOLD, "--review", REVIEW).out.strip()
    listed = {each["id"]: each for each in command("hold list", "--json").json}
    assert (listed[number]["case"], listed[number]["start"], listed[number]["ended"]) == ("OR.1", NOON, None)
    later = (today() + timedelta(days=100)).isoformat()
    assert command("hold review", number, "--next", later, "--reason", "trwa").status == 0
    assert {each["id"]: each["review"] for each in command("hold list", "--json").json}[number] == later
    assert command("hold end", number, "--reason", "koniec").status == 0
    assert number not in {each["id"] for each in command("hold list", "--json").json}
    assert number in {each["id"] for each in command("hold list", "--all", "--json").json}
    assert command("hold end", number, "--reason", "koniec").line()


def test_a_hold_of_nothing_says_so(tmp_path: Path) -> None:
    """A hold of an interval without a recording is placed, and one line tells; of what is recorded nothing is told."""
    office = another_office(tmp_path / "office")
    hol = office.add_camera("Hol", "rtsp://192.0.2.7/hol")
    recorded(office, hol, datetime.fromisoformat(NOON), 1)
    for since, said in ((NOON, ""), (ONE, "Nothing is recorded in this interval.\n")):
        until = (datetime.fromisoformat(since) + timedelta(minutes=2)).isoformat()
        placed = office.run("hold add", *HOLD, "--from", since, "--to", until, "--review", REVIEW)
        assert (placed.status, placed.err) == (0, said)
        assert placed.out.strip() in {each["id"] for each in office.json("hold list", "--json")}


def test_a_hold_is_looked_at_again_within_a_year(command: CommandServer) -> None:
    """A later review is entered for the last day that the rules allow, and that is said."""
    done = command("hold add", *HOLD, "--review", (today() + timedelta(days=4000)).isoformat())
    last = (today() + timedelta(days=366)).isoformat()
    assert (done.status, done.err.splitlines()) == (
        0,
        [
            "Nothing is recorded in this interval.",
            f"To be looked at again on {last}: nothing is held longer without a look.",
        ],
    )
    listed = {each["id"]: each["review"] for each in command("hold list", "--json").json}
    assert listed[done.out.strip()] == last


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (("--review", "soon"), "--review is not a date"),
        (("--review", "2020-01-01"), "lies in the past"),
        (("--from", ONE, "--to", NOON, "--review", REVIEW), "--to is not after --from"),
        (("--from", "2026-11-21T12:00:00", "--review", REVIEW), "--from is not an instant"),
        (("--source", "Nigdzie", "--review", REVIEW), "no source of that name"),
        (("--case", " ", "--review", REVIEW), "needs a case"),
        (("--case", "x" * 121, "--review", REVIEW), "at most 120 characters"),
    ],
)
def test_a_hold_that_cannot_be_is_refused(
    command: CommandServer, changed: tuple[str, ...], says: str
) -> None:
    """Wrong dates, an unknown source and blank words are each one line."""
    assert says in command("hold add", *HOLD, *changed).line()


def test_keys_are_disclosed_for_a_purpose_alone(command: CommandServer) -> None:
    """Without a key, a purpose or a date there is one line, and nothing is printed that opens anything."""
    arguments = ("--source", "Hol", "--date", "2020-01-01")
    assert "no key" in command("keys disclose", *arguments, "--purpose", "x").line()
    assert "purpose" in command("keys disclose", *arguments, "--purpose", " ").line()
    assert (
        "not a date"
        in command("keys disclose", "--source", "Hol", "--date", "1.1.2020", "--purpose", "x").line()
    )


def test_a_round_of_keepers_makes_keys_that_can_be_disclosed(command: CommandServer) -> None:
    """Keep --once tells what it did; today's key is an age identity, and its disclosure an act in the ledger."""
    done = command("keep", "--once", "--json")
    assert (done.status, done.json["failed"]) == (0, [])
    before = command("status", "--json").json["ledger"]["size"]
    disclosed = command(
        "keys disclose", "--source", "Hol", "--date", today().isoformat(), "--purpose", "próba"
    )
    assert disclosed.out.startswith("AGE-SECRET-KEY-1")
    assert command("status", "--json").json["ledger"]["size"] == before + 1


def test_keepers_without_once_are_refused(command: CommandServer) -> None:
    """The keepers that go on for ever belong to run."""
    assert "--once" in command("keep").line()


def test_what_is_due_is_asked_by_an_instant(command: CommandServer) -> None:
    """Nothing recorded means nothing due, whenever; a wrong instant is one line."""
    assert command("retention due", "--at", "2030-01-01T00:00:00Z", "--json").json == []
    assert "--at is not an instant" in command("retention due", "--at", "2030-01-01").line()


def test_a_proof_verifies_with_the_files_alone(command: CommandServer, tmp_path: Path) -> None:
    """Checkpoint and proof are files that verify anywhere; other files do not."""
    checkpoint, proof = tmp_path / "checkpoint", tmp_path / "proof"
    checkpoint.write_text(command("ledger checkpoint").out, encoding="utf-8")
    proof.write_text(command("ledger prove", "0").out, encoding="utf-8")
    verify = ("ledger", "verify", "--checkpoint", checkpoint, "--proof")
    assert command.bare(*verify, proof).out.startswith("Entry 0 is in the ledger")
    assert command.bare(*verify, checkpoint).line()
    assert command.bare(*verify, tmp_path / "missing").line()
    assert command("ledger prove", "99999999").line()
    assert command("ledger prove", "99999999999999999999999").status != 0


def test_fsck_finds_nothing_and_says_so(command: CommandServer) -> None:
    """A sound installation is clean in words and in JSON."""
    assert command("fsck").out == "Clean.\n"
    assert command("fsck", "--quick", "--json").json == {"clean": True, "findings": []}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_regulations_are_sound(command: CommandServer, name: str) -> None:
    """Every example has no error among its findings, and can be shown to start one's own from."""
    assert command.bare("regulation", "check", name).status == 0
    assert command.bare("regulation", "show", name).out.strip()
    assert name in command.bare("regulation", "list").out.split()


def test_findings_name_line_key_and_rule(command: CommandServer, tmp_path: Path) -> None:
    """A regulation that breaks the statute is refused with every finding; what is no file is one line."""
    text = command.bare("regulation", "show", "pleszew").out
    bad = tmp_path / "bad.toml"
    bad.write_text(text + "\nnonsense = 3\n", encoding="utf-8")
    done = command.bare("regulation", "check", bad, "--json")
    assert done.status == 1
    assert all(set(each) == {"line", "severity", "key", "finding", "rule"} for each in done.json)
    assert command.bare("regulation", "check", tmp_path / "none").line()
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    assert "not UTF-8" in command.bare("regulation", "check", tmp_path / "binary").line()


def test_a_new_regulation_is_activated_from_a_day(command: CommandServer) -> None:
    """A later version is numbered on; a broken one changes nothing."""
    future = (today() + timedelta(days=60)).isoformat()
    done = command("regulation activate", "--regulation", "elblag", "--from", future)
    assert (done.status, int(done.out)) == (0, 2)
    assert command("regulation activate", "--regulation", "nowhere").line()


def test_gates_of_a_test_installation_are_open(command: CommandServer) -> None:
    """Everything counts as done thirty days before; a stream the regulation does not know is not provided for."""
    done = command("gate list", "--json")
    assert (done.status, {each["state"] for each in done.json}) == (0, {"met"})
    assert command("gate list", "--stream", "calls").status == 1


def test_viewings_of_an_office_where_nobody_looked_are_none(command: CommandServer) -> None:
    """Nothing is listed, with or without the question for unfinished protocols."""
    assert command("viewings").out.strip() == "No viewing was opened."
    assert command("viewings", "--unfinished").out.strip() == "No protocol waits."
    assert command("viewings", "--unfinished", "--json").json == []


def test_probing_what_is_no_camera_is_one_line(command: CommandServer) -> None:
    """A refused connection and an address that is none are refused, without the password."""
    for url in ("onvif://viewer:Sekret-7@127.0.0.1:1", "onvif://viewer:Sekret-7@"):
        done = command("source probe", "--url", url)
        assert done.line()
        assert "Sekret-7" not in done.err


def test_discovery_of_a_silent_network_is_an_empty_list(command: CommandServer) -> None:
    """Nobody on loopback answers, and that is no error."""
    assert command("source discover", "--seconds", "0.2", "--interface", "127.0.0.1", "--json").json == []


def test_nothing_is_accepted_where_nothing_waited(command: CommandServer) -> None:
    """Where storage, database and ledger agree, restored says so and enters nothing."""
    before = command("status", "--json").json["ledger"]
    assert command("restored", "--reason", "na próbę").out.startswith("Nothing waited to be accepted")
    assert command("status", "--json").json["ledger"] == before


def test_no_rollback_is_accepted_where_none_was(command: CommandServer, tmp_path: Path) -> None:
    """A state that the ledger continues, a file that is no checkpoint and one that is not there are each one line."""
    kept = tmp_path / "witness"
    kept.write_text(command("ledger checkpoint").out, encoding="utf-8")
    before = command("status", "--json").json["ledger"]["size"]
    damaged = tmp_path / "damaged"
    damaged.write_bytes(b"\xff\xfe")
    for file in (kept, damaged, tmp_path / "absent"):
        assert command("restored", "--witnessed", str(file), "--reason", "na próbę").line()
    assert command("status", "--json").json["ledger"]["size"] == before


def test_another_office_is_not_touched(tmp_path: Path, office: Office) -> None:
    """A command on a folder that is none leaves it as it was, and the shared office too."""
    before = sorted(path.name for path in office.directory.iterdir())
    assert rejent("source", "list", tmp_path).line()
    assert list(tmp_path.iterdir()) == []
    assert sorted(path.name for path in office.directory.iterdir()) == before
    assert datetime.fromisoformat(NOON).utcoffset() == timedelta(hours=1)
