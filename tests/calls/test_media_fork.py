"""What two real telephones say reaches the recorder bit by bit, forked by a real relay; tshark is the judge."""

import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from rejent.formats.rtp.packet import payload_bounds
from rejent.streams.calls.practice.drill.client import RecordingClient
from tests.calls.exchange import (
    ANOTHERS,
    CLOCK,
    OURS,
    Exchange,
    free_ports,
    heard,
    key_of,
    until,
)
from tests.calls.relayed import HOST, PORTS, Packet, Telephones, packets, watched
from tests.waiting import CEILING_S

pytestmark = [
    pytest.mark.sipp,
    pytest.mark.skipif(os.geteuid() != 0, reason="tshark needs the right to look on"),
]
FEWEST = 50
"""Packets that must be forked of each party; how many it says before that is the relay's affair, and this machine's."""


@pytest.fixture
def telephones(exchange: Exchange, tmp_path: Path) -> Iterator[tuple[Telephones, RecordingClient]]:
    """Two telephones whose calls are forked to the recorder."""
    first = free_ports(PORTS)
    client = RecordingClient((HOST, exchange.port), CLOCK, engine=(HOST, first + 1))
    with client.running(), Telephones(tmp_path, first, client.port, OURS).running() as ready:
        yield ready, client


def test_both_parties_arrive_bit_by_bit(
    exchange: Exchange, telephones: tuple[Telephones, RecordingClient], tmp_path: Path
) -> None:
    """Each packet that the relay forked is stored as tshark saw it, and is one that a telephone sent, without a hole."""
    ready, client = telephones
    looked = tmp_path / "seen.pcapng"
    spoken, stored_at = (ready.first + 40, ready.first + PORTS - 1), (exchange.port + 2, exchange.port + 41)
    with watched((min(spoken[0], stored_at[0]), max(spoken[1], stored_at[1])), looked):
        ready.call(ANOTHERS)
        assert client.handed(CEILING_S).recorded == 1
        until(exchange.objects)
    (ended,) = exchange.ended(1)
    assert ended[:4] == ("incoming", ANOTHERS, OURS, "bye")
    seen = packets(looked)
    stored = exchange.opened(exchange.objects()[0]["path"], key_of(exchange))
    for leg in (0, 1):
        kept = [_told(datagram) for datagram in heard(stored, leg)]
        ssrc = kept[0][0]
        assert kept == _of(seen, ssrc, stored_at)
        assert set(kept) <= set(
            _of(seen, ssrc, spoken)
        )  # two cores may show the onlooker two packets in either order
        numbers = sorted((sequence - kept[0][1]) % 65_536 for _, sequence, _ in kept)
        assert numbers == list(range(len(kept)))
        assert len(kept) > FEWEST


def _told(datagram: bytes) -> tuple[int, int, bytes]:
    bounds = payload_bounds(datagram, 0, len(datagram))
    assert bounds is not None
    sequence, _, ssrc = struct.unpack_from(">HII", datagram, 2)
    return ssrc, sequence, datagram[bounds[0] : bounds[1]]


def _of(seen: list[Packet], ssrc: int, ports: tuple[int, int]) -> list[tuple[int, int, bytes]]:
    return [
        (each.ssrc, each.sequence, each.payload)
        for each in seen
        if each.ssrc == ssrc and ports[0] <= each.port <= ports[1]
    ]
