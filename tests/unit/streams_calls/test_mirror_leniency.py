"""What exchanges read is read at a mirror port, too; what cannot be read is told."""

from collections.abc import Callable

import pytest
import structlog

from rejent.recording.contract import GeneralCause
from rejent.streams.calls.catalog.lines.parts import LineCause
from tests.unit.streams_calls.mirror_traffic import Call, Desk, over, taken

CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "fields": lambda message: message.replace(b"Call-ID:", b"X-A: 1\r\n" * 600 + b"Call-ID:", 1),
    "a long head": lambda message: message.replace(b"Call-ID:", b"X-A: " + b"a" * 40_000 + b"\r\nCall-ID:", 1),
    "folded": lambda message: message.replace(b"From: ", b"From:\r\n ", 1).replace(b"Call-ID:", b"X: 1\r\n" * 300 + b"Call-ID:", 1),
    "two lengths": lambda message: message.replace(b"\r\n\r\n", b"\r\nContent-Length: 1\r\n\r\n", 1),
    "parameters of To": lambda message: message.replace(b"\r\nCall-ID:", b";a" * 65 + b"\r\nCall-ID:", 1),
    "parameters of From": lambda message: message.replace(b";tag=alice", b";a" * 65 + b";tag=alice", 1),
    "parameters in brackets": lambda message: message.replace(b">;tag=alice", b";a" * 65 + b">;tag=alice", 1),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_caller_does_not_escape_by_what_exchanges_accept(change: str) -> None:
    """More fields, lines and parameters than we take ourselves, and lengths that differ: the first counts."""
    desk, call = Desk(), Call()
    altered = CHANGES[change]
    desk.see(
        call.sip(altered(call.invite())),
        call.sip(call.response(180), 1),
        call.sip(altered(call.ok()), 1),
        call.sip(altered(call.request("ACK"))),
    )
    desk.see(*call.both(20))
    over(desk, call)
    assert [len(desk.kept(leg)) for leg in (0, 1)] == [20, 20]
    assert [why for _, _, why in desk.books.ended] == ["bye"]
    assert [begun.caller for begun in desk.books.begun] == [call.numbers[0]]
    assert desk.sink.gaps == []


def test_what_cannot_be_read_is_told_and_hinders_no_other_call() -> None:
    """Once a minute, with a gap where a call may have been missed; what is no SIP at all is nobody's business."""
    desk, call = Desk(), Call()
    broken = call.invite().replace(b"CSeq: 1 INVITE", b"CSeq: x INVITE")
    with structlog.testing.capture_logs() as told:
        desk.see(call.sip(b"\0\0\0\0 no SIP"), call.sip(b"NOTIFY sip:a SIP/2.0\r\nX: 1\r\n\r\n"))
        assert desk.sink.gaps == []
        desk.wait(61)
        for _ in range(5):
            desk.see(call.sip(broken))
            desk.wait(1)
        assert desk.line.cause is GeneralCause.NONE
        taken(desk, call)
        desk.wait(60)
    assert [one["messages"] for one in told if one["event"] == "mirror.unread"] == [1, 1, 4]
    ended = [gap for gap in desk.sink.gaps if gap[1] is not None]
    assert [gap[2] for gap in ended] == [LineCause.MIRROR_DROPPED] * 2
    assert len(desk.books.begun) == 1
