"""The object of a call: every datagram comes out of it as it went in, and what it says of itself can be checked."""

import json
import random
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rejent.formats.errors import NoCallError
from rejent.formats.matroska import manifest
from rejent.formats.matroska.container import TICK
from rejent.formats.matroska.cutting import recover
from rejent.formats.matroska.reader import CallReader
from rejent.formats.matroska.rows import Packet
from rejent.formats.rtp.account import SECOND, GapCause
from rejent.formats.rtp.codecs import Codec
from rejent.recording.contract import GeneralCause
from rejent.streams.calls.recorder.call_recording import MAX_OBJECT, TRY_AGAIN
from tests.examples import examples
from tests.unit.streams_calls.recording_bench import (
    CALL,
    G711,
    KeepingSink,
    feed,
    lasts,
    recording,
    two_legs,
    whole_call,
)
from tests.unit.streams_calls.rtp_legs import FRAME, START, packet

OPUS = {111: Codec("OPUS", 48_000, 2)}
REPORT = bytes.fromhex("80c80006000000a0ed3b0a00000000000000000000000000") + bytes(4)


def test_what_was_sent_is_what_is_stored() -> None:
    """Every datagram of both legs comes back bit by bit, with its arrival to the nanosecond, in order."""
    sink, sent = whole_call()
    (kept,) = sink.objects
    assert list(kept.reader.packets()) == sent


def test_the_manifest_is_what_counting_anew_gives() -> None:
    """What the recorder counted while it ran is what the kept packets say."""
    sink, sent = whole_call()
    (kept,) = sink.objects
    told = kept.reader.manifest
    assert told is not None
    end = sent[-1].arrival + FRAME
    for number, leg in kept.reader.counted().items():
        assert (
            json.loads(json.dumps(manifest.leg_account(leg.account(end)))).items()
            <= told["legs"][number].items()
        )
    assert (told["call"], told["object"], told["final"], len(told["legs"])) == (CALL, 1, True, 2)
    assert told["legs"][0]["packets"] == {"speech": 250}


def test_heads_and_arrivals_cost_little() -> None:
    """Beside the payload a packet of speech takes less than 12 bytes."""
    sink, sent = whole_call(60)
    (kept,) = sink.objects
    payload = sum(len(each.datagram) - 12 for each in sent)
    assert len(kept.content) - payload < 12 * len(sent)


def test_fragments_follow_one_another_over_the_whole_call() -> None:
    """Fragments cover the call without holes, each half a second, so that a kill costs no more than that and a companion."""
    sink, sent = whole_call()
    (kept,) = sink.objects
    ends = [fragment.time + fragment.duration for fragment in kept.fragments]
    assert [fragment.time for fragment in kept.fragments] == [0, *ends[:-1]]
    assert max(fragment.duration for fragment in kept.fragments) * TICK <= SECOND // 2 + FRAME
    assert kept.ending is not None
    assert abs(lasts(kept) - (sent[-1].arrival + FRAME - START)) <= TICK
    assert (kept.ending.units, kept.ending.end) == (len(sent), manifest.instant(sent[-1].arrival + FRAME))


@settings(max_examples=examples(60))
@given(st.integers(0, 1 << 30), st.floats(0, 0.4))
def test_whatever_comes_in_whatever_order_comes_back(seed: int, odd: float) -> None:
    """Lost, late, repeated, foreign, padded, extended and unknown packets are all kept as they came."""
    chance = random.Random(seed)  # noqa: S311 - a test's own dice
    sink = KeepingSink()
    call = recording(sink, (G711, OPUS))
    sent: list[Packet] = []
    arrival = START
    for number in range(200):
        arrival += chance.randrange(FRAME)
        turn = number if chance.random() > odd else chance.randrange(200)
        datagram = packet(turn, 160 * turn, payload=chance.randbytes(160))
        if chance.random() < odd:
            datagram = _odd(chance, turn)
        sent.append(Packet(chance.randrange(2), arrival, datagram))
    feed(call, sent)
    call.finish(arrival)
    assert [each for kept in sink.objects for each in kept.reader.packets()] == sent


def _odd(chance: random.Random, turn: int) -> bytes:
    """A packet of one of the less usual forms."""
    plain = packet(turn, 160 * turn, payload=chance.randbytes(20), kind=chance.choice([0, 8, 77, 101, 111]))
    return chance.choice(
        [
            plain,
            packet(turn, 3, ssrc=chance.randrange(9)),
            bytes([0xA0]) + plain[1:] + b"\0\0\0\x04",
            bytes([0x91]) + plain[1:12] + bytes(4) + b"\xbe\xde\0\x01abcd" + plain[12:],
            packet(turn, 0, payload=b""),
            packet(turn, 160 * turn, marker=True),
        ]
    )


