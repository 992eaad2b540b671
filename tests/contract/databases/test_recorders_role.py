"""Recorders with a role of their own on PostgreSQL: each kind books what it records, and reaches nothing else of the database."""

import asyncio
import os
import secrets
import smtplib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rejent.formats.sound.g711 import decoded
from rejent.recording.own_role import RECORDERS_DATABASE, recorders_environment
from rejent.streams.calls.catalog.announcement_wav import plain_wav
from rejent.streams.calls.practice.session import SimulatedCall, hand_over
from rejent.streams.calls.practice.voice import conversation
from tests.calls.announced import AnnouncedCall
from tests.calls.exchange import free_ports
from tests.calls.pbx import CLOCK, HOST
from tests.calls.test_importing_calls import Pbx
from tests.contract.databases.conftest import ROOT
from tests.installation import CommandServer, Office, another_office, environment, rejent, running
from tests.ports import free_port
from tests.scenario.test_file_source import TEST_PICTURE
from tests.streams.mail_corpus import DOMAINS, JOURNAL, ORDINARY
from tests.unit.streams_calls_imported.pbx_sounds import wav
from tests.waiting import until

pytestmark = pytest.mark.postgres
SEEDS = ROOT / "src" / "rejent" / "office" / "regulation" / "seeds"
CALLER, OWN, ANOTHER = "107770201", "105550100", "105560100"
RECORDED = ("Kamera 1", "Rozmowy", "Centrala", "Dziennik")
"""The sources of which something is kept: a file for a camera, calls handed over, calls of a PBX that records, mail."""
TRIED = """
import os, sys
from pathlib import Path
from rejent.ops import process

def tried(*_):
    from django.db import DatabaseError, connection, transaction

    for statement in sys.argv[4:]:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        except DatabaseError as error:
            print(type(error.__cause__).__name__, statement)
        else:
            print("DONE", statement)
    found, backwards = 0, sys.argv[2].encode()
    memory = os.open("/proc/self/mem", os.O_RDONLY)
    for line in Path("/proc/self/maps").read_text().splitlines():
        begin, end = (int(each, 16) for each in line.split()[0].split("-"))
        if " rw" in line and "[v" not in line:
            found += backwards in os.pread(memory, end - begin, begin)[::-1]
    print("in memory" if found else "in no memory")
    try:
        Path(sys.argv[3]).read_bytes()
    except PermissionError:
        print("refused rejent.toml")
    sys.stdout.flush()
    os._exit(0)

process._run = tried
process.main([sys.argv[1]])
"""


@dataclass
class OwnRole:
    """An office on PostgreSQL, whose owner and whose recorders have passwords."""

    office: Office
    server: str
    owner: str
    password: str
    recorders: dict[str, str]
    ports: int
    monitor: Path
    records: Path

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the database, as the server's administrator reads them."""
        with psycopg.connect(self.server) as server:
            return server.execute(query.encode()).fetchall()

    def add(self, stream: str, name: str, *how: str | Path) -> None:
        """Add a source."""
        self.done("source add", "--stream", stream, "--name", name, *how)

    def done(self, command: str, *arguments: str | Path) -> None:
        """Run a command that must succeed."""
        done = self.office.run(command, *arguments)
        assert done.status == 0, done

    def tried(self, *statements: str, **env: str) -> list[str]:
        """What came of statements, and of other ways to the owner's password, in a confined recorder of calls."""
        supervised, supervisor = os.pipe()
        given = environment(REJENT_DIR=str(self.office.directory), **env)
        toml = str(self.office.directory / "rejent.toml")
        done = subprocess.run(
            [sys.executable, "-c", TRIED, "calls", self.password[::-1], toml, *statements],
            capture_output=True, text=True, stdin=supervised, env=recorders_environment(given), check=False,
        )  # fmt: skip
        os.close(supervised)
        os.close(supervisor)
        assert done.returncode == 0, done
        if "recorder.not-confined" in done.stderr:
            pytest.skip("this kernel has no Landlock")
        return done.stdout.splitlines()


