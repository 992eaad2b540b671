"""One machine records for an office: its slot is taken in PostgreSQL, and free as soon as who held it is gone."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests import postgres
from tests.installation import Office, new_office, running
from tests.ports import free_port

pytestmark = pytest.mark.postgres


@pytest.fixture
def address(postgres_server: str, tmp_path: Path) -> str:
    """A new database."""
    return postgres.new_database(postgres_server, tmp_path.name)


@pytest.fixture
def machines(tmp_path: Path, address: str) -> tuple[Office, Office]:
    """The folders of one office on two machines, which share the storage."""
    first = new_office(tmp_path / "first", database=address)
    first.add_camera("Hol", f"rtsp://127.0.0.1:{free_port()}/hol")
    shutil.copytree(first.directory, tmp_path / "second", ignore=shutil.ignore_patterns("vault"))
    (tmp_path / "second" / "vault").symlink_to(first.directory / "vault")
    return first, Office(tmp_path / "second")


def test_a_second_machine_says_who_records_and_records_nothing(machines: tuple[Office, Office]) -> None:
    """It ends with one line and a status that a service manager tries again on; after ``kill -9`` it takes the slot."""
    first, second = machines
    with running(first, "--role", "recorder") as recorder:
        recorder.until("process.started")
        refused = second.run("run", "--role", "recorder")
        assert refused.status != 0
        assert refused.line().startswith("This office's recorder runs already: recorder@")
        os.kill(recorder.process.pid, signal.SIGKILL)
        recorder.process.wait()
        with running(second, "--role", "recorder") as successor:
            successor.until("process.started")


def test_a_slot_lost_with_the_database_is_taken_again(machines: tuple[Office, Office], address: str) -> None:
    """A restarted server frees every slot: who recorded goes on and has it again."""
    first, _ = machines
    with (
        psycopg.connect(address, autocommit=True) as server,
        running(first, "--role", "recorder") as recorder,
    ):
        recorder.until("process.started")
        (key,) = ended_sessions(server)
        recorder.until("program.slot-taken-again", part="recorder")
        assert held_slots(server) == [key]


def test_whoever_may_only_connect_stops_no_recording(machines: tuple[Office, Office], address: str) -> None:
    """A role without any right takes the slot, under the name of the session that had it: recording goes on, an alarm names the session, and a second machine is refused all the same."""
    first, second = machines
    with (
        psycopg.connect(address, autocommit=True) as server,
        running(first, "--role", "recorder") as recorder,
    ):
        recorder.until("process.started")
        assert alarms(first) == []
        ((name, key),) = holders(server)
        server.execute("CREATE ROLE stranger LOGIN")
        with psycopg.connect(address.replace("postgres@", "stranger@"), autocommit=True) as stranger:
            stranger.execute("SELECT set_config('application_name', %s, false)", [name])
            ended_sessions(server, then_take=key, by=stranger)
            recorder.until("program.slot-held-by-a-stranger", part="recorder")
            assert second.run("run", "--role", "recorder").line().startswith("This office's recorder runs")
            assert recorder.process.poll() is None
            assert alarms(first) == ["recorder-slot"]
        recorder.until("program.slot-taken-again", part="recorder")
        assert alarms(first) == []


FASTER = """
import django; django.setup()
from rejent.kernel.errors import ConflictError
from rejent.recording.office_lock import RECORDER, OfficeLock
from django.db import connection
first, second = OfficeLock(RECORDER), OfficeLock(RECORDER)
def refuse_step(step):
    try: step()
    except ConflictError: return True
    return False
first.take()
told = [refuse_step(second.take)]
second.release()
with connection.cursor() as cursor:
    cursor.execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory'")
told += [refuse_step(second.take), refuse_step(first.keep)]
print(told)
"""


def test_a_slot_that_another_machine_took_meanwhile_is_given_up(machines: tuple[Office, Office]) -> None:
    """Of two sessions that prove to be the program's one has the slot, and the other says so."""
    folder = machines[0].directory
    environment = os.environ | {"REJENT_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "rejent.ops.settings"}
    done = subprocess.run(
        [sys.executable, "-c", FASTER], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[True, False, True]"


def alarms(office: Office) -> list[str]:
    """The kinds of alarms about the recorder's slot after a round of the keeper."""
    kept = office.run("keep", "--once")
    assert kept.status == 0, kept
    told = office.run("status", "--json").json["alarms"]
    return [alarm["kind"] for alarm in told if alarm["kind"] == "recorder-slot"]


def holders(server: psycopg.Connection) -> list[tuple[str, int]]:
    """The name of each session that holds a slot, and the slot."""
    return server.execute(
        "SELECT application_name, (classid::bigint << 32) | objid::bigint FROM pg_locks JOIN pg_stat_activity USING (pid) "
        "WHERE locktype = 'advisory' AND granted"
    ).fetchall()


def held_slots(server: psycopg.Connection) -> list[int]:
    """The slots that are held."""
    return [key for _, key in holders(server)]


def ended_sessions(
    server: psycopg.Connection, then_take: int | None = None, by: psycopg.Connection | None = None
) -> list[int]:
    """End who holds a slot, and let somebody take it at once; returns the slots that were held."""
    held = "SELECT pid, (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted"
    found = server.execute(held).fetchall()
    for pid, _ in found:
        server.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
    if by is not None:
        by.execute("SELECT pg_advisory_lock(%s)", [then_take])
    return [key for _, key in found]
