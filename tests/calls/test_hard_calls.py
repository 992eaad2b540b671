"""Callers as they are not meant to be, on the running program: nothing sent, far too much sent, and a clock that steps under a call."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from rejent.streams.calls.practice.session import (
    RecordingSession,
    Speaker,
    query_status,
    recording_session,
)
from rejent.streams.calls.receiving.siprec.sdp import read_description
from tests.calls.exchange import (
    ANOTHERS,
    HOST,
    NAME,
    OURS,
    Exchange,
    free_ports,
    heard,
    key_of,
    until,
)
from tests.calls.pbx import CLOCK, Call
from tests.fault.test_clock_step import SystemClock
from tests.installation import CommandServer, another_office, running
from tests.unit.streams_calls.rtp_legs import packet

pytestmark = pytest.mark.sipp
LINES = 16
FLOOD = 3_000


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> SystemClock:
    """The civil clock of the program, which a test may step."""
    return SystemClock(tmp_path_factory.mktemp("clock"))


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory, clock: SystemClock) -> Iterator[Exchange]:
    """An office that records calls from outside, at work."""
    folder = tmp_path_factory.mktemp("hard")
    office = another_office(folder / "office", regulation="walbrzych-mops")
    first = free_ports(82)
    with (office.directory / "rejent.toml").open("a") as file:
        file.write(f"\n[calls]\nrtp_ports = [{first + 2}, {first + 81}]\n")
    command = CommandServer(office)
    line = ("--stream", "calls", "--name", NAME, "--siprec", f"{HOST}:{first}", "--numbers", "+48 74 841")
    assert command("source add", *line).status == 0
    assert command("keep", "--once").status == 0
    with running(office, "--role", "recorder", **clock.environment) as program:
        program.until("calls.listening")
        made = Exchange(office, program, command, first, folder)
        until(lambda: made.state() == ("recording", ""))
        yield made


def offer(lines: int) -> str:
    """A description of so many parties."""
    told = "".join(
        f"m=audio {40_000 + 2 * n} RTP/AVP 8\r\na=sendonly\r\na=label:{n}\r\n" for n in range(lines)
    )
    return f"v=0\r\no=s 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n{told}"


async def begun(session: RecordingSession, lines: int) -> list[int]:
    """The ports that a session of so many lines is given."""
    speakers = (Speaker("0", ANOTHERS), Speaker("1", OURS))
    answer = await session.begin(speakers, offer(lines), CLOCK, asyncio.Event())
    assert answer is not None
    assert answer.status == 200
    return [line.port for line in read_description(answer.body).media]


def over(exchange: Exchange) -> int:
    """How many calls have ended."""
    return len(exchange.rows("SELECT id FROM calls_call WHERE end IS NOT NULL"))


def segments(exchange: Exchange, call: str) -> list[dict[str, Any]]:
    """The objects of a call."""
    rows = exchange.rows("SELECT object_name, run FROM catalog_segment")
    names = {name for name, run in rows if run == call}
    return [each for each in exchange.objects() if any(each["path"].endswith(name) for name in names)]


def test_a_call_of_which_nothing_comes_is_a_call_all_the_same(exchange: Exchange) -> None:
    """Without a single packet the call is entered with its numbers, its end and an object that says so."""

    async def silent() -> None:
        async with recording_session((HOST, exchange.port)) as session:
            await begun(session, 2)
            await session.end()

    known = over(exchange)
    asyncio.run(silent())
    ended = exchange.ended(known + 1)[-1]
    assert ended[:4] == ("incoming", ANOTHERS, OURS, "bye")
    (stored,) = until(lambda: segments(exchange, ended[4]))
    reader = exchange.opened(stored["path"], key_of(exchange))
    assert list(reader.packets()) == []
    assert [message.content.split()[0] for message in reader.messages()] == [b"INVITE", b"BYE"]


def test_a_flood_on_open_ports_keeps_nobody_out(exchange: Exchange) -> None:
    """Of sixteen lines each is open to a flood of strangers and of its own sender: others are answered, strangers leave nothing."""
    ours = packet(0, 0, ssrc=0x77, payload=b"\x55" * 160)

    async def flooded() -> int:
        async with recording_session((HOST, exchange.port)) as session:
            ports = await begun(session, LINES)
            assert all(ports)
            assert len(set(ports)) == LINES
            with (
                socket.socket(type=socket.SOCK_DGRAM) as own,
                socket.socket(type=socket.SOCK_DGRAM) as strange,
            ):
                strange.bind(("127.0.0.2", 0))
                for number in range(FLOOD):
                    strange.sendto(
                        packet(number & 0xFFFF, 0, ssrc=0x66, payload=b"\xff" * 160),
                        (HOST, ports[number % LINES]),
                    )
                    strange.sendto(bytes(1400), (HOST, ports[0]))
                for port in ports:
                    own.sendto(ours, (HOST, port))
                status = await query_status((HOST, exchange.port), 5.0)
            await session.end()
        return status

    known = over(exchange)
    assert asyncio.run(flooded()) == 200
    ended = exchange.ended(known + 1)[-1]
    stored = until(lambda: segments(exchange, ended[4]))
    reader = exchange.opened(stored[0]["path"], key_of(exchange))
    assert {each.datagram for each in reader.packets()} <= {ours}
    assert len(list(reader.packets())) >= LINES // 2


def test_a_clock_that_steps_under_a_call(exchange: Exchange, clock: SystemClock) -> None:
    """The call goes on in the time it began in: no packet is lost, and it is as long as it was."""
    known = over(exchange)
    call = Call(exchange.port, exchange.folder / "stepped", (ANOTHERS, OURS), 6_000).answered()
    call.await_packets(50)
    clock.step(3600)
    assert float(exchange.program.until("clock.stepped", process="calls")["seconds"]) == pytest.approx(
        3600, abs=2
    )
    assert call.ended()
    last = exchange.ended(known + 1)[-1]
    (stored,) = until(lambda: segments(exchange, last[4]))
    begin, end = (datetime.fromisoformat(stored[name]) for name in ("start", "end"))
    assert timedelta(seconds=2) < end - begin < timedelta(minutes=20)
    reader = exchange.opened(stored["path"], key_of(exchange))
    assert [heard(reader, leg) for leg in (0, 1)] == [[each for each, _ in leg.sent] for leg in call.legs]
    clock.step(0)
    assert exchange.command("fsck").out == "Clean.\n"
