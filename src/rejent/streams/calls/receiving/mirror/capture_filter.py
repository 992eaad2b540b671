"""Kernel filter for mirror ports (classic bpf(4)).

Passes datagrams between unprivileged ports (any may carry RTP), SIP ports, fragments, nested tags and extension
headers; other TCP such as Web and mail is dropped.
"""

from collections.abc import Collection

from rejent.streams.calls.network.rtp.bpf import RETURN, Instruction
from rejent.streams.calls.receiving.mirror.frames import IPV4, IPV6, TCP, UDP

MIN_RTP_PORT = 1024
"""Lowest port of media: lower ones are privileged."""
MAX_FRAME = 65_600
"""Bytes of a frame that pass; offloading joins packets to 64 KiB."""
_LOAD_BYTE, _LOAD_HALF, _LOAD_HALF_BEHIND, _SKIP_HEAD = 0x30, 0x28, 0x48, 0xB1
_EQUAL, _AT_LEAST, _ANY_BIT = 0x15, 0x35, 0x45


class _Program:
    """A program with symbolic jump labels."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, str, str, int]] = []
        self._labels: dict[str, int] = {}

    def add(self, code: int, number: int, yes: str = "", no: str = "") -> None:
        """Append an instruction; a jump without label goes to the next one."""
        self._lines.append((code, yes, no, number))

    def label(self, name: str) -> None:
        """Define a label here."""
        self._labels[name] = len(self._lines)

    def finished(self) -> list[Instruction]:
        """Return the assembled program."""
        return [
            (code, self._jump(yes, place), self._jump(no, place), number)
            for place, (code, yes, no, number) in enumerate(self._lines)
        ]

    def _jump(self, label: str, place: int) -> int:
        return self._labels[label] - place - 1 if label else 0


def capture_program(sip_ports: Collection[int]) -> list[Instruction]:
    """Return the filter program for these SIP ports."""
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
    program.add(RETURN, MAX_FRAME)
    program.label("drop")
    program.add(RETURN, 0)
    return program.finished()


def _ports(program: _Program, load: int, at: int, sip_ports: Collection[int], *, speech: bool) -> None:
    """Pass SIP ports and, for ``speech``, pairs of unprivileged ports; drop the rest."""
    for place in (at + 2, at):
        program.add(load, place)
        for port in sip_ports:
            program.add(_EQUAL, port, "take")
    if not speech:
        program.add(RETURN, 0)
        return
    program.add(_AT_LEAST, MIN_RTP_PORT, "", "drop")
    program.add(load, at + 2)
    program.add(_AT_LEAST, MIN_RTP_PORT, "take", "drop")
