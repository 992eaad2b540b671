"""Whatever the program makes is its user's alone."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import new_office, running
from tests.ports import free_port
from tests.waiting import until


@pytest.fixture
def open_umask() -> Iterator[None]:
    """The most generous umask there is, as a careless service file may leave it."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_nothing_of_an_installation_is_for_others(tmp_path: Path) -> None:
    """After a run no file, folder or socket of the installation gives group or others any right."""
    office = new_office(tmp_path / "office")
    office.add_camera("Hol", "rtsp://127.0.0.1:9/hol")
    socket = office.directory / "run" / "live-0.sock"
    sockets = 0
    with running(office, "--listen", f"127.0.0.1:{free_port()}") as program:
        program.until("web.listening")
        until(socket.exists)
        sockets = stat.S_IMODE(socket.lstat().st_mode) & 0o077
        assert program.stop() == 0
    assert office.run("keep", "--once").status == 0
    assert sockets == 0
    found = [office.directory, *office.directory.rglob("*")]
    assert len(found) > 20
    assert not [
        str(path) for path in found if not path.is_symlink() and stat.S_IMODE(path.lstat().st_mode) & 0o077
    ]
