"""Costs of the parts of recording a call: counting a packet, sealing a fragment, an object, playing pieces.

One thread, no network: a call of two legs of G.711 is fed packets with synthetic instants. ``calls_rtp`` measures the
whole.

``python -m benchmarks.calls_parts [--seconds 240]``
"""

import argparse
import os
import random
import struct
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.calls_rtp import Books
from benchmarks.figures import row
from rejent.formats.fragment_index import Fragment
from rejent.formats.rtp.codecs import STATIC
from rejent.formats.source import BytesSource
from rejent.recording.contract import Cause, SegmentEnding, SegmentOpening, SegmentSink, SourceStatus
from rejent.streams.calls.player import sound as call_sound
from rejent.streams.calls.practice.voice import speech
from rejent.streams.calls.receiving.imported.excerpts import parts
from rejent.streams.calls.recorder.call_recording import CallRecording
from rejent.streams.calls.recorder.line import calls_sink
from rejent.vault.age import Identity, Recipient
from rejent.vault.store.disk import DiskStore

SECOND = 1_000_000_000
FRAME = SECOND // 50
START = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()) * SECOND
LEGS = ({8: STATIC[8]}, {8: STATIC[8]})
PIECE_S = 10
MOST_OF_A_CALL = 8 * 60


class Kept:
    """A sink that keeps its only object in memory."""

    def __init__(self) -> None:
        self.content = bytearray()

    def open_segment(self, opening: SegmentOpening) -> "Kept":
        """Begin."""
        self.content += opening.init
        return self

    def append(self, fragment: Fragment) -> None:
        """Keep a fragment."""
        for part in fragment.parts:
            self.content += part

    def close(self, ending: SegmentEnding) -> None:
        """Do nothing."""

    def discard(self) -> None:
        """Do nothing."""

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:
        """Do nothing."""

    def status(self, status: SourceStatus) -> None:
        """Do nothing."""

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """Do nothing."""


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seconds", type=int, default=MOST_OF_A_CALL, help="of the call; eight minutes at most"
    )
    seconds = min(parser.parse_args().seconds, MOST_OF_A_CALL)
    kept = Kept()
    taking, handing = fed(kept, seconds)
    packets = seconds * 100
    row("a packet counted and kept", f"{taking / packets * 1e6:.2f} us", "CPU")
    row("its share of a fragment put together", f"{handing / packets * 1e6:.2f} us")
    row(
        "beside the payload",
        f"{100 * (len(kept.content) / (packets * 160) - 1):.1f} %",
        "of an object's bytes",
    )
    sealed()
    content, start, end = bytes(kept.content), START, START + seconds * SECOND
    middle = START + seconds // 2 * SECOND
    wanted = (middle, middle + PIECE_S * SECOND)
    made = took(lambda: call_sound.piece([content], [start], wanted, 8000, [(start, end)]))
    row(
        f"a piece of {PIECE_S} s out of an object of {seconds} s",
        f"{made:.2f} s",
        f"CPU, {len(content):,} bytes",
    )
    row("its envelope and manifest", f"{took(lambda: call_sound.described(content, start)):.2f} s", "CPU")
    of_an_hour(start)
    return 0


