"""A call made audible: what came stands at its time, untouched where that can be, and silence where nothing came."""

import json
import math
import subprocess
from array import array
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import pytest

from rejent.formats.matroska.rows import Packet
from rejent.formats.rtp.account import SECOND
from rejent.formats.rtp.codecs import STATIC, Codec
from rejent.formats.sound.g711 import A_SAMPLES, MU_SAMPLES
from rejent.formats.sound.legs import CallSound, read_sound
from rejent.formats.sound.wav import leg_wav, stereo_wav
from tests.unit.streams_calls.recording_bench import G711, KeepingSink, feed, recording, two_legs
from tests.unit.streams_calls.rtp_legs import FRAME, START, packet, speech

HEAD = 58
"""Bytes of a WAV of coded samples before them: RIFF, fmt with its extension, fact, data."""
PLAIN_HEAD = 44


def heard(
    packets: Sequence[Packet], legs: Sequence[dict[int, Codec]] = (G711, G711), end: int = 0
) -> CallSound:
    """The sound of a call of these packets."""
    sink = KeepingSink()
    call = recording(sink, legs)
    feed(call, packets)
    call.finish(max(end, packets[-1].arrival))
    return read_sound(kept.reader for kept in sink.objects)


def on_one_leg(datagrams: Sequence[tuple[bytes, int]], leg: int = 0) -> list[Packet]:
    """Packets of one leg."""
    return [Packet(leg, at, datagram) for datagram, at in datagrams]


def test_a_leg_of_a_law_is_the_payload_as_it_came() -> None:
    """Without loss the samples of the file are the payloads, one behind the other, nothing decoded."""
    sent = list(speech(100, first=0))
    sound = heard(on_one_leg(sent))
    made = leg_wav(sound, sound.legs[0])
    assert made.as_received
    assert made.content[HEAD:] == b"".join(datagram[12:] for datagram, _ in sent)


def test_what_was_lost_is_silence_in_its_place() -> None:
    """Ten lost packets leave 200 ms of A-law silence, and what follows stands where it was said."""
    sent = list(speech(100, first=0))
    sound = heard(on_one_leg(sent[:40] + sent[50:]))
    samples = leg_wav(sound, sound.legs[0]).content[HEAD:]
    assert samples[40 * 160 : 50 * 160] == b"\xd5" * 1600
    assert samples[50 * 160 :] == b"".join(datagram[12:] for datagram, _ in sent[50:])


def test_a_late_packet_stands_where_it_was_said() -> None:
    """Packets that overtook one another are put back in order."""
    sent = list(speech(50, first=0))
    turned = [(sent[11][0], sent[10][1]), (sent[10][0], sent[11][1])]
    sound = heard(on_one_leg([*sent[:10], *turned, *sent[12:]]))
    assert leg_wav(sound, sound.legs[0]).content[HEAD:] == b"".join(datagram[12:] for datagram, _ in sent)


@pytest.mark.parametrize("media", [160 * 10, 160 * 10 + 5 * 8000])
def test_a_pause_lasts_in_the_file_as_long_as_it_lasted(media: int) -> None:
    """Whether the time stamps went on or stood still, five seconds of hold are five seconds of silence."""
    sent = list(speech(10, first=0))
    later = START + 10 * FRAME + 5 * SECOND
    sound = heard(on_one_leg([*sent, (packet(10, media, payload=b"\x11" * 160, marker=True), later)]))
    samples = leg_wav(sound, sound.legs[0]).content[HEAD:]
    assert samples[1600 : 1600 + 40_000] == b"\xd5" * 40_000
    assert samples[1600 + 40_000 :] == b"\x11" * 160


def test_a_sender_that_took_over_is_heard_from_its_first_packet() -> None:
    """The packets that had to wait until the new sender persisted are in the file."""
    sent = [*speech(10, first=0), *speech(10, first=700, start=START + 10 * FRAME, ssrc=9)]
    sound = heard(on_one_leg(sent))
    assert leg_wav(sound, sound.legs[0]).content[HEAD:] == b"".join(datagram[12:] for datagram, _ in sent)