@pytest.fixture(scope="module")
def own(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> OwnRole:
    """An office with a source of every kind."""
    folder = tmp_path_factory.mktemp("role")
    name, password, other = f"role{os.getpid()}", secrets.token_hex(), secrets.token_hex()
    owner, recorders = f"{name}_office", f"{name}_recorders"
    with psycopg.connect(postgres_server, autocommit=True) as server:
        for role, known in ((owner, password), (recorders, other)):
            server.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{known}'".encode())
        server.execute(f"CREATE DATABASE {name} OWNER {owner}".encode())
        ((rules,),) = server.execute("SHOW hba_file").fetchall()
        asked = f"local {name} {owner},{recorders} scram-sha-256\n"
        Path(rules).write_text(asked + Path(rules).read_text())
        server.execute("SELECT pg_reload_conf()")
    database = postgres_server.replace("/postgres?", f"/{name}?")
    regulation = folder / "regulation.toml"
    regulation.write_text(
        "\n".join(
            [
                (ROOT / "tests" / "streams" / "mail_regulation.toml").read_text(),
                *(prescribed(*each) for each in (("pleszew", "video"), ("boleslawiec", "calls"))),
            ]
        )
    )
    done = rejent(
        "init", folder / "office", "--regulation", regulation, "--test",
        "--database", database.replace("postgres@", f"{owner}:{password}@"),
    )  # fmt: skip
    assert done.status == 0, done
    by = {RECORDERS_DATABASE: database.replace("postgres@", f"{recorders}:{other}@")}
    made = OwnRole(
        Office(folder / "office"),
        database,
        owner,
        password,
        by,
        free_ports(46),
        folder / "monitor",
        folder / "cdr" / "Master.csv",
    )
    add_sources(made, folder)
    return made


def prescribed(office: str, stream: str) -> str:
    """What the regulation of an office says of a stream."""
    text = (SEEDS / f"{office}.toml").read_text()
    return text[text.index(f"[streams.{stream}]") :]


def add_sources(own: OwnRole, folder: Path) -> None:
    """Add a source for each process that records."""
    film, records, first = folder / "film.mp4", own.records, own.ports
    subprocess.run(["ffmpeg", "-v", "error", *TEST_PICTURE, film], check=True)
    own.monitor.mkdir()
    records.parent.mkdir()
    records.touch()
    with (own.office.directory / "rejent.toml").open("a") as file:
        file.write(f"\n[calls]\nrtp_ports = [{first + 4}, {first + 43}]\n")
    own.office.add_camera("Kamera 1", film.as_uri())
    own.office.add_camera("Kamera 2", f"rtsp://{HOST}:{free_port()}/none")
    own.add("calls", "Rozmowy", "--siprec", f"{HOST}:{first}", "--numbers", "+48 10 555 01")
    own.add("calls", "Centrala", "--folder", own.monitor, "--records", records, "--format", "asterisk", "--numbers", "+48 10 556 01")  # fmt: skip
    own.add("calls", "Lustro", "--mirror", "lo", "--numbers", "+48 10 557 01")
    for kind in ("incoming", "clause"):
        sound = folder / f"{kind}.wav"
        sound.write_bytes(plain_wav(decoded("PCMA", conversation(0.5, 11)[0])))
        own.done(
            "calls announcement set", "--line", "Rozmowy", "--kind", kind, "--file", sound, "--text", kind
        )
    way = ("--listen", f"{HOST}:{first + 2}", "--to", f"sip:100@{HOST}", "--around", f"sip:199@{HOST}")
    own.done("calls announcing", "--line", "Rozmowy", *way)
    for role in ("case", "control"):
        key = ("--role", role, "--holder", role, "--passphrase-stdin")
        made = rejent("mail", "key", own.office.directory, *key, stdin=f"hasło do roli {role}\n")
        assert made.status == 0, made
    own.add("mail", "Dziennik", "--listen", f"smtp://{HOST}:{first + 44}", "--journal", JOURNAL, "--domain", DOMAINS)  # fmt: skip
    own.done("keep", "--once")


@pytest.fixture(scope="module")
def recorded(own: OwnRole) -> tuple[OwnRole, list[dict[str, Any]]]:
    """The office after its recorders ran by the role until all had something to book, and what they said."""
    with running(own.office, "--role", "recorder", **own.recorders) as program:
        program.until("calls.listening")
        pbx = Pbx(own.office, program, CommandServer(own.office), own.monitor, own.records)
        pbx.call(wav(2, seed=1), "kept.wav", caller=CALLER, called=ANOTHER)
        until(lambda: announced(own))
        call = SimulatedCall(CALLER, OWN, conversation(2, 5))
        handed = asyncio.run(hand_over(call, (HOST, own.ports), CLOCK))
        assert handed.status == 200
        until(lambda: sent(own.ports + 44))
        until(lambda: kept(own) == set(RECORDED))
        until(lambda: own.rows("SELECT 1 FROM calls_callnotice"))
        assert program.stop() == 0
        return own, program.events


def announced(own: OwnRole) -> bool:
    """Whether a caller is answered with the announcement."""
    call = AnnouncedCall(own.ports + 2, CALLER, patience_s=0.3)
    try:
        answered = call.place().status == 200
        call.hang_up()
    except (AssertionError, OSError):
        return False
    finally:
        call.close()
    return answered


def sent(port: int) -> bool:
    """Whether a message is taken for the journal."""
    try:
        with smtplib.SMTP(HOST, port) as client:
            return client.sendmail("anna@urzad.example", [JOURNAL], ORDINARY) == {}
    except ConnectionError:
        return False


def kept(own: OwnRole) -> set[str]:
    """The sources of which something is kept."""
    query = "SELECT DISTINCT name FROM catalog_source s JOIN catalog_segment g ON g.source_id = s.id"
    return {name for (name,) in own.rows(query)}


def test_each_kind_books_what_it_records(recorded: tuple[OwnRole, list[dict[str, Any]]]) -> None:
    """Segments, a gap, states of sources, the evidence of an announcement: all are there, nothing was refused, and fsck is clean, but for indexes that it says it did not look at."""
    own, said = recorded
    started = {each["process"] for each in said if each["event"] == "process.started"}
    assert started == {"recorder-0", "calls", "mirror", "import", "announcing", "mail"}
    assert [each for each in said if "ermission" in str(each) or each["event"] == "process.ended"] == []
    states = "SELECT s.name FROM catalog_source s JOIN catalog_sourcehealth h ON h.source_id = s.id"
    assert {name for (name,) in own.rows(states)} == {*RECORDED, "Kamera 2", "Lustro"}
    gaps = "SELECT DISTINCT s.name FROM catalog_source s JOIN catalog_gap g ON g.source_id = s.id"
    assert "Kamera 2" in {name for (name,) in own.rows(gaps)}
    own.done("keep", "--once")
    checked = own.office.run("fsck")
    assert checked.out.startswith("Not held against their tables: the indexes "), checked
    assert checked.out.endswith(" lets this check look at them, too.\nClean.\n")


REFUSED = (
    "DROP TRIGGER registers_entry_kept ON registers_entry",
    "ALTER TABLE registers_entry DISABLE TRIGGER ALL",
    "ALTER TABLE catalog_segment ADD COLUMN own text",
    "TRUNCATE catalog_gap",
    "CREATE TABLE own (one text)",
    "CREATE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "SELECT * FROM office_account",
    "SELECT id FROM office_token",
    "SELECT * FROM django_session",
    "SELECT * FROM mfa_authenticator",
    "SELECT * FROM cases_case",
    "SELECT said FROM mail_mailopening",
    "SELECT name FROM access_guest",
    "UPDATE office_account SET is_active = false",
    "DELETE FROM django_migrations",
)


def test_a_recorder_reaches_nothing_else_of_the_database(
    recorded: tuple[OwnRole, list[dict[str, Any]]],
) -> None:
    """Schema, accounts, sessions, second factors, tokens and cases are refused; the owner's password is neither in its memory nor within its reach."""
    own, _ = recorded
    *refused, memory, toml = own.tried(*REFUSED, **own.recorders)
    assert refused == [f"InsufficientPrivilege {statement}" for statement in REFUSED]
    assert (memory, toml) == ("in no memory", "refused rejent.toml")
    as_owner = own.tried("SELECT id FROM office_token")
    assert as_owner[:2] == ["DONE SELECT id FROM office_token", "in memory"]


def lacking(own: OwnRole, **env: str) -> list[str]:
    """What `status` says that the database does not keep recorders from."""
    told = own.office.run("status", "--json", **env)
    assert told.status == 0, told
    return list(told.json["not_kept_from_recorders"])


def test_status_says_what_recorders_are_not_kept_from(
    recorded: tuple[OwnRole, list[dict[str, Any]]],
) -> None:
    """Nothing by a role as it should be; everything without one; and each right that the role should not have, with a way in without a password."""
    own, _ = recorded
    role = own.office.run("status", "--json", **own.recorders).json["recorders_role"]
    assert lacking(own, **own.recorders) == []
    (without,) = lacking(own)
    assert without.startswith("REJENT_RECORDER_DATABASE_URL is not set here.")
    with psycopg.connect(own.server, autocommit=True) as server:
        for given, back, said in (
            (f"GRANT {own.owner} TO {role}", f"REVOKE {own.owner} FROM {role}", "has the rights of the tables' owner"),
            (f"GRANT CREATE ON SCHEMA public TO {role}", f"REVOKE CREATE ON SCHEMA public FROM {role}", "makes tables and functions"),
            (f"GRANT SELECT ON office_token TO {role}", f"REVOKE SELECT ON office_token FROM {role}", "reads office_token"),  # noqa: S608 - of ours
        ):  # fmt: skip
            server.execute(given.encode())
            assert said in lacking(own, **own.recorders)[0]
            server.execute(back.encode())
        ((file,),) = server.execute("SHOW hba_file").fetchall()
        rules = Path(file).read_text()
        Path(file).write_text(rules.replace("scram-sha-256", "trust", 1))
        server.execute("SELECT pg_reload_conf()")
        (open_to_all,) = until(lambda: lacking(own, **own.recorders))
        assert open_to_all.startswith("The tables' owner connects without its password")
        Path(file).write_text(rules)
        server.execute("SELECT pg_reload_conf()")


def test_a_table_of_a_later_migration_can_be_written(
    recorded: tuple[OwnRole, list[dict[str, Any]]],
) -> None:
    """What the owner makes after recorders began is theirs to write at once: no upgrade stops recording for a forgotten right."""
    own, _ = recorded
    role = own.office.run("status", "--json", **own.recorders).json["recorders_role"]
    with psycopg.connect(own.server, autocommit=True) as server:
        server.execute(f"SET ROLE {own.owner}".encode())
        server.execute("CREATE TABLE later (one text)")
        query = "SELECT has_table_privilege(%s, 'later', 'SELECT, INSERT, UPDATE, DELETE')"
        ((may,),) = server.execute(query, [role]).fetchall()
        server.execute("DROP TABLE later")
    assert may


def test_an_address_that_is_none_of_recorders_is_refused(
    recorded: tuple[OwnRole, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """The owner's own, another database's, one beside SQLite, and one of a role that is not there: each ends with one line before anything is recorded."""
    own, _ = recorded
    address = own.recorders[RECORDERS_DATABASE]
    role = address.partition("//")[2].partition(":")[0]
    line = "REJENT_RECORDER_DATABASE_URL does not name the office's own database by another user."
    sqlite = another_office(tmp_path / "office")
    for office, wrong in (
        (own.office, address.replace(role, own.owner)),
        (own.office, address.replace("?host=", "2?host=")),
        (sqlite, address),
    ):
        refused = office.run("run", "--role", "recorder", **{RECORDERS_DATABASE: wrong})
        assert refused.line().startswith(line)
    nobody = {RECORDERS_DATABASE: address.replace(role, "nobody_here")}
    refused = own.office.run("run", "--role", "recorder", **nobody)
    assert refused.line().startswith("The database has no role nobody_here")
