"""Calls as they lie in the vault: what a killed recorder leaves, and what stock programs make of them."""

import json
import subprocess
import sys
from pathlib import Path

from rejent.formats.fragment_index import FragmentIndex
from rejent.formats.matroska.cutting import recover
from rejent.formats.matroska.reader import CallReader
from rejent.formats.rtp.account import SECOND
from rejent.streams.calls.recorder.call_recording import CallRecording
from rejent.streams.calls.recorder.line import TAIL_AFTER_S
from rejent.vault.age import Identity, SealedReader
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.object_store import Leftover
from rejent.vault.unfinished import recover_unfinished
from tests.unit.recording.sink_bench import SinkBench
from tests.unit.streams_calls.recording_bench import CALL, G711, feed, two_legs
from tests.unit.streams_calls.recording_victim import APART, spoken
from tests.unit.streams_calls.rtp_legs import FRAME, START

CALLS = 12


def test_a_sealed_call_opens_with_the_stock_program_and_gives_every_datagram(tmp_path: Path) -> None:
    """`age -d` gives a file in which ffprobe finds both legs and our reader every packet as it was sent."""
    (tmp_path / "vault").mkdir()
    bench = SinkBench(tmp_path / "vault", tail_after_s=TAIL_AFTER_S)
    sent = two_legs(12)
    call = CallRecording("line", bench.sink, CALL, (G711, G711), start=START)
    feed(call, sent)
    call.finish(sent[-1].arrival + FRAME)
    bench.sink.close()
    (booked,) = bench.ledger.segments_booked
    key, file = tmp_path / "key", tmp_path / "call.mka"
    key.write_text(bench.identity.text + "\n")
    sealed = tmp_path / "vault" / booked.object_name
    subprocess.run(["age", "-d", "-i", str(key), "-o", str(file), str(sealed)], check=True)
    assert list(CallReader(file.read_bytes()).packets()) == sent
    probe = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", str(file)]
    streams = json.loads(subprocess.run(probe, check=True, stdout=subprocess.PIPE).stdout)["streams"]
    assert [each.get("codec_name") for each in streams][:2] == ["pcm_alaw"] * 2
    assert (booked.opening.media_type, booked.ending.units) == ("audio/x-matroska", len(sent))


def test_a_killed_recorder_loses_less_than_a_second_of_each_call(tmp_path: Path) -> None:
    """After `kill -9` all that came up to a second before is there, bit by bit, wherever in a chunk the kill fell."""
    identity = Identity.generate()
    last = _killed(tmp_path, identity.recipient.text)
    store = DiskStore(tmp_path)
    names = sorted(each.name for each in store.unfinished() if each.kind is Leftover.PART)
    assert len(names) == CALLS
    lost = []
    for name in names:
        reader = CallReader(_left(store, name, identity))
        packets = list(reader.packets())
        for leg in (0, 1):
            found = [each for each in packets if each.leg == leg]
            assert [each.datagram for each in found] == [spoken(leg, number) for number in range(len(found))]
            assert [each.arrival - reader.start for each in found] == [
                number * FRAME for number in range(len(found))
            ]
            lost.append(last - found[-1].arrival)
    assert max(lost) <= SECOND, f"{max(lost) / SECOND:.2f} s"


def _killed(folder: Path, recipient: str) -> int:
    """Let a recorder run until all calls have filled a chunk, kill it; the arrival of the last packet it had before."""
    command = [
        sys.executable,
        "-m",
        "tests.unit.streams_calls.recording_victim",
        str(folder),
        recipient,
        str(CALLS),
    ]
    frames = CALLS * APART + 250
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout is not None
        lines = [victim.stdout.readline() for _ in range(frames)]
        victim.kill()
        rest = victim.stdout.read().split()
    return int((lines + rest)[-1])


def _left(store: DiskStore, name: str, identity: Identity) -> bytes:
    """What a keeper finds of an unfinished object."""
    recover_unfinished(store, name)
    with store.open(name) as sealed:
        reader = SealedReader(sealed, [identity], truncated=True, tails=store.open_companions(name))
        return reader.read(0, reader.size)


def test_a_call_that_is_discarded_leaves_nothing(tmp_path: Path) -> None:
    """Neither object nor companion is left of a call that turned out not to be recorded, whatever comes of it afterwards."""
    (tmp_path / "vault").mkdir()
    bench = SinkBench(tmp_path / "vault", tail_after_s=TAIL_AFTER_S)
    sent = two_legs(6)
    call = CallRecording("line", bench.sink, CALL, (G711, G711), start=START)
    feed(call, sent[:400])
    bench.sink.settle()
    assert list((tmp_path / "vault").rglob("*.tail"))
    call.discard()
    feed(call, sent[400:])
    call.finish(sent[-1].arrival + FRAME)
    bench.sink.close()
    assert not [each for each in (tmp_path / "vault").rglob("*") if each.is_file()]
    assert not bench.ledger.segments_booked


def test_what_is_mended_tells_where_its_clusters_lie_and_whose_it_is(tmp_path: Path) -> None:
    """The index of a mended object has every packet, ends where the object does, and its places follow one another."""
    (tmp_path / "vault").mkdir()
    bench = SinkBench(tmp_path / "vault", tail_after_s=TAIL_AFTER_S)
    sent = two_legs(4)
    call = CallRecording("line", bench.sink, CALL, (G711, G711), start=START)
    feed(call, sent)
    bench.sink.settle()
    (name,) = {each.name for each in bench.store.unfinished()}
    found = recover(_left(bench.store, name, bench.identity))
    index = FragmentIndex.decode(FragmentIndex(found.places).encode())
    assert index.units == found.packets
    assert (found.call, found.codecs) == (CALL, "pcma")
    assert index.places[-1].offset + index.places[-1].length == len(found.content)
    assert CallReader(found.content).manifest is not None