@pytest.mark.parametrize(("every", "least"), [(1, 190), (4, 120)])
def test_whoever_changes_its_name_with_each_packet_is_heard(every: int, least: int) -> None:
    """Exchanges play such packets, so that whoever sends them spoke; none of them is heard twice, and none of a key that was pressed."""
    sent = [
        (
            packet(number, 160 * number, ssrc=1 + number // every, payload=bytes([number]) * 160),
            START + number * FRAME,
        )
        for number in range(200)
    ]
    key = packet(500, 0, ssrc=999, kind=101, payload=b"\x05\x0a\x00\xa0"), sent[50][1] + 1
    sound = heard(on_one_leg([*sent[:51], key, *sent[51:]]))
    payloads = [each.payload for each in sound.legs[0].payloads]
    assert len(payloads) == len(set(payloads)) >= least
    assert {*payloads} <= {datagram[12:] for datagram, _ in sent}


def test_a_stray_beside_whom_a_leg_follows_is_not_heard() -> None:
    """While the party speaks, packets of others are no speech of it."""
    sent = list(speech(100, first=0))
    strays = [
        (packet(number, 0, ssrc=700 + number, payload=b"\x11" * 160), sent[number][1] + 1)
        for number in range(99)
    ]
    sound = heard(on_one_leg(sorted([*sent, *strays], key=lambda each: each[1])))
    assert leg_wav(sound, sound.legs[0]).content[HEAD:] == b"".join(datagram[12:] for datagram, _ in sent)


def test_both_legs_stand_on_their_own_side_at_their_own_time() -> None:
    """A leg that begins a second later is silent for that second on its side only."""
    first = on_one_leg([(packet(n, 160 * n, payload=b"\x2a" * 160), START + n * FRAME) for n in range(100)])
    second = on_one_leg(
        [(packet(n, 160 * n, payload=b"\xaa" * 160), START + n * FRAME) for n in range(50, 100)], leg=1
    )
    sound = heard(sorted(first + second, key=lambda each: each.arrival))
    sides = array("h", stereo_wav(sound).content[PLAIN_HEAD:])
    assert set(sides[0::2]) == {A_SAMPLES[0x2A]}
    assert set(sides[1:16_000:2]) == {0}
    assert set(sides[16_001::2]) == {A_SAMPLES[0xAA]}


def test_a_changed_coding_is_decoded_piece_by_piece() -> None:
    """A-law that turns into mu-law cannot stay as it came; both are heard at their time."""
    a_law = [(packet(n, 160 * n, payload=b"\x2a" * 160), START + n * FRAME) for n in range(10)]
    mu_law = [(packet(n, 160 * n, kind=0, payload=b"\x10" * 160), START + n * FRAME) for n in range(10, 20)]
    sound = heard(on_one_leg([*a_law, *mu_law]), ({**G711, 0: STATIC[0]},))
    made = leg_wav(sound, sound.legs[0])
    samples = array("h", made.content[PLAIN_HEAD:])
    assert not made.as_received
    assert list(samples) == [A_SAMPLES[0x2A]] * 1600 + [MU_SAMPLES[0x10]] * 1600


@pytest.mark.parametrize(("name", "libav", "rate"), [("OPUS", "libopus", 48_000), ("G722", "g722", 16_000)])
def test_other_codings_are_decoded(name: str, libav: str, rate: int) -> None:
    """A tone that went through Opus or G.722 is as loud afterwards as it was, give or take a tenth."""
    clock = 48_000 if name == "OPUS" else 8000
    frames = [
        (packet(n, n * clock // 50, kind=111, payload=frame), START + n * FRAME)
        for n, frame in enumerate(_coded(libav, rate))
    ]
    sound = heard(on_one_leg(frames), ({111: Codec(name, clock)},))
    made = leg_wav(sound, sound.legs[0])
    samples = array("h", made.content[PLAIN_HEAD:])
    assert made.undecoded == ()
    assert max(samples[8000:16_000]) == pytest.approx(8000, rel=0.1)


def _coded(libav: str, rate: int) -> list[bytes]:
    """Two seconds of a tone of 500 Hz, in frames of 20 ms."""
    coder = av.CodecContext.create(libav, "w")
    coder.sample_rate, coder.layout, coder.format = rate, "mono", "s16"
    coder.time_base = Fraction(1, rate)
    period = [round(8000 * math.sin(place * math.tau * 500 / rate)) for place in range(rate // 500)]
    coded = []
    for number in range(100):
        tone = array("h", (period * 1000)[number * rate // 50 : (number + 1) * rate // 50])
        frame = av.AudioFrame(format="s16", layout="mono", samples=rate // 50)
        frame.sample_rate, frame.pts = rate, number * rate // 50
        frame.planes[0].update(tone.tobytes())
        coded += [bytes(each) for each in coder.encode(frame)]
    return coded


def test_what_cannot_be_decoded_is_silence_and_named() -> None:
    """An unknown coding leaves silence of its length, and the file says so."""
    sent = [(packet(n, 160 * n, kind=99), START + n * FRAME) for n in range(10)]
    sound = heard(on_one_leg(sent), ({99: Codec("EVS", 16_000)},))
    made = leg_wav(sound, sound.legs[0])
    assert made.undecoded == ("EVS",)
    assert set(made.content[PLAIN_HEAD:]) == {0}


def test_every_code_of_g711_is_decoded_as_ffmpeg_decodes_it() -> None:
    """Our tables and libav agree on all 256 codes of both laws."""
    for name, samples in (("alaw", A_SAMPLES), ("mulaw", MU_SAMPLES)):
        command = ["ffmpeg", "-v", "error", "-f", name, "-ar", "8000", "-i", "-", "-f", "s16le", "-"]
        raw = subprocess.run(command, input=bytes(range(256)), check=True, stdout=subprocess.PIPE).stdout
        assert list(array("h", raw)) == samples


def test_stock_programs_play_what_is_derived(tmp_path: Path) -> None:
    """Ffprobe finds A-law of the call's length in a leg, and two channels in the stereo view."""
    sound = heard(two_legs(3))
    told = [_probed(tmp_path / "leg.wav", leg_wav(sound, sound.legs[1]).content)]
    told.append(_probed(tmp_path / "both.wav", stereo_wav(sound).content))
    assert [(each["codec_name"], each["channels"]) for each in told] == [("pcm_alaw", 1), ("pcm_s16le", 2)]
    assert all(abs(float(each["duration"]) - 3) < 0.05 for each in told)


def _probed(file: Path, content: bytes) -> dict[str, str | int]:
    file.write_bytes(content)
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", str(file)]
    told: dict[str, str | int] = json.loads(
        subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    )["streams"][0]
    return told
