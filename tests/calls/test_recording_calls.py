"""The whole program records calls that a real SIP implementation hands over: bit by bit, or not at all."""

import json
import os
import signal
import subprocess
from datetime import timedelta

import pytest

from tests.calls.exchange import (
    ANOTHERS,
    NAME,
    OURS,
    Exchange,
    heard,
    key_of,
    recorder_of,
    until,
)
from tests.calls.pbx import CLOCK, LASTING_MS

pytestmark = pytest.mark.sipp

HANDED_OVER_WITHIN = timedelta(seconds=10)
"""How late a busy machine may hand a packet to the recorder, and the second of a killed one's."""


def test_a_call_is_kept_bit_by_bit(exchange: Exchange) -> None:
    """Every packet of both parties lies in one object that stock programs open, under numbers in one spelling."""
    known = len(exchange.objects())
    call = exchange.call("sip:600-100-200@pbx.example.org", "tel:+48748410001").answered()
    assert call.ended()
    (entered,) = [row for row in exchange.ended(1) if row[3] == "bye"]
    assert entered[:3] == ("incoming", ANOTHERS, OURS)
    until(lambda: len(exchange.objects()) > known)
    stored = exchange.objects()[-1]
    reader = exchange.opened(stored["path"], key_of(exchange))
    assert reader.call == entered[4]
    assert [heard(reader, leg) for leg in (0, 1)] == [[each for each, _ in leg.sent] for leg in call.legs]
    assert [message.content.split()[0] for message in reader.messages()] == [b"INVITE", b"BYE"]
    probe = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", str(exchange.folder / "plain.mka")]
    streams = json.loads(subprocess.run(probe, check=True, stdout=subprocess.PIPE).stdout)["streams"]
    assert [each["codec_name"] for each in streams[:2]] == ["pcm_alaw"] * 2
    (line,) = exchange.json("status")["sources"]
    assert (line["name"], line["state"], line["cause"]) == (NAME, "recording", "")


def test_a_call_out_of_scope_leaves_nothing(exchange: Exchange) -> None:
    """Where only calls from outside are recorded, one to the outside and one within the office are declined."""
    before = (exchange.objects(), exchange.rows("SELECT count(*) FROM calls_call"))
    assert exchange.call(OURS, ANOTHERS).refused(603)
    assert exchange.call(OURS, "+48748410002").refused(603)
    assert (exchange.objects(), exchange.rows("SELECT count(*) FROM calls_call")) == before
    assert not exchange.unfinished()


def test_a_killed_recorder_leaves_a_call_that_is_whole(exchange: Exchange) -> None:
    """After `kill -9` in mid-call a keeper makes the object whole; call and gap end and begin where it does.

    That less than a second is lost is tried beside the recording (`tests/unit/streams_calls/test_recording_sealed.py`); here a
    busy machine may hand over late what was sent.
    """
    known = {each["path"] for each in exchange.objects()}
    call = exchange.call(ANOTHERS, OURS, lasts=LASTING_MS, transport="u1").answered()
    call.await_packets(150)
    pid = recorder_of(exchange.program)
    killed = CLOCK.now()
    os.kill(pid, signal.SIGKILL)
    exchange.program.until("calls.listening")
    call.abandon()
    until(lambda: {each["path"] for each in exchange.objects()} - known)
    assert exchange.command("keep", "--once").status == 0
    stored = exchange.objects()[-1]
    reader = exchange.opened(stored["path"], key_of(exchange))
    for number, leg in enumerate(call.legs):
        kept = heard(reader, number)
        assert kept == [each for each, _ in leg.sent[: len(kept)]]
        assert killed - leg.sent[len(kept)][1] <= HANDED_OVER_WITHIN
    ended = until(lambda: [row for row in exchange.ended(1) if row[4] == reader.call])
    assert ended[0][:4] == ("incoming", ANOTHERS, OURS, "recorder-stopped")
    gap = exchange.json("gaps", "--source", NAME)[-1]
    assert (gap["cause"], gap["start"]) == ("recorder-stopped", stored["end"])
    assert exchange.command("fsck").out == "Clean.\n"


def test_a_caller_who_presses_the_key_is_not_recorded(exchange: Exchange) -> None:
    """The key of whoever called ends the recording and leaves nothing; the same key of the office's own side does nothing."""
    exchange.changed("--refusal-key", "9")
    before = exchange.objects()
    call = exchange.call(ANOTHERS, OURS, lasts=LASTING_MS).answered()
    call.await_packets(30)
    call.legs[1].pressed = 9
    call.await_packets(60)
    assert call.process.poll() is None
    call.legs[0].pressed = 9
    (row,) = until(lambda: [row for row in exchange.ended(1) if row[3] == "refused"])
    call.abandon()
    assert row[:3] == ("incoming", "", "")
    until(lambda: not exchange.unfinished())
    assert exchange.objects() == before
    refused = exchange.entered("call.refused")
    assert (refused["call"], refused["how"]) == (row[4], "key")
    assert exchange.command("fsck").out == "Clean.\n"


def test_a_number_that_refused_is_not_recorded(exchange: Exchange) -> None:
    """The session is declined, nothing is kept, and the act does not tell whose number it was."""
    added = exchange.command("calls refusals add", "--number", "600 100 200")
    assert added.status == 0, added
    tried(exchange, until_refused=True)
    before = (exchange.objects(), exchange.rows("SELECT count(*) FROM calls_call"))
    assert exchange.call(ANOTHERS, OURS).refused(603)
    assert (exchange.objects(), exchange.rows("SELECT count(*) FROM calls_call")) == before
    refused = until(
        lambda: exchange.entered("call.refused")["how"] == "list" and exchange.entered("call.refused")
    )
    assert "call" not in refused
    assert exchange.command("calls refusals end", "--refusal", added.out.strip()).status == 0
    tried(exchange, until_refused=False)


def tried(exchange: Exchange, *, until_refused: bool) -> None:
    """Hand calls over until one is refused, or until one is not; and wait until all that were taken are booked."""
    ended = "SELECT count(*) FROM calls_call WHERE end IS NOT NULL"
    before, told = exchange.rows(ended)[0][0], list[str]()

    def attempt() -> bool:
        told.append(exchange.call(ANOTHERS, OURS, lasts=100).told())
        return (told[-1] == "603") is until_refused

    until(attempt)
    taken = len([each for each in told if each != "603"])
    until(lambda: exchange.rows(ended)[0][0] == before + taken)


def test_a_store_that_is_gone_refuses_new_calls_and_resumes(exchange: Exchange) -> None:
    """While the store is gone new calls are told 503 and when to come back; the call under way goes on once it is there again.

    What it had before is booked when the recorder starts next.
    """
    known = len(exchange.objects())
    vault = exchange.office.directory / "vault"
    gone = vault.with_name("gone")
    call = exchange.call(ANOTHERS, OURS, lasts=40_000).answered()
    call.await_packets(120)
    vault.rename(gone)
    until(lambda: exchange.state() == ("stopped", "storage-failed"))
    assert exchange.call(ANOTHERS, OURS).refused(503)
    call.await_packets(100)
    gone.rename(vault)
    until(lambda: exchange.state() == ("recording", ""))
    assert call.ended()
    until(lambda: len(exchange.objects()) == known + 1)
    assert exchange.gaps()[-1] == "storage-failed"
    os.kill(recorder_of(exchange.program), signal.SIGKILL)
    exchange.program.until("calls.listening")
    until(lambda: len(exchange.objects()) == known + 2)
    assert exchange.command("keep", "--once").status == 0
    assert exchange.command("fsck").out == "Clean.\n"
