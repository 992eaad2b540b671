"""The recording server answers over UDP, TCP and TLS, to those who may call and in bounds."""

import asyncio
import contextlib
import ssl

import pytest
import uvloop

from rejent.kernel.clock import SystemClock
from rejent.kernel.errors import InputRefusedError
from rejent.streams.calls.network.sip.message import read_message, write_message
from rejent.streams.calls.receiving.siprec.allowed_callers import AllowedCallers
from rejent.streams.calls.receiving.siprec.connection import tls_context
from rejent.streams.calls.receiving.siprec.core import RecordingCore, Settings
from rejent.streams.calls.receiving.siprec.events import Begun, Ended
from rejent.streams.calls.receiving.siprec.server import MAX_FORBIDDEN_CONNECTIONS, Listening, RecordingServer
from tests.certificates import Authority
from tests.unit.streams_calls.caller import Caller, PortsOfTest, counted, offer
from tests.unit.streams_calls.golden_invites import golden
from tests.waiting import CEILING_S

HOST = "127.0.0.1"


class Running:
    """A server on loopback, and what it told."""

    def __init__(self, allowed=("127.0.0.0/8",), **listening):
        self.events = []
        self.core = RecordingCore(Settings(HOST), PortsOfTest(), counted())
        where = Listening(HOST, 0, **listening)
        self.server = RecordingServer(
            self.core, SystemClock(), AllowedCallers(allowed), where, self.events.append
        )

    async def __aenter__(self):
        await self.server.start()
        return self

    async def __aexit__(self, *_):
        await self.server.stop()


class Datagrams(asyncio.DatagramProtocol):
    """What a caller receives by UDP."""

    def __init__(self):
        self.received = asyncio.Queue()

    def datagram_received(self, data, _addr):
        """Keep it until it is asked for."""
        self.received.put_nowait(data)

    async def until(self, words):
        """The next datagram with these words; others, repeated by a timer, are passed over."""
        while words not in (data := await self.received.get()):
            pass
        return data


async def udp(port):
    """A caller by UDP."""
    return await asyncio.get_running_loop().create_datagram_endpoint(Datagrams, remote_addr=(HOST, port))


async def answer_of(reader):
    """The next answer on a connection."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().rpartition(b"content-length:")[2].split()[0])
    return read_message(head + await reader.readexactly(length))


def run(test):
    """Run a test in uvloop, as the recorder does."""
    uvloop.run(asyncio.wait_for(test, CEILING_S))


def invite(call_id="c1", **extra):
    """The bytes of an INVITE."""
    return write_message(Caller(call_id=call_id).request("INVITE", offer("sendonly"), **extra))


@pytest.mark.parametrize("name", ["ribbon", "oracle", "cisco-cube"])
def test_udp(name):
    """An INVITE longer than 1,300 bytes is answered, and the session is told."""

    async def test():
        async with Running() as running:
            channel, caller = await udp(running.server.port)
            channel.sendto(golden(name))
            response = read_message(await caller.received.get())
            assert response.status == 200
            assert isinstance(running.events[0], Begun)
            assert running.events[0].source.host == HOST
            channel.close()

    run(test())


def test_the_loop_of_the_standard_library():
    """It runs in asyncio's own loop as well, and tells the caller when it stops."""

    async def test():
        async with Running() as running:
            channel, caller = await udp(running.server.port)
            channel.sendto(invite())
            assert read_message(await caller.received.get()).status == 200
            await running.server.stop()
            await caller.until(b"BYE sip:src@")
            assert isinstance(running.events[-1], Ended)
            channel.close()

    asyncio.run(asyncio.wait_for(test(), CEILING_S))


def test_repeated_by_its_timer():
    """An answer that is not confirmed is repeated by the server's own timer."""

    async def test():
        async with Running() as running:
            channel, caller = await udp(running.server.port)
            channel.sendto(invite())
            first = await caller.received.get()
            assert await caller.received.get() == first
            channel.close()

    run(test())


