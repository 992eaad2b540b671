"""From the wire to the vault: what two parties send to real ports is what the stock program gives back."""

import socket
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

from rejent.formats.matroska.reader import CallReader
from rejent.formats.rtp.account import SECOND
from rejent.kernel.clock import SystemClock
from rejent.recording.steady_time import SteadyTime
from rejent.streams.calls.network.rtp.incoming_stream import IncomingStream
from rejent.streams.calls.network.rtp.ports import PortPairs
from rejent.streams.calls.network.rtp.receiver import Receiver
from rejent.streams.calls.network.rtp.source_lock import SourceLock
from rejent.streams.calls.recorder.call_recording import CallRecording
from rejent.streams.calls.recorder.line import calls_sink
from rejent.vault.age import Identity, Recipient
from rejent.vault.store.disk import DiskStore
from tests.unit.recording.sink_bench import Ledger
from tests.unit.streams_calls.recording_bench import CALL, G711
from tests.unit.streams_calls.rtp_legs import packet
from tests.unit.streams_calls.test_rtp_receiver import HOST, free_range

COUNT = 40


def test_what_is_sent_is_what_the_stock_program_gives_back(tmp_path: Path) -> None:
    """Datagrams of both legs, an event among them, come out of `age -d` bit by bit, with the instants at which they were sent."""
    identity, clock, ledger = Identity.generate(), SystemClock(), Ledger()

    def recipient_for(_source_id: str, _day: date) -> Recipient:
        return identity.recipient

    (tmp_path / "vault").mkdir()
    sink = calls_sink(DiskStore(tmp_path / "vault"), recipient_for, ledger)
    pairs = PortPairs(HOST, *free_range(), clock)
    receiver = Receiver(SteadyTime(clock), pairs)
    streams = [IncomingStream(leg, pairs.take(), SourceLock(HOST)) for leg in (0, 1)]
    recording = CallRecording("line", sink, CALL, (G711, G711), start=receiver.now())
    call = receiver.begin(recording, streams)
    begun = datetime.now(UTC)
    sent = {stream.leg: _spoken(stream) for stream in streams}
    receiver.turn()
    ended = datetime.now(UTC)
    receiver.end(call)
    receiver.close()
    sink.close()
    (booked,) = ledger.segments_booked
    key = tmp_path / "key"
    key.write_text(identity.text + "\n")
    opened = ["age", "-d", "-i", str(key), str(tmp_path / "vault" / booked.object_name)]
    reader = CallReader(subprocess.run(opened, check=True, stdout=subprocess.PIPE).stdout)
    packets = list(reader.packets())
    for leg in (0, 1):
        assert [each.datagram for each in packets if each.leg == leg] == sent[leg]
    assert all(
        begun.timestamp() - 0.01 <= each.arrival / SECOND <= ended.timestamp() + 0.01 for each in packets
    )
    assert reader.manifest is not None
    assert [leg["packets"] for leg in reader.manifest["legs"]] == [{"event": 1, "speech": COUNT}] * 2


def _spoken(stream: IncomingStream) -> list[bytes]:
    """Speech and the key of a star, sent to a leg."""
    sent = [packet(n, 160 * n, ssrc=stream.leg, payload=bytes([n, stream.leg] * 80)) for n in range(COUNT)]
    sent.append(packet(COUNT, 160 * COUNT, ssrc=stream.leg, kind=101, payload=b"\x0a\x8a\x03\x20"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as party:
        party.bind((HOST, 0))
        for datagram in sent:
            party.sendto(datagram, (HOST, stream.port.number))
    return sent