def test_messages_and_reports_are_kept_as_they_were() -> None:
    """SIP messages and the sender's own reports lie in the object, as bytes, with their instants."""
    sink = KeepingSink()
    call = recording(sink)
    call.note_message(b"INVITE sip:recorder SIP/2.0\r\n\r\n", START, received=True)
    feed(call, two_legs(1))
    call.take_control(0, REPORT, START + SECOND)
    call.note_message(b"SIP/2.0 200 OK\r\n\r\n", START + SECOND, received=False)
    call.finish(START + 2 * SECOND)
    reader = sink.objects[0].reader
    assert [(each.at, each.received) for each in reader.messages()] == [
        (START, True),
        (START + SECOND, False),
    ]
    assert reader.messages()[0].content == b"INVITE sip:recorder SIP/2.0\r\n\r\n"
    assert [each.datagram for each in reader.controls()] == [REPORT]
    assert reader.manifest is not None
    assert isinstance(reader.manifest["legs"][0]["clock_offset_s"], float)


def test_a_call_without_any_packet_is_an_object_all_the_same() -> None:
    """No sound at all is a fact of the call: told as a gap of both legs from beginning to end."""
    sink = KeepingSink()
    call = recording(sink)
    call.finish(START + 30 * SECOND)
    told = sink.objects[0].reader.manifest
    assert told is not None
    assert [gap["cause"] for leg in told["legs"] for gap in leg["gaps"]] == [GapCause.STOPPED] * 2


def test_a_pause_told_by_signalling_stands_in_the_manifest_and_in_what_is_counted_anew() -> None:
    """Hold and resume are events of the object."""
    sink = KeepingSink()
    call = recording(sink)
    feed(call, two_legs(1))
    call.pause(1, START + SECOND)
    call.resume(1, START + 9 * SECOND)
    call.finish(START + 9 * SECOND)
    gaps = sink.objects[0].reader.counted()[1].account(START + 9 * SECOND).gaps
    assert [(gap.cause, gap.end) for gap in gaps] == [(GapCause.PAUSED, START + 9 * SECOND)]


def test_a_long_call_goes_on_in_further_objects_without_a_packet_lost() -> None:
    """After eight minutes the next object begins; together they hold everything, and the last one is final."""
    sink, sent = whole_call(MAX_OBJECT / SECOND + 3)
    assert [each for kept in sink.objects for each in kept.reader.packets()] == sent
    told = [kept.reader.manifest or {} for kept in sink.objects]
    assert [(each["object"], each["final"]) for each in told] == [(1, False), (2, True)]
    assert {kept.opening.run for kept in sink.objects} == {CALL}


def test_no_object_reaches_over_local_midnight() -> None:
    """Each object dies with the day key of its own date."""
    start = manifest.nanoseconds(datetime(2026, 11, 21, 22, 59, 58, tzinfo=UTC))
    sink, sent = KeepingSink(), two_legs(4, start)
    call = recording(sink, start=start)
    feed(call, sent)
    call.finish(sent[-1].arrival)
    assert [str(kept.opening.day) for kept in sink.objects] == ["2026-11-21", "2026-11-22"]
    assert sink.objects[0].ending is not None
    assert (
        sink.objects[0].ending.end == sink.objects[1].opening.start == datetime(2026, 11, 21, 23, tzinfo=UTC)
    )
    assert [each for kept in sink.objects for each in kept.reader.packets()] == sent


def test_a_coding_settled_in_mid_call_gets_a_track() -> None:
    """A new offer with another coding begins a new object that has a track for it."""
    sink = KeepingSink()
    call = recording(sink)
    feed(call, two_legs(1))
    call.renegotiate(0, OPUS, START + SECOND)
    opus = [
        Packet(0, START + SECOND + n * FRAME, packet(n, 960 * n, kind=111, payload=b"o" * 60))
        for n in range(9)
    ]
    feed(call, opus)
    call.finish(START + 2 * SECOND)
    assert [kept.opening.traits["codec"] for kept in sink.objects] == ["pcma", "opus,pcma"]
    assert list(sink.objects[1].reader.packets()) == opus


