"""The simulated PBX speaks as devices do: what it hands over is taken without a deviation, and two people speak in turn."""

import asyncio
import sys
from pathlib import Path

import pytest
import uvloop

from rejent.formats.sound.g711 import A_SILENCE, decoded
from rejent.kernel.clock import SystemClock
from rejent.streams.calls.catalog.announcement_wav import plain_wav
from rejent.streams.calls.practice.session import FRAME, SimulatedCall, hand_over
from rejent.streams.calls.practice.simulated.__main__ import main
from rejent.streams.calls.practice.voice import RATE, conversation
from rejent.streams.calls.receiving.siprec.events import Begun, DeviationNoted, Ended, EndReason, Profile
from tests.unit.streams_calls.test_siprec_server import HOST, Running
from tests.waiting import CEILING_S

SILENT = bytes([A_SILENCE])


def test_two_speak_in_turn_and_the_same_each_time() -> None:
    """Both legs last as long as the call, one is silent while the other speaks, and a seed gives one conversation."""
    near, far = conversation(12, 5)
    assert len(near) == len(far) == 12 * RATE
    assert all(SILENT[0] in pair for pair in zip(near, far, strict=True))
    assert min(len(leg) - leg.count(SILENT) for leg in (near, far)) > RATE
    assert conversation(12, 5) == (near, far)
    assert conversation(12, 6) != (near, far)


def test_it_is_as_loud_as_speech_and_never_clipped() -> None:
    """The loudest sample lies between a tenth of what G.711 can say and all of it."""
    samples = memoryview(decoded("PCMA", conversation(6, 1)[0])).cast("h")
    assert sys.byteorder == "little"
    assert 3276 < max(map(abs, samples)) < 32256


def test_a_call_is_handed_over_as_the_standard_says() -> None:
    """The recorder sees plain SIPREC, both numbers, one sender for each leg, and the end by BYE."""

    async def test() -> None:
        async with Running() as running:
            call = SimulatedCall("107770201", "105550100", conversation(0.1, 1))
            done = await hand_over(call, (HOST, running.server.port), SystemClock())
            assert (done.status, done.packets) == (200, 2 * (RATE // 10) // FRAME)
            (begun,) = (event for event in running.events if isinstance(event, Begun))
            assert begun.profile is Profile.STRICT
            senders = [begun.metadata.senders(label)[0].names[0][0] for label in ("1", "2")]
            assert [one.partition("@")[0] for one in senders] == ["sip:107770201", "sip:105550100"]
            assert [event for event in running.events if isinstance(event, DeviationNoted)] == []
            assert [event.reason for event in running.events if isinstance(event, Ended)] == [EndReason.BYE]

    uvloop.run(asyncio.wait_for(test(), CEILING_S))


def test_a_refusal_sends_nothing() -> None:
    """Where the recorder does not take the caller, not a packet is sent."""

    async def test() -> None:
        async with Running(allowed=("192.0.2.1",)) as running:
            call = SimulatedCall("107770201", "105550100", conversation(0.1, 1))
            done = await hand_over(call, (HOST, running.server.port), SystemClock())
            assert (done.status, done.packets) == (403, 0)

    uvloop.run(asyncio.wait_for(test(), CEILING_S))


def test_a_sound_of_another_rate_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the command that writes one that fits."""
    sounds = {"said.wav": plain_wav(bytes(16000)), "other.wav": b"RIFF" + bytes(100)}
    for name, content in sounds.items():
        (tmp_path / name).write_bytes(content)
    given = ["--to", "127.0.0.1:9", "--announcement", str(tmp_path / "said.wav"), "--clause"]
    for name in ("other.wav", "none.wav"):
        with pytest.raises(SystemExit):
            main([*given, str(tmp_path / name)])
        assert "rejent calls announcement export" in capsys.readouterr().err.splitlines()[-1]
