"""One machine records for an office: its slot is taken in PostgreSQL, and free as soon as who held it is gone."""

import os
import shutil
import signal
from pathlib import Path

import psycopg
import pytest

from tests import postgres
from tests.installation import CEILING_S, Office, free_port, new_office, running

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


def test_a_slot_lost_with_the_database_is_taken_again_or_given_up(
    machines: tuple[Office, Office], address: str
) -> None:
    """A restarted server frees every slot: who recorded goes on, and ends with one line where somebody else was faster."""
    first, _ = machines
    with (
        psycopg.connect(address, autocommit=True) as server,
        running(first, "--role", "recorder") as recorder,
    ):
        recorder.until("process.started")
        (key,) = ended_sessions(server)
        recorder.until("program.slot-taken-again", part="recorder")
        assert ended_sessions(server, then_take=key) == [key]
        assert "This office's recorder runs already" in recorder.until("said")["line"]
        assert recorder.process.wait(CEILING_S) != 0


def ended_sessions(server: psycopg.Connection, then_take: int | None = None) -> list[int]:
    """End who holds a slot, and take it at once if asked; returns the slots that were held."""
    held = "SELECT pid, (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted"
    found = server.execute(held).fetchall()
    for pid, _ in found:
        server.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
    if then_take is not None:
        server.execute("SELECT pg_advisory_lock(%s)", [then_take])
    return [key for _, key in found]
