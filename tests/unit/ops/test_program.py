"""The process tree: one supervisor, children that come back, an end that leaves nothing running."""

import json
import os
import signal
import socket
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.installation import Office, another_office, ended, rejent, running
from tests.ports import free_port
from tests.waiting import until


@pytest.fixture
def own_office(tmp_path: Path) -> Office:
    """An installation that nobody else runs."""
    return another_office(tmp_path / "office")


def readiness(port: int) -> tuple[int, list[str]]:
    """What the web says of itself: the status, and what fails."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
            return answer.status, json.load(answer)["failing"]
    except HTTPError as refused:
        return refused.code, json.load(refused)["failing"]


def test_the_web_is_ready_once_what_the_office_records_is_attended_to(own_office: Office) -> None:
    """Alone it says that the recorder fails; once a recorder told of the camera, whatever it told, it is ready."""
    own_office.add_camera("Hol", "rtsp://127.0.0.1:1/hol")
    port = free_port()
    with running(own_office, "--role", "web", "--listen", f"127.0.0.1:{port}") as web:
        web.until("web.listening", port=port)
        assert readiness(port) == (503, ["recorder"])
        with running(own_office, "--role", "recorder"):
            until(lambda: readiness(port) == (200, []))


def test_everything_runs_serves_and_stops(own_office: Office) -> None:
    """All parts start, pages are answered, no part is run a second time, and SIGTERM ends every process with status 0."""
    own_office.add_camera("Hol", "rtsp://127.0.0.1:1/hol")
    port = free_port()
    with running(own_office, "--listen", f"127.0.0.1:{port}") as program:
        program.until("web.listening", port=port)
        until(lambda: readiness(port) == (200, []))
        pids = {each["process"]: each["pid"] for each in program.events if each["event"] == "process.started"}
        assert set(pids) == {"keeper", "recorder-0", "web"}
        for role in ("all", "recorder"):
            refused = rejent("run", own_office.directory, "--role", role)
            assert f"process {program.process.pid}, works in this folder" in refused.line()
        assert program.stop() == 0
        assert all(ended(pid) for pid in pids.values())
        assert not [each for each in program.events if each.get("level", "error") == "error"]


def test_a_killed_child_is_started_again(own_office: Office) -> None:
    """Kill -9 of one process is told with its status, and it comes back under another number."""
    with running(own_office, "--role", "keeper") as program:
        first = program.until("process.started", process="keeper")["pid"]
        os.kill(first, signal.SIGKILL)
        assert program.until("process.ended", process="keeper")["status"] == -signal.SIGKILL
        assert program.until("process.started", process="keeper")["pid"] != first
        assert program.stop() == 0


def test_no_crash_writes_the_memory_of_a_process_to_the_disk(own_office: Office) -> None:
    """Keys and opened messages lie there: no process of the program leaves a core, and none can ask for one."""
    with running(own_office, "--role", "keeper") as program:
        child = program.until("process.started", process="keeper")["pid"]
        for pid in (child, program.process.pid):
            limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
            (core,) = (line for line in limits.splitlines() if line.startswith("Max core file size"))
            assert core.split()[4:6] == ["0", "0"]
        assert program.stop() == 0


def test_children_end_with_a_killed_supervisor(own_office: Office) -> None:
    """When the supervisor is killed its children end by themselves, and the program can be run again."""
    with running(own_office, "--role", "keeper") as program:
        child = program.until("process.started", process="keeper")["pid"]
        program.process.kill()
        assert ended(child)
    with running(own_office, "--role", "keeper") as program:
        program.until("process.started", process="keeper")
        assert program.stop() == 0


def test_an_address_that_cannot_be_listened_on_ends_the_program_at_once(own_office: Office) -> None:
    """Where somebody listens already, or where this machine cannot, no process is started and one line says so."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        refused = rejent("run", own_office.directory, "--listen", address)
    assert refused.status == 1
    assert refused.line() == f"Somebody else listens on {address}: name another with --listen."
    assert (
        "can be served on 192.0.2.1:8000"
        in rejent("run", own_office.directory, "--role", "web", "--listen", "192.0.2.1:8000").line()
    )
    assert not list((own_office.directory / "run").glob("process-*.lock"))


def test_a_gateway_runs_where_the_office_says_it_listens_confined_and_with_a_certificate(
    own_office: Office,
) -> None:
    """Without the section it is refused with one line, and where somebody listens already too; confined, it can open no key."""
    assert "section [gateway]" in rejent("run", own_office.directory, "--role", "gateway").line()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with (own_office.directory / "rejent.toml").open("a", encoding="utf-8") as file:
            file.write(f'\n[gateway]\nlisten = "{address}"\nnames = ["localhost"]\n')
        assert "in section [gateway]" in rejent("run", own_office.directory, "--role", "gateway").line()
    with running(own_office, "--role", "gateway") as program:
        child = program.until("process.started", process="gateway")["pid"]
        program.until("gateway.listening")
        assert "NoNewPrivs:\t1" in Path(f"/proc/{child}/status").read_text(encoding="ascii")
        assert not [told for told in program.events if "confined" in told["event"]]
        assert program.stop() == 0
    assert (own_office.directory / "secrets" / "gateway.pem").stat().st_mode & 0o777 == 0o600


def test_parts_run_beside_each_other_but_not_twice(own_office: Office) -> None:
    """The web beside the keeper is two programs; everything beside the keeper is refused."""
    with running(own_office, "--role", "keeper") as keeper:
        keeper.until("process.started", process="keeper")
        assert "works in this folder" in rejent("run", own_office.directory).line()
        with running(own_office, "--role", "web", "--listen", f"127.0.0.1:{free_port()}") as web:
            web.until("web.listening")
            assert web.stop() == 0


def test_a_swapped_storage_folder_is_not_recorded_into(own_office: Office) -> None:
    """A vault of another installation, or none, stops the program at its start with one line."""
    identity = own_office.directory / "vault" / "identity.json"
    mark = identity.read_text(encoding="utf-8")
    identity.write_text(mark.replace('"volume": "', '"volume": "0'), encoding="utf-8")
    assert "another volume" in rejent("run", own_office.directory).line()
    identity.unlink()
    assert "no identity file" in rejent("run", own_office.directory).line()


def test_a_restored_database_is_noticed_and_accepted_by_a_person_alone(own_office: Office) -> None:
    """An older database stops the program until somebody vouches for it; that is an act in the ledger."""
    catalog = own_office.directory / "catalog" / "catalog.db"
    older = catalog.read_bytes()
    with running(own_office, "--listen", f"127.0.0.1:{free_port()}") as program:
        program.until("web.listening")
        assert program.stop() == 0
    for left in catalog.parent.iterdir():
        left.unlink()
    catalog.write_bytes(older)
    assert "older copy" in rejent("run", own_office.directory).line()
    assert own_office.run("restored", "--reason", "dysk wymieniony").status == 0
    with running(own_office, "--listen", f"127.0.0.1:{free_port()}") as program:
        program.until("web.listening")
        assert program.stop() == 0


@pytest.mark.parametrize(
    "listen", ["8000", "host:", ":80", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:http"]
)
def test_where_to_listen_must_be_host_and_port(tmp_path: Path, listen: str) -> None:
    """Anything else is refused before anything starts."""
    assert "--listen is not HOST:PORT" in rejent("run", tmp_path, "--listen", listen).line()
