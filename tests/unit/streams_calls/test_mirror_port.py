"""A mirror port of this machine's kernel: what comes in at a real interface, when, and what found no room."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rejent.kernel.clock import SystemClock
from rejent.recording.contract import Cause, GeneralCause
from rejent.streams.calls.catalog.lines.addresses import MirrorLine
from rejent.streams.calls.catalog.lines.parts import LineCause
from rejent.streams.calls.receiving.mirror.capture import (
    MirrorError,
    MirrorForbiddenError,
    MirrorPort,
    NoInterfaceError,
)
from rejent.streams.calls.receiving.mirror.mirror_recorder import MirrorRecorder
from rejent.streams.calls.recorder.line import Line, LineOrder, RefusedNumbers
from tests import waiting
from tests.networks import may_make_networks
from tests.unit.streams_calls.mirror_traffic import (
    ALICE,
    BOB,
    Call,
    KeepingLineSink,
    KeptBooks,
    framed,
    tcp,
    udp,
)

pytestmark = pytest.mark.skipif(not may_make_networks(), reason="needs the right to make networks")


class Wire:
    """A cable between two interfaces of this machine: frames go in at one end and come out at the other."""

    def __init__(self, number: int) -> None:
        self.far, self.near = f"rjf{number}", f"rjn{number}"
        ip("link", "add", self.far, "type", "veth", "peer", "name", self.near)
        for end in (self.far, self.near):
            ip("link", "set", end, "addrgenmode", "none")  # or the kernel itself sends frames of IPv6
            ip("link", "set", end, "up")
        self._out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._out.bind((self.far, 0))

    def send(self, *frames: bytes) -> None:
        """Put frames on the wire."""
        for frame in frames:
            self._out.send(frame.ljust(60, b"\0"))

    def close(self) -> None:
        """Take the cable away."""
        self._out.close()
        subprocess.run(["ip", "link", "del", self.far], check=False, capture_output=True)


def ip(*arguments: str) -> None:
    """Set the network up."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A cable."""
    made = Wire(os.getpid() % 100_000)
    yield made
    made.close()


def read(port: MirrorPort, count: int) -> list[tuple[bytes, int]]:
    """The frames that come, so many of them at least."""
    found: list[tuple[bytes, int]] = []

    def enough() -> bool:
        port.read(lambda frame, at: found.append((frame, at)))
        return len(found) >= count

    waiting.until(enough)
    return found


def test_speech_and_signalling_pass_the_filter(wire: Wire) -> None:
    """SIP's ports, ports that speech may have, fragments and tagged frames come out whole; the Web, mail and names stay outside."""
    port = MirrorPort(wire.near, (5060, 5080), blocks=4)
    far = (BOB, 443)
    wanted = [
        framed(udp((ALICE, 5060), (BOB, 5060), b"INVITE")),
        framed(udp((ALICE, 600), (BOB, 5080), b"INVITE")),
        framed(udp((ALICE, 30_000), (BOB, 40_000), b"speech")),
        framed(tcp((ALICE, 40_000), (BOB, 5060), 1, b"INVITE")),
        framed(tcp((ALICE, 5080), (BOB, 40_000), 1, b"SIP/2.0")),
        framed(udp((ALICE, 30_000), (BOB, 40_000), b"tagged"), (0x88A8, 0x8100)),
        framed(udp(("2001:db8::1", 30_000), ("2001:db8::2", 40_000), b"speech")),
        framed(tcp(("2001:db8::1", 40_000), ("2001:db8::2", 5060), 1, b"INVITE")),
    ]
    unwanted = [framed(udp((ALICE, 30_000), far, b"quic")), framed(udp((ALICE, 53), (BOB, 40_000), b"name"))]
    unwanted += [
        framed(tcp((ALICE, 30_000), far, 1, b"web")),
        framed(udp(("2001:db8::1", 53), ("2001:db8::2", 3000), b"name")),
    ]
    unwanted += [b"\xff" * 12 + b"\x08\x06" + bytes(46)]
    wire.send(*unwanted, *wanted, *unwanted, wanted[0])
    found = [frame.rstrip(b"\0") for frame, _ in read(port, len(wanted) + 1) if frame[:6] == wanted[0][:6]]
    port.close()
    inner = [each.rstrip(b"\0") for each in wanted]
    inner[5] = inner[5][:12] + inner[5][16:]  # the kernel takes the outer tag off
    assert found == [*inner, inner[0]]


