"""The demo says at once what keeps it from starting."""

import socket
from contextlib import ExitStack, suppress
from pathlib import Path

from rejent.site.demo_command import CAMERAS
from tests.installation import free_port, rejent


def test_a_taken_port_is_told_before_anything_is_made(tmp_path: Path) -> None:
    """Where somebody listens already, the demo ends with one line and leaves no folder."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert address in rejent("demo", tmp_path / "demo", "--listen", address).line()
    assert list(tmp_path.iterdir()) == []


def test_taken_ports_of_the_cameras_are_told_too(tmp_path: Path) -> None:
    """Another demo's cameras stand in the way of this one's."""
    host, _, port = CAMERAS.rpartition(":")
    with ExitStack() as taken:
        with suppress(OSError):  # where somebody has it already it is taken as well
            taken.enter_context(socket.create_server((host, int(port))))
        done = rejent("demo", tmp_path / "demo", "--listen", f"127.0.0.1:{free_port()}")
    assert CAMERAS in done.line()
    assert list(tmp_path.iterdir()) == []