def test_tcp():
    """By TCP requests arrive in pieces or together, signs of life are answered, and order is kept."""

    async def test():
        async with Running() as running:
            reader, writer = await asyncio.open_connection(HOST, running.server.port)
            data = invite("c1") + b"\r\n\r\n" + invite("c2")
            writer.write(data[:100])
            await writer.drain()
            writer.write(data[100:])
            assert (await answer_of(reader)).call_id == "c1"
            assert await reader.readexactly(2) == b"\r\n"
            assert (await answer_of(reader)).call_id == "c2"
            assert running.core.sessions == 2
            writer.write(b"GARBAGE " * 10_000)
            with contextlib.suppress(ConnectionError):
                await reader.read()
            assert running.server.dropped["broken-stream"] == 1
            writer.close()

    run(test())


def test_a_message_that_is_too_long():
    """190 kB over a connection are answered with 513 and passed over; the next message on it is answered as any."""

    async def test():
        async with Running() as running:
            reader, writer = await asyncio.open_connection(HOST, running.server.port)
            head, _, _ = invite("c1").replace(b"\r\nContent-Length", b"\r\nX").partition(b"\r\n\r\n")
            writer.write(head + b"\r\nContent-Length: 190000\r\n\r\n")
            assert (await answer_of(reader)).status == 513
            for _ in range(19):
                writer.write(b"x" * 10_000)
                await writer.drain()
            writer.write(invite("c2"))
            answer = await answer_of(reader)
            assert (answer.call_id, answer.status, running.core.sessions) == ("c2", 200, 1)
            writer.close()

    run(test())


def test_who_may_not_call():
    """Those not listed get 403 by UDP and TCP, open nothing, and lose their connection."""

    async def test():
        async with Running(allowed=["192.0.2.0/24"]) as running:
            channel, caller = await udp(running.server.port)
            channel.sendto(b"nothing of SIP")
            channel.sendto(invite())
            assert read_message(await caller.received.get()).status == 403
            reader, writer = await asyncio.open_connection(HOST, running.server.port)
            writer.write(invite())
            assert (await answer_of(reader)).status == 403
            assert await reader.read() == b""
            assert running.events == []
            assert running.server.dropped["not-allowed"] == 3
            channel.close()
            writer.close()

    run(test())


def test_no_more_connections_than_the_limit():
    """A connection beyond those one host may have is closed at once."""

    async def test():
        async with Running(connections_per_host=1) as running:
            reader, writer = await asyncio.open_connection(HOST, running.server.port)
            writer.write(b"\r\n\r\n")
            assert await reader.readexactly(2) == b"\r\n"
            other, other_writer = await asyncio.open_connection(HOST, running.server.port)
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await other.readexactly(1)
            assert running.server.dropped["connection-limit"] == 1
            writer.close()
            other_writer.close()

    run(test())


def test_one_who_listens_and_fails():
    """A fault of one who takes events is counted, and callers notice nothing of it."""

    async def test():
        async with Running() as running:
            running.server._on_event = lambda event: event.nothing
            channel, caller = await udp(running.server.port)
            channel.sendto(invite())
            assert read_message(await caller.received.get()).status == 200
            assert running.server.dropped["fault"] == 3
            channel.close()

    run(test())


def test_strangers_keep_nobody_out():
    """Hosts that may not call hold few connections between them."""

    async def test():
        async with Running(allowed=["192.0.2.1"], connections=2) as running:
            channels = [await asyncio.open_connection(HOST, running.server.port) for _ in range(12)]
            with contextlib.suppress(ConnectionError):
                assert await channels[-1][0].read() == b""
            assert running.server.dropped["connection-limit"] == 4
            for _, writer in channels:
                writer.close()

    run(test())


@pytest.mark.parametrize(
    ("listens", "host"),
    [(True, HOST), (False, HOST), (True, f"{HOST}%nobody.invalid"), (False, "nobody.invalid")],
)
def test_a_caller_that_closed_its_connection(listens, host):
    """A BYE of ours finds a caller that closed its connection at the address in its Contact, if it listens there; no name is looked up."""

    async def test():
        found = asyncio.get_running_loop().create_future()

        async def called(reader, writer):
            found.set_result(await reader.readuntil(b"\r\n\r\n"))
            writer.close()

        async with Running() as running:
            there = await asyncio.start_server(called, HOST, 0)
            port = there.sockets[0].getsockname()[1]
            if not listens:
                there.close()
                await there.wait_closed()
            reader, writer = await asyncio.open_connection(HOST, running.server.port)
            writer.write(invite(contact=f"<sip:src@{host}:{port};transport=tcp>;+sip.src"))
            assert (await answer_of(reader)).status == 200
            running.server._connections[1].close()
            assert await reader.read() == b""
            writer.close()
            assert running.server.end(running.events[0].session)
            if listens:
                assert read_message(await found).method == "BYE"
                there.close()
            await running.server.stop()
            assert running.server.dropped["undeliverable"] == (0 if listens else 1)

    run(test())


