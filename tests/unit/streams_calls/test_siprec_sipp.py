"""Debian's sipp, a SIP implementation of others, is content with the recording server."""

import asyncio
from pathlib import Path

import pytest
import uvloop

from rejent.kernel.clock import SystemClock
from rejent.streams.calls.receiving.siprec.allowed_callers import AllowedCallers
from rejent.streams.calls.receiving.siprec.core import RecordingCore, Settings
from rejent.streams.calls.receiving.siprec.events import (
    Begun,
    Ended,
    EndReason,
    Profile,
    StreamAdded,
    StreamChanged,
    StreamPaused,
)
from rejent.streams.calls.receiving.siprec.server import Listening, RecordingServer
from tests.unit.streams_calls.caller import PortsOfTest, counted
from tests.waiting import CEILING_S

SCENARIOS = Path(__file__).parent / "sipp"
CALLS = 150

pytestmark = pytest.mark.sipp


async def sessions_by(transport, folder, scenario="siprec.xml"):
    """Let sipp open as many sessions as it takes, and give its verdict and what the server told."""
    events = []
    core = RecordingCore(Settings("127.0.0.1"), PortsOfTest(), counted())
    where = Listening("127.0.0.1", 0, connections_per_host=CALLS)
    server = RecordingServer(core, SystemClock(), AllowedCallers(["127.0.0.1"]), where, events.append)
    await server.start()
    command = ["sipp", f"127.0.0.1:{server.port}", "-i", "127.0.0.1", "-sf", str(SCENARIOS / scenario), "-t", transport, "-m", str(CALLS),
               "-l", str(CALLS), "-r", "50", "-nostdin", "-timeout", f"{CEILING_S:.0f}s", "-max_socket", "300"]  # fmt: skip
    running = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await running.communicate()
    await server.stop()
    return running.returncode, output.decode("utf-8", "replace"), events, server.dropped


@pytest.mark.parametrize("transport", ["u1", "t1", "tn"])
def test_a_hundred_and_fifty_sessions(transport, tmp_path):
    """All sessions begin, pause and end by BYE over UDP, one connection and one connection each."""
    verdict, output, events, dropped = uvloop.run(sessions_by(transport, tmp_path))
    assert verdict == 0, output[-2000:]
    assert sum(isinstance(one, Begun) for one in events) == CALLS
    assert sum(isinstance(one, StreamAdded) for one in events) == 2 * CALLS
    assert sum(isinstance(one, StreamPaused) for one in events) == 2 * CALLS
    assert [one.reason for one in events if isinstance(one, Ended)] == [EndReason.BYE] * CALLS
    assert not dropped


def test_a_bridge_that_offers_nothing(tmp_path):
    """Calls of Cisco's built-in bridge get our offer, and the codec of their answer counts."""
    verdict, output, events, dropped = uvloop.run(sessions_by("tn", tmp_path, "bridge.xml"))
    assert verdict == 0, output[-2000:]
    assert {one.profile for one in events if isinstance(one, Begun)} == {Profile.CISCO_BIB}
    chosen = [one.stream.media.formats[0].name for one in events if isinstance(one, StreamChanged)]
    assert chosen == ["G722"] * CALLS
    assert [one.reason for one in events if isinstance(one, Ended)] == [EndReason.BYE] * CALLS
    assert not dropped
