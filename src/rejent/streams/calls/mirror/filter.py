"""Which frames the kernel lets through to a mirror port's recorder: a program of its packet filter (bpf(4), classic form).

Speech may come to any port that was named in a message, so datagrams between unprivileged ports pass, and SIP's own ports,
also over TCP; fragments, tags within tags and extension headers pass too, and are looked at by us. What a mirrored office mostly
does, the Web and its mail, stays in the kernel.
"""

from collections.abc import Collection

from rejent.streams.calls.mirror.packets import IPV4, IPV6, TCP, UDP
from rejent.streams.calls.rtp.bpf import RETURN, Instruction

SMALLEST_PORT = 1024
"""Speech comes to ports from here on: no system gives unprivileged programs others."""
LONGEST_FRAME = 65_600
"""Bytes of a frame that pass; an interface that joins packets makes up to 64 KiB of them."""
_LOAD_BYTE, _LOAD_HALF, _LOAD_HALF_BEHIND, _SKIP_HEAD = 0x30, 0x28, 0x48, 0xB1
_EQUAL, _AT_LEAST, _ANY_BIT = 0x15, 0x35, 0x45


class _Program:
    """Instructions, whose jumps name labels until all of them are known."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, str, str, int]] = []
        self._labels: dict[str, int] = {}

    def add(self, code: int, number: int, yes: str = "", no: str = "") -> None:
        """One more instruction; jumps without a label go to the next one."""
        self._lines.append((code, yes, no, number))

    def label(self, name: str) -> None:
        """What follows is called so."""
        self._labels[name] = len(self._lines)

    def finished(self) -> list[Instruction]:
        """The program as the kernel takes it."""
        return [
            (code, self._jump(yes, place), self._jump(no, place), number)
            for place, (code, yes, no, number) in enumerate(self._lines)
        ]

    def _jump(self, label: str, place: int) -> int:
        return self._labels[label] - place - 1 if label else 0


def speech_or_sip(sip_ports: Collection[int]) -> list[Instruction]:
    """The program for these ports of SIP."""
    program = _Program()
    program.add(_LOAD_HALF, 12)
    for tag in (0x8100, 0x88A8, 0x9100):
        program.add(_EQUAL, tag, "take")
    program.add(_EQUAL, IPV6, "ipv6")
    program.add(_EQUAL, IPV4, "ipv4", "drop")
    program.label("ipv4")
    program.add(_LOAD_HALF, 20)
    program.add(_ANY_BIT, 0x3FFF, "take")
    program.add(_SKIP_HEAD, 14)
    program.add(_LOAD_BYTE, 23)
    program.add(_EQUAL, UDP, "udp4")
    program.add(_EQUAL, TCP, "", "drop")
    _ports(program, _LOAD_HALF_BEHIND, 14, sip_ports, speech=False)
    program.label("udp4")
    _ports(program, _LOAD_HALF_BEHIND, 14, sip_ports, speech=True)
    program.label("ipv6")
    program.add(_LOAD_BYTE, 20)
    program.add(_EQUAL, UDP, "udp6")
    for extension in (0, 43, 44, 51, 60):
        program.add(_EQUAL, extension, "take")
    program.add(_EQUAL, TCP, "", "drop")
    _ports(program, _LOAD_HALF, 54, sip_ports, speech=False)
    program.label("udp6")
    _ports(program, _LOAD_HALF, 54, sip_ports, speech=True)
    program.label("take")
    program.add(RETURN, LONGEST_FRAME)
    program.label("drop")
    program.add(RETURN, 0)
    return program.finished()


def _ports(program: _Program, load: int, at: int, sip_ports: Collection[int], *, speech: bool) -> None:
    """Take what comes from or goes to a port of SIP, and speech between ports that it may have; nothing else."""
    for place in (at + 2, at):
        program.add(load, place)
        for port in sip_ports:
            program.add(_EQUAL, port, "take")
    if not speech:
        program.add(RETURN, 0)
        return
    program.add(_AT_LEAST, SMALLEST_PORT, "", "drop")
    program.add(load, at + 2)
    program.add(_AT_LEAST, SMALLEST_PORT, "take", "drop")