def test_a_full_store():
    """While nothing can be stored new sessions are refused, and those that run are told to wait by a re-INVITE."""

    async def test():
        async with Running() as running:
            channel, caller = await udp(running.server.port)
            channel.sendto(invite())
            assert read_message(await caller.received.get()).status == 200
            running.server.accepting = False
            assert not running.server.accepting
            channel.sendto(invite("c2"))
            await caller.until(b"SIP/2.0 503")
            assert running.server.set_receiving(running.events[0].session, receiving=False)
            assert b"INVITE sip:src@" in await caller.until(b"a=inactive")
            channel.close()

    run(test())


def test_tls_with_and_without_a_certificate(tmp_path):
    """By TLS a caller with a certificate of the right authority is taken, and one without is not."""
    authority = Authority(tmp_path)
    recorder, sbc = authority.server("recorder"), authority.server("sbc")
    context = tls_context(recorder.certificate, recorder.key, authority.file)

    def of_client(*, known):
        client = ssl.create_default_context(cafile=authority.file)
        client.check_hostname = False
        if known:
            client.load_cert_chain(sbc.certificate, sbc.key)
        return client

    async def test():
        async with Running(tls_port=0, tls=context) as running:
            port = running.server.tls_port
            reader, writer = await asyncio.open_connection(HOST, port, ssl=of_client(known=True))
            writer.write(invite())
            response = await answer_of(reader)
            assert response.status == 200
            assert ";transport=tls" in response.headers.get("Contact")
            assert running.events[0].source.transport == "tls"
            writer.close()
            with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
                await first_octet(port, of_client(known=False))

    run(test())


@pytest.mark.parametrize(
    ("allowed", "bound"), [((), {}), (["127.0.0.0/8"], {"connections_per_host": MAX_FORBIDDEN_CONNECTIONS})]
)
def test_unfinished_handshakes_count(tmp_path, allowed, bound):
    """Of connections that agree on nothing a host has no more than of others: what is beyond is closed at once."""
    authority = Authority(tmp_path)
    recorder = authority.server("recorder")
    context = tls_context(recorder.certificate, recorder.key, authority.file)
    beyond = 12

    async def test():
        async with (
            Running(allowed, tls_port=0, tls=context, **bound) as running,
            asyncio.TaskGroup() as group,
        ):
            port = running.server.tls_port
            silent = [
                await asyncio.open_connection(HOST, port) for _ in range(MAX_FORBIDDEN_CONNECTIONS + beyond)
            ]
            waiting = {group.create_task(reader.read(1)) for reader, _ in silent}
            closed = set()
            while len(closed) < beyond:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                closed |= done
            assert {each.result() for each in closed} == {b""}
            assert (len(waiting), running.server.dropped["connection-limit"]) == (
                MAX_FORBIDDEN_CONNECTIONS,
                beyond,
            )
            for _, writer in silent:
                writer.close()

    run(test())


async def first_octet(port, context):
    """What a server says to a caller it does not know, if anything."""
    reader, _ = await asyncio.open_connection(HOST, port, ssl=context)
    return await reader.readexactly(1)


def test_networks():
    """Addresses and networks of both kinds are told apart, wrapped ones too; what is no address is refused."""
    allowed = AllowedCallers(["192.0.2.0/24", " 2001:db8::1 "])
    assert "192.0.2.77" in allowed
    assert "::ffff:192.0.2.77" in allowed
    assert "2001:db8::1" in allowed
    assert "198.51.100.1" not in allowed
    assert "nonsense" not in allowed
    with pytest.raises(InputRefusedError):
        AllowedCallers(["office"])


def test_a_port_that_is_taken():
    """A port another server listens at is refused when the server starts, not in silence."""

    async def test():
        async with Running() as running:
            where = Listening(HOST, running.server.port)
            second = RecordingServer(
                running.core, SystemClock(), AllowedCallers([HOST]), where, running.events.append
            )
            with pytest.raises(OSError, match="in use"):
                await second.start()

    run(test())
