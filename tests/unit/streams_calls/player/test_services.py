"""Pieces of a call as a browser plays them, made in a child: exact in length, silent where nothing may be opened."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import av
import pytest

from rejent.content.errors import UndecodableError
from rejent.formats.matroska.manifest import nanoseconds
from rejent.formats.matroska.reader import CallReader
from rejent.formats.matroska.rows import Packet
from rejent.formats.rtp.codecs import STATIC
from rejent.formats.source import BytesSource
from rejent.kernel.clock import SystemClock
from rejent.kernel.intervals import Interval
from rejent.streams.calls.player import services as calls
from rejent.streams.calls.player import sound as call_sound
from rejent.streams.calls.player.errors import SoundError
from rejent.streams.calls.player.services import LEVELS_A_SECOND, legs_of, rate_of, sound_piece
from rejent.streams.calls.player.workshop import SoundWorkshop
from tests.spoken_call import recorded
from tests.unit.streams_calls.recording_bench import KeepingSink, feed
from tests.unit.streams_calls.recording_bench import recording as begun
from tests.unit.streams_calls.rtp_legs import FRAME, packet
from tests.unit.streams_calls.rtp_legs import START as TONES

START = datetime(2026, 11, 21, 11, tzinfo=UTC)
BEGIN = nanoseconds(START)
SECOND = 1_000_000_000
SECONDS = 12


@pytest.fixture(scope="module")
def content() -> bytes:
    """A call of twelve seconds."""
    (kept,) = recorded("0c" * 16, START, SECONDS)
    return kept.content


@pytest.fixture(scope="module")
def workshop() -> Iterator[SoundWorkshop]:
    """Children that decode."""
    made = SoundWorkshop(SystemClock())
    yield made
    made.close()


def heard(piece: bytes) -> tuple[list[int], list[int], int]:
    """Both sides of a piece as samples, and their rate."""
    left: list[int] = []
    right: list[int] = []
    with av.open(io.BytesIO(piece)) as file:
        rate = file.streams.audio[0].rate
        for frame in file.decode(audio=0):
            both = frame.to_ndarray().flatten().tolist()
            left += both[0::2]
            right += both[1::2]
    return left, right, rate


def test_a_piece_is_exactly_as_long_as_was_asked_for(content: bytes, workshop: SoundWorkshop) -> None:
    """The first party left, the second right, each in its turn; lossless at the rate of the call."""
    whole = [(BEGIN, BEGIN + SECONDS * SECOND)]
    left, right, rate = heard(
        workshop.sound_piece([content], [BEGIN], (BEGIN, BEGIN + 4 * SECOND), 8000, whole)
    )
    assert (len(left), len(right), rate) == (32_000, 32_000, 8000)
    assert max(left[:15_000]) > 1000 > max(right[:15_000])
    assert max(right[17_000:]) > 1000 > max(left[17_000:])


def test_pieces_fit_together_without_a_seam(content: bytes) -> None:
    """Two pieces are, sample by sample, the one that spans both."""
    whole = [(BEGIN, BEGIN + SECONDS * SECOND)]
    bounds = ((1, 2), (2, 3), (1, 3))
    parts = [
        heard(call_sound.piece([content], [BEGIN], (BEGIN + a * SECOND, BEGIN + b * SECOND), 8000, whole))[0]
        for a, b in bounds
    ]
    assert parts[0] + parts[1] == parts[2]


def test_what_may_not_be_opened_is_silence(content: bytes) -> None:
    """Of an interval only the readable part is heard; the rest keeps its length."""
    readable = [(BEGIN, BEGIN + SECOND)]
    left, _, _ = heard(call_sound.piece([content], [BEGIN], (BEGIN, BEGIN + 2 * SECOND), 8000, readable))
    assert len(left) == 16_000
    assert max(left[:8000]) > 1000 > max(map(abs, left[8200:]))


def test_an_object_tells_its_envelopes_and_what_is_missing(
    content: bytes, workshop: SoundWorkshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loud while a party speaks; the lost packets and the pause with their causes."""
    monkeypatch.setattr(calls, "workshop", lambda: workshop)
    segment: Any = SimpleNamespace(start=START, run=CallReader(content).call)
    first, second = legs_of([segment], lambda _: BytesSource(content))
    assert (first.codecs, first.lost, first.undecoded) == (("PCMA",), 50, ())
    (part,) = first.parts
    assert min(part.levels[5:LEVELS_A_SECOND]) > 100
    assert max(part.levels[2 * LEVELS_A_SECOND + 2 : 4 * LEVELS_A_SECOND - 2]) < 60
    (lost,) = [gap for gap in first.gaps if gap.cause == "lost"]
    assert lost.packets == 50
    (paused,) = [gap for gap in second.gaps if gap.cause == "paused"]
    assert paused.interval.start == START + timedelta(seconds=8)


def test_a_wide_coding_is_heard_at_its_rate() -> None:
    """G.722 is decoded by libav, at 16 kHz; its pieces have their length all the same."""
    sink = KeepingSink()
    call = begun(sink, [{9: STATIC[9]}])
    tones = [
        packet(n, 160 * n, kind=9, payload=bytes((n * 7 + k * 13) & 0xFF for k in range(160)))
        for n in range(100)
    ]
    feed(call, [Packet(0, TONES + number * FRAME, tone) for number, tone in enumerate(tones)])
    call.finish(TONES + 2 * SECOND)
    whole = [(TONES, TONES + 2 * SECOND)]
    left, right, rate = heard(
        call_sound.piece([sink.objects[0].content], [TONES], (TONES, TONES + SECOND), 16_000, whole)
    )
    assert (len(left), rate) == (16_000, 16_000)
    assert left == right
    assert max(left) > 100


def test_what_is_no_call_is_refused(workshop: SoundWorkshop) -> None:
    """Neither in the child nor beyond it does anything else than the refusal come out; the child goes on."""
    for content in (b"", b"\x1a\x45\xdf\xa3" + bytes(100), b"RIFF" * 40):
        with pytest.raises(UndecodableError):
            call_sound.described(content, BEGIN)
        with pytest.raises(SoundError):
            workshop.sound_piece([content], [BEGIN], (BEGIN, BEGIN + SECOND), 8000, [(BEGIN, BEGIN + SECOND)])


def test_nothing_is_made_of_no_object() -> None:
    """Where nothing was recorded there is nothing to hear, and it is said."""
    wanted = Interval(START, START + timedelta(seconds=1))
    with pytest.raises(SoundError):
        sound_piece([], wanted, [wanted], lambda _: BytesSource(b""), rate=rate_of([]))
