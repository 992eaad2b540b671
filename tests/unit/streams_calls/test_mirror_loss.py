"""Whose loss it is that a packet was not seen at a mirror port."""

import pytest

from rejent.formats.matroska.cutting import recover
from rejent.formats.matroska.reader import CallReader
from rejent.formats.rtp.account import SECOND
from rejent.formats.rtp.rtcp import ReceptionBlock, read_blocks, receiver_report
from tests.unit.streams_calls.mirror_traffic import ALICE, BOB, Call, Desk, framed, over, taken, udp


def reported(desk: Desk, highest: int, lost: int) -> None:
    """The called telephone says what it heard of the caller."""
    block = ReceptionBlock(0xA0, 0, lost, highest, 0, 0, 0)
    desk.see(framed(udp((BOB, 40_001), (ALICE, 30_001), receiver_report(0xA1, block))))


def spoken_with_holes(desk: Desk, call: Call) -> None:
    """The caller speaks for a second, of which the mirror does not show five packets."""
    frames = call.speech(0, 50)
    desk.see(*frames[:20], *frames[25:], apart=SECOND // 50)


def told(desk: Desk) -> list[tuple[str, int]]:
    """Cause and size of each hole of the caller, as the object tells it."""
    gaps = desk.leg(0)["gaps"]
    assert isinstance(gaps, list)
    return [(gap["cause"], gap["packets"]) for gap in gaps if gap["packets"]]


def test_what_the_kernel_had_no_room_for_is_our_loss() -> None:
    """Where frames were dropped on this machine, what is missing just then is told as not captured, and the call lost nothing."""
    desk, call = Desk(), Call()
    taken(desk, call)
    begun = desk.at
    spoken_with_holes(desk, call)
    desk.observation.note_drop(begun, desk.at)
    over(desk, call)
    assert told(desk) == [("uncaptured", 5)]
    assert (desk.leg(0)["lost"], desk.leg(0)["missed"]) == (0, 5)


def test_drops_are_a_gap_of_the_line() -> None:
    """A call whose first message was dropped is known to nobody: the line says when that may have been, once for drops that follow closely."""
    desk = Desk()
    begun = desk.at
    for step in range(20):
        desk.observation.note_drop(begun + step * SECOND, begun + step * SECOND + SECOND // 2)
        desk.wait(1)
    desk.wait(6)
    (opened, closed) = desk.sink.gaps
    assert (opened[2].value, opened[1], closed[2].value) == ("mirror-dropped", None, "mirror-dropped")
    assert closed[1] is not None
    assert (closed[1] - opened[0]).total_seconds() == 19.5


def test_a_call_that_begins_soon_after_a_drop_is_recorded() -> None:
    """What the kernel had no room for hinders nobody whose messages are seen, also while the gap is not told to its end."""
    desk, call = Desk(), Call()
    desk.wait(1)
    desk.observation.note_drop(desk.at - SECOND // 10, desk.at)
    desk.wait(1)
    taken(desk, call)
    desk.see(*call.both(10))
    over(desk, call)
    assert [desk.kept(0), desk.kept(1)] == call.spoken
    assert len(desk.books.begun) == 1


def test_a_drop_elsewhere_explains_nothing() -> None:
    """A hole a minute away from what the kernel dropped is as unexplained as before."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.observation.note_drop(desk.at - 90 * SECOND, desk.at - 60 * SECOND)
    spoken_with_holes(desk, call)
    over(desk, call)
    assert told(desk) == [("unseen", 5)]


@pytest.mark.parametrize(
    ("first", "second", "cause"),
    [(0, 0, "uncaptured"), (3, 3, "uncaptured"), (0, 5, "lost"), (0, 2, "unseen"), (1, 7, "lost")],
)
def test_the_party_who_heard_it_knows(first: int, second: int, cause: str) -> None:
    """What the other telephone reports as lost between two reports is the network's loss; what it misses nothing of is the mirror's."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.speech(0, 10), apart=SECOND // 50)
    reported(desk, 9, first)
    spoken_with_holes(desk, call)
    desk.see(*call.speech(0, 1))
    reported(desk, 60, second)
    over(desk, call)
    assert told(desk) == [(cause, 5)]
    assert desk.leg(0)["lost"] == (5 if cause == "lost" else 0)


def test_what_was_cut_short_is_counted_alike() -> None:
    """An object that a killed recorder left tells the same causes once it is mended."""
    desk, call = Desk(), Call()
    taken(desk, call)
    begun = desk.at
    spoken_with_holes(desk, call)
    desk.observation.note_drop(begun, desk.at)
    desk.see(*call.speech(0, 60), apart=SECOND // 50)
    (left,) = desk.sink.objects
    manifest = CallReader(recover(left.content).content).manifest
    assert manifest is not None
    holes = [(gap["cause"], gap["packets"]) for gap in manifest["legs"][0]["gaps"] if gap["packets"]]
    assert holes == [("uncaptured", 5)]


def test_reports_are_read() -> None:
    """What a receiver report says comes back, a negative count of what came twice, too; nonsense gives nothing."""
    block = ReceptionBlock(7, 3, -2, 0x1_0005, 9, 1, 2)
    assert read_blocks(receiver_report(1, block)) == [block]
    assert read_blocks(b"\x9f\xc9\x00\x01" + bytes(4)) == []
