"""How batches join: numbers, chain, holes, forks and replays; and how much a device may send."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejent.devices.gateway.chain import BEGINNING, REMEMBERED, Claim, Joint, Position, join
from rejent.devices.gateway.limits import (
    BYTES_A_SECOND,
    BYTES_SAVED,
    LARGEST_BATCH,
    MOST_BYTES,
    MOST_OF_STREAM,
    REQUESTS_SAVED,
    Allowance,
    Load,
)

SOURCE = "ab" * 16


def claim(number: int, previous: str, body: bytes = b"x", lost: int = 0) -> Claim:
    """A batch as a device sends it."""
    return Claim("notes", SOURCE, number, previous, sha256(body).hexdigest(), lost)


def taken(count: int) -> tuple[Position, list[Claim]]:
    """The position after some batches, and these."""
    position, sent = Position(), []
    for number in range(1, count + 1):
        sent.append(claim(number, position.chain, b"%d" % number))
        assert join(position, sent[-1]) is Joint.NEXT
        position = position.after(sent[-1])
    return position, sent


def test_the_chain_is_as_it_is_written_down() -> None:
    """Anybody can compute it with a tool for SHA-256."""
    one = claim(1, BEGINNING, b"body")
    said = f"{BEGINNING}\0notes\0{SOURCE}\0{1}\0{sha256(b'body').hexdigest()}"
    assert one.chain == sha256(said.encode()).hexdigest()


def test_what_came_is_known_again() -> None:
    """The last one is given its receipt again; one before it is a replay, however it is dressed up a fork."""
    position, sent = taken(5)
    assert join(position, sent[-1]) is Joint.AGAIN
    assert join(position, sent[2]) is Joint.REPLAY
    assert join(position, claim(3, sent[1].chain, b"other")) is Joint.FORK
    assert join(position, claim(5, sent[3].chain, b"other")) is Joint.FORK
    assert join(position, claim(6, sent[3].chain)) is Joint.FORK


def test_numbers_are_left_out_only_if_that_is_said() -> None:
    """Batches that are still to come are waited for; those that are lost are counted."""
    position, _ = taken(5)
    assert join(position, claim(8, position.chain)) is Joint.AHEAD
    assert join(position, claim(8, position.chain, lost=1)) is Joint.AHEAD
    assert join(position, claim(8, position.chain, lost=2)) is Joint.NEXT
    assert join(position, claim(6, position.chain, lost=1)) is Joint.AHEAD


def test_what_is_older_than_is_remembered_is_a_fork() -> None:
    """Nobody could say that it is the same."""
    position, sent = taken(REMEMBERED + 2)
    assert len(position.recent) == 32 * REMEMBERED
    assert join(position, sent[2]) is Joint.REPLAY
    assert join(position, sent[1]) is Joint.FORK


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=30))
def test_no_order_of_sending_takes_a_batch_twice(steps: list[tuple[int, bool]]) -> None:
    """Whatever a device sends again, what is taken are its batches in their order, each once."""
    position, sent, got = Position(), [claim(1, BEGINNING, b"0")], []
    for back, lost_receipt in steps:
        one = sent[max(len(sent) - 1 - back, 0)]
        if join(position, one) is Joint.NEXT:
            got.append(one.number)
            position = position.after(one)
        if one.chain == position.chain and not lost_receipt and one is sent[-1]:
            sent.append(claim(one.number + 1, one.chain, b"%d" % one.number))
    assert got == list(range(1, len(got) + 1))


def test_a_device_that_was_silent_sends_much_and_then_as_much_as_time_gives() -> None:
    """It is told how long to wait, and after that time it may."""
    allowance, now = Allowance(), 100.0
    for _ in range(int(BYTES_SAVED) // LARGEST_BATCH):
        assert allowance.wait(LARGEST_BATCH, now) == 0
    late = allowance.wait(LARGEST_BATCH, now)
    assert late == pytest.approx(LARGEST_BATCH / BYTES_A_SECOND)
    assert allowance.wait(LARGEST_BATCH, now + late) == 0
    small, waited = Allowance(), 0.0
    for _ in range(int(REQUESTS_SAVED)):
        assert small.wait(10, now) == 0
    waited = small.wait(10, now)
    assert waited == pytest.approx(0.5)
    assert small.wait(10, now - 50) > 0, "a clock that goes back gives nothing"


def test_one_device_and_one_stream_leave_room_for_the_others() -> None:
    """One request a device, some of a stream, and bytes in all."""
    load = Load()
    assert load.begin(1, "notes", 10)
    assert not load.begin(1, "mail", 10)
    for device in range(2, MOST_OF_STREAM + 1):
        assert load.begin(device, "notes", 10)
    assert not load.begin(99, "notes", 10)
    assert load.begin(99, "mail", 10)
    assert not load.begin(100, "mail", MOST_BYTES)
    load.end(1, "notes", 10)
    assert load.begin(1, "notes", 10)