def test_codings_that_change_before_anybody_speaks_leave_no_object_without_sound() -> None:
    """Offers that follow each other within a moment take back what holds nothing yet; messages stay, and objects are numbered without a hole."""
    sink = KeepingSink()
    call = recording(sink)
    call.note_message(b"INVITE", START, received=True)
    call.renegotiate(0, OPUS, START + SECOND // 1000)
    call.renegotiate(1, OPUS, START + 2 * SECOND // 1000)
    feed(call, two_legs(1))
    call.finish(START + 2 * SECOND)
    kept = [each for each in sink.objects if each.ending is not None]
    assert [each.reader.manifest["object"] for each in kept if each.reader.manifest] == [1]
    assert kept[0].ending is not None
    assert kept[0].ending.end - kept[0].ending.start > timedelta(seconds=1)
    assert [each.content for each in kept[0].reader.messages()] == [b"INVITE"]


def test_a_store_that_is_gone_in_mid_call_is_a_gap_and_the_call_goes_on_after_it() -> None:
    """What came meanwhile is counted as unstored; the gap has its cause, its start and its end."""
    sink, sent = KeepingSink(), two_legs(9)
    call = recording(sink)
    feed(call, [each for each in sent if each.arrival < START + 3 * SECOND])
    sink.gone = True
    feed(call, [each for each in sent if START + 3 * SECOND <= each.arrival < START + 6 * SECOND])
    sink.gone = False
    feed(call, [each for each in sent if each.arrival >= START + 6 * SECOND])
    call.finish(START + 9 * SECOND)
    (start, none, cause), (again, end, _) = sink.gaps
    assert (start, none, cause) == (again, None, GeneralCause.STORAGE_FAILED)
    assert manifest.instant(START + 2 * SECOND) < start <= manifest.instant(START + 3 * SECOND)
    assert end is not None
    assert end <= manifest.instant(START + 6 * SECOND + TRY_AGAIN)
    told = sink.objects[-1].reader.manifest
    assert told is not None
    assert told["legs"][0]["unstored"] > 100


@settings(max_examples=examples(60))
@given(st.data())
def test_an_object_cut_anywhere_gives_every_whole_cluster(data: st.DataObject) -> None:
    """Whatever a power cut leaves is read up to the last whole cluster; without a whole head it is no call."""
    sink, sent = whole_call(2)
    content = sink.objects[0].content
    cut = content[: data.draw(st.integers(0, len(content) - 1))]
    try:
        reader = CallReader(cut)
    except NoCallError:
        assert len(cut) < len(sink.objects[0].opening.init)
        return
    found = list(reader.packets())
    assert found == sent[: len(found)]
    assert reader.manifest is None
    assert reader.whole_length <= len(cut)


def test_what_was_cut_short_is_made_whole_with_a_manifest_counted_anew() -> None:
    """A keeper gets every whole cluster, a manifest that says it was recovered, and an object that is whole stays as it is."""
    sink, sent = whole_call(3)
    content = sink.objects[0].content
    made = recover(content[: len(content) * 2 // 3])
    reader = CallReader(made.content)
    assert list(reader.packets()) == sent[: made.packets]
    assert (reader.call, reader.number, made.start) == (CALL, 1, START)
    assert (made.end, made.lost > 0) == (sent[made.packets - 1].arrival, True)
    told = reader.manifest
    assert told is not None
    assert (told["recovered"], told["final"], told["legs"][0]["lost"]) == (True, False, 0)
    assert recover(made.content).content == made.content
    whole = recover(content)
    assert (whole.content, whole.start, whole.end) == (content, START, sent[-1].arrival)
    assert (whole.packets, whole.lost) == (len(sent), 0)


def test_an_object_without_a_whole_cluster_cannot_be_mended() -> None:
    """A head alone holds nothing of a call."""
    sink, _ = whole_call(1)
    with pytest.raises(NoCallError):
        recover(sink.objects[0].opening.init)


@settings(max_examples=examples(200))
@given(st.binary(max_size=300), st.integers(0, 2000))
def test_no_bytes_break_the_reader(noise: bytes, place: int) -> None:
    """Damaged content is read or refused, never more."""
    sink, _ = whole_call(1)
    content = bytearray(sink.objects[0].content)
    content[place : place + len(noise)] = noise
    try:
        found = list(CallReader(bytes(content)).packets())
    except NoCallError:
        return
    assert all(len(each.datagram) >= 0 for each in found)


def test_stock_programs_see_both_legs(tmp_path: Path) -> None:
    """Stock ffprobe finds a track of A-law a leg, and ffmpeg copies each leg's payload out byte for byte."""
    sink, sent = whole_call(3)
    file = tmp_path / "call.mka"
    file.write_bytes(sink.objects[0].content)
    told = json.loads(
        _ran("ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", str(file))
    )
    audio = [each for each in told["streams"] if each.get("codec_type") == "audio"]
    assert [(each["codec_name"], each["sample_rate"], each["channels"]) for each in audio] == [
        ("pcm_alaw", "8000", 1)
    ] * 2
    for leg in (0, 1):
        raw = _ran(
            "ffmpeg", "-v", "error", "-i", str(file), "-map", f"0:a:{leg}", "-c", "copy", "-f", "alaw", "-"
        )
        assert raw == b"".join(each.datagram[12:] for each in sent if each.leg == leg)


def _ran(*command: str) -> bytes:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL).stdout


def test_what_is_no_call_is_refused() -> None:
    """Other content is refused in one sentence."""
    with pytest.raises(NoCallError, match="no recorded call"):
        CallReader(b"RIFF....WAVE")