def of_an_hour(start: int) -> None:
    """Print the cost of playing a WAV of an hour, both sides at 8 kHz and 16 bits, as an exchange leaves it."""
    length = 3600 * 32_000
    form = struct.pack("<HHIIHH", 1, 2, 8000, 32_000, 4, 16)
    head = b"RIFF" + (36 + length).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little") + form
    file = BytesSource(head + b"data" + length.to_bytes(4, "little") + os.urandom(length // 60) * 60)
    middle = (1800 * SECOND, (1800 + PIECE_S) * SECOND)

    def piece() -> None:
        near = list(parts(file, (middle[0] - 2 * SECOND, middle[1] + 2 * SECOND)))
        wanted = [start + edge for edge in middle]
        call_sound.piece(
            [each for _, each in near],
            [start + at for at, _ in near],
            wanted,
            8000,
            [(start, start + 3600 * SECOND)],
        )

    def envelope() -> None:
        for at, each in parts(file):
            call_sound.described(each, start + at)

    row(
        f"a piece of {PIECE_S} s out of a WAV of an hour", f"{took(piece):.2f} s", f"CPU, {file.size:,} bytes"
    )
    row("the envelope of that hour", f"{took(envelope):.2f} s", "CPU")


def fed(sink: SegmentSink, seconds: int) -> tuple[float, float]:
    """Record a call; return CPU seconds of taking its packets, and of handing fragments over."""
    chance = random.Random(1)  # noqa: S311 - which vowel comes next guards nothing
    voices = [
        speech(float(seconds), pitch, chance).ljust(seconds * 8000, b"\xd5") for pitch in (120.0, 190.0)
    ]
    call = CallRecording("line", sink, "00" * 16, LEGS, start=START)
    taking = handing = 0.0
    for first in range(0, seconds * 50, 5):
        batch = [datagrams(voices, number) for number in range(first, first + 5)]
        begun = time.process_time()
        for number, both in enumerate(batch, first):
            for leg, datagram in enumerate(both):
                call.take(leg, datagram, START + number * FRAME + leg)
        between = time.process_time()
        call.tick(START + (first + 5) * FRAME)
        taking += between - begun
        handing += time.process_time() - between
    call.finish(START + seconds * SECOND)
    return taking, handing


def datagrams(voices: list[bytes], number: int) -> list[bytes]:
    """Build one frame of both parties."""
    head = (number & 0xFFFF).to_bytes(2, "big") + (160 * number).to_bytes(4, "big")
    return [
        b"\x80\x08" + head + bytes([0, 0, 0, leg]) + voice[160 * number : 160 * (number + 1)]
        for leg, voice in enumerate(voices)
    ]


def sealed(calls: int = 200, fragments: int = 20) -> None:
    """Print the cost of a fragment and of an object made durable on the disk."""
    key = Identity.generate().recipient
    content = (os.urandom(8600),)

    def recipient_for(_source_id: str, _day: date) -> Recipient:
        return key

    def written(count: int) -> float:
        with tempfile.TemporaryDirectory() as folder:
            sink = calls_sink(DiskStore(Path(folder)), recipient_for, Books())
            begun = time.process_time()
            for _ in range(calls):
                one_call(sink, content, count)
            sink.close()
            return time.process_time() - begun

    few, many = written(1), written(fragments)
    each = (many - few) / calls / (fragments - 1)
    row(
        "a fragment of half a second sealed and made safe",
        f"{each * 1e6:.0f} us",
        "CPU, its companion included",
    )
    row("an object begun, ended, durable", f"{(few / calls - each) * 1e3:.2f} ms", "CPU")


def one_call(sink: SegmentSink, content: tuple[bytes, ...], fragments: int) -> None:
    """Write an object of so many fragments."""
    start = datetime(2026, 11, 20, 12, tzinfo=UTC)
    writer = sink.open_segment(
        SegmentOpening(
            source_id="line",
            day=start.date(),
            start=start,
            init=bytes(900),
            media_type="audio/x-matroska",
            tick_rate=1000,
            run=uuid.uuid4().hex,
            traits={"codec": "pcma", "width": 0, "height": 0},
        )
    )
    for number in range(fragments):
        writer.append(Fragment(content, 500 * number, 500, 50, key=True))
    end = start + timedelta(seconds=fragments / 2)
    writer.close(SegmentEnding(start, end, 500 * fragments, 50 * fragments))


def took(work: Callable[[], object]) -> float:
    """Return the seconds of CPU of this process and of the processes that it began and saw end."""
    begun = sum(os.times()[:4])
    work()
    return sum(os.times()[:4]) - begun


if __name__ == "__main__":
    sys.exit(main())