def test_frames_bear_the_time_of_their_arrival(wire: Wire) -> None:
    """The kernel's stamps lie between what the clock said before and after, in order."""
    clock, port = SystemClock(), MirrorPort(wire.near, (5060,), blocks=4)
    before = clock.now().timestamp()
    wire.send(*(framed(udp((ALICE, 30_000), (BOB, 40_000), bytes([number]))) for number in range(5)))
    stamps = [at / 1e9 for frame, at in read(port, 5)]
    assert before <= stamps[0] <= stamps[-1] <= clock.now().timestamp()
    assert stamps == sorted(stamps)
    port.close()


def test_what_found_no_room_is_counted(wire: Wire) -> None:
    """While nobody reads, the ring fills; every further frame is counted, none is counted twice."""
    port = MirrorPort(wire.near, (5060,), blocks=2, block=1 << 16)
    frame = framed(udp((ALICE, 30_000), (BOB, 40_000), bytes(172)))
    wire.send(*[frame] * 2000)
    found: list[bytes] = []

    def all_seen() -> bool:
        port.read(lambda each, _: found.append(each))
        port.count()
        return len(found) + port.dropped >= max(port.frames, 2000)

    waiting.until(all_seen)
    assert len(found) + port.dropped == port.frames
    assert 0 < found.count(frame) < 2000
    assert port.count() == 0
    wire.send(frame)
    assert len(read(port, 1)) == 1
    port.close()


def test_who_may_not_look_is_told_so() -> None:
    """A process that gave the right up gets one clear line, and cannot get it back."""
    script = (
        "from rejent.kernel.process import drop_net_raw\n"
        "from tests.networks import has_net_raw\n"
        "from rejent.streams.calls.receiving.mirror.capture import MirrorPort\n"
        "drop_net_raw()\n"
        "assert not has_net_raw()\n"
        "try:\n    MirrorPort('lo', (5060,))\n"
        "except Exception as error:\n    print(type(error).__name__, error, error.advice)\n"
        "import subprocess, sys\n"
        "inner = 'from tests.networks import has_net_raw as may; print(may())'\n"
        "subprocess.run([sys.executable, '-c', inner])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    first, *rest = done.stdout.splitlines()
    assert first.startswith(
        f"{MirrorForbiddenError.__name__} The program may not look at the mirror port at lo."
    )
    assert "CAP_NET_RAW" in first
    assert rest == ["False"]


def test_an_interface_that_is_not_there_or_down(wire: Wire) -> None:
    """Both are said in the same way, at once."""
    with pytest.raises(NoInterfaceError):
        MirrorPort("rj-no-such", (5060,))
    ip("link", "set", wire.near, "down")
    with pytest.raises(NoInterfaceError):
        MirrorPort(wire.near, (5060,))


@pytest.mark.skipif(not Path("/dev/net/tun").exists(), reason="needs tunnels")
def test_an_interface_that_is_no_ethernet() -> None:
    """A tunnel of packets without frames is refused, rather than misread."""
    name = f"rjt{os.getpid() % 100_000}"
    ip("tuntap", "add", name, "mode", "tun")
    try:
        ip("link", "set", name, "up")
        with pytest.raises(MirrorError, match="eprotonosupport"):
            MirrorPort(name, (5060,))
    finally:
        ip("tuntap", "del", name, "mode", "tun")


def test_a_line_whose_cable_is_pulled_has_a_gap(wire: Wire) -> None:
    """A line behind a port without a cable is hindered until the cable is back; its calls are recorded again then."""
    sink, books, clock = KeepingLineSink(), KeptBooks(), SystemClock()
    watch = MirrorRecorder(wire.near, clock, books, RefusedNumbers())
    order = LineOrder("line", MirrorLine(numbers=("+4810123",), interface=wire.near), frozenset({"incoming"}))
    line = Line(order, sink, watch.now)
    watch.add(line)

    def until(cause: Cause) -> None:
        waiting.until(lambda: sink.statuses and sink.statuses[-1].cause is cause)

    ip("link", "set", wire.far, "down")
    until(LineCause.UNPLUGGED)
    ip("link", "set", wire.near, "down")
    until(LineCause.CANNOT_WATCH)
    for end in (wire.near, wire.far):
        ip("link", "set", end, "up")
    until(GeneralCause.NONE)
    call = Call()
    wire.send(call.sip(call.invite()), call.sip(call.ok(), 1), *call.both(20), call.sip(call.request("BYE")))
    waiting.until(lambda: books.ended)
    watch.close()
    assert [why for _, _, why in books.ended] == ["bye"]
    kept = [each.datagram for each in sink.objects[0].reader.packets() if each.leg == 0]
    assert kept == call.spoken[0]
    assert [cause for _, end, cause in sink.gaps if end is None] == [
        LineCause.UNPLUGGED,
        LineCause.CANNOT_WATCH,
    ]
    assert [cause for _, end, cause in sink.gaps if end is not None] == [LineCause.CANNOT_WATCH]
