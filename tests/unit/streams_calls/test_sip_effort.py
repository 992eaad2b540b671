"""No head costs more work than it is long, however it is written: whoever may not call is refused in the same thread."""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejent.streams.calls.announcing.session import read_info
from rejent.streams.calls.network.sip.flow import Flow
from rejent.streams.calls.network.sip.framing import MessageStream
from rejent.streams.calls.network.sip.header_values import MAX_DISPLAY, read_address
from rejent.streams.calls.network.sip.message import (
    MAX_LINES,
    MAX_VALUES,
    Headers,
    Request,
    SipError,
    read_message,
    split_values,
    unquoted,
)
from rejent.streams.calls.receiving.siprec.bodies import _pieces
from rejent.streams.calls.receiving.siprec.connection import Connection

LONG = 30_000
HEAD = b"INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:x>;tag=1\r\nTo: <sip:y>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"


def steps(work: Callable[[], object]) -> int:
    """How many lines of Python it takes."""
    taken, before = 0, sys.gettrace()

    def traced(_frame: FrameType, _event: str, _told: Any) -> Any:
        nonlocal taken
        taken += 1
        return traced

    sys.settrace(traced)
    try:
        work()
    finally:
        sys.settrace(before)
    return taken


@pytest.mark.parametrize(
    "line",
    ['x="' + "a" * LONG + '"', "<" + "a" * LONG + ",>", '"' + "\\a" * (LONG // 2), '"a' * (LONG // 2)],
    ids=["quotes", "angle", "escapes", "many quotes"],
)
def test_values_are_told_apart_without_a_look_at_each_sign(line: str) -> None:
    """The same few lines of Python, however long the value is."""
    assert steps(lambda: split_values(line)) < 100
    assert steps(lambda: read_address(line)) < 200


def test_boundary_is_looked_for_once_a_line() -> None:
    """However often it stands in one line, it divides at the beginning only."""
    assert steps(lambda: _pieces(b"x" + b"--b" * LONG, b"--b")) < 100


def plainly(text: str, ends: str, *, angles: bool) -> int:
    """Where one of the signs stands first outside of quotes, and of angle brackets where these count; the text's length if nowhere."""
    quoted = angle = escaped = False
    for place, sign in enumerate(text):
        if quoted:
            quoted = escaped or sign != '"'
            escaped = sign == "\\" and not escaped
        elif sign == '"':
            quoted = True
        elif sign in ends and not angle:
            return place
        elif sign in "<>":
            angle = angles and sign == "<"
    return len(text)


@given(st.text('"<>,;\\a ', max_size=60))
def test_values_are_those_that_a_look_at_each_sign_tells(line: str) -> None:
    """Quotes, escapes and angle brackets count as RFC 3261 §25 says, also where they are left open."""
    found, rest = [], line
    while (place := plainly(rest, ",", angles=True)) < len(rest):
        found.append(rest[:place].strip())
        rest = rest[place + 1 :]
    assert split_values(line) == [value for value in (*found, rest.strip()) if value]
    for sign in "<;":
        place = plainly(line, sign, angles=False)
        assert unquoted(line, sign) == (place if place < len(line) else -1)


def test_values_without_end_are_refused() -> None:
    """As many as may be are told apart, and not one more."""
    value = '"a,b" <sip:x>'
    assert len(split_values(",".join([value] * MAX_VALUES))) == MAX_VALUES
    with pytest.raises(SipError):
        split_values(",".join([value] * (MAX_VALUES + 1)))


def test_head_of_too_many_lines_is_refused() -> None:
    """A field that is folded and folded is copied at each of its lines."""
    folds = MAX_LINES - HEAD.count(b"\n") - 1
    kept = read_message(HEAD + b"Subject: a\r\n" + b" b\r\n" * folds + b"\r\n")
    assert kept.headers.get("Subject") == "a" + " b" * folds
    with pytest.raises(SipError):
        read_message(HEAD + b"Subject: a\r\n" + b" b\r\n" * (folds + 2) + b"\r\n")


def test_displayed_name_is_bounded() -> None:
    """What is longer than any name is cut."""
    assert read_address('"' + "a" * LONG + '" <sip:x>').display == "a" * MAX_DISPLAY


@pytest.mark.parametrize(
    "body", [b"Signal=\n\n*", b"Signal\n=*", b"\n" * 1_000 + b"Signal=", b"Signal=" + b"\n" * 1_000]
)
def test_key_by_info_stands_in_one_line(body: bytes) -> None:
    """Line ends are no blanks: each of a thousand would be tried with all those after it."""
    assert (
        read_info(Request("INFO", "sip:a", Headers([("Content-Type", "application/dtmf-relay")]), body)) == ""
    )


@pytest.mark.parametrize(("sign", "pings"), [(b"\n", 0), (b"\r\n\r\n", LONG)])
def test_line_ends_are_passed_over_at_once(sign: bytes, pings: int) -> None:
    """Whoever sends nothing but signs of life costs no more for each of them."""
    stream = MessageStream()
    assert steps(lambda: list(stream.cut(sign * LONG))) < 50
    assert (stream.pings, stream.unfinished) == (pings, False)
    assert list(stream.cut(b"A\n\n")) == [b"A\n\n"]


class Refusing:
    """A server that takes nothing of anybody."""

    def __init__(self) -> None:
        self.dropped: Counter[str] = Counter()
        self.refused: list[bytes] = []

    def admit(self, connection: Connection, host: str) -> int:
        """Everybody may connect."""
        return len((connection.host, host))

    def gone(self, number: int) -> None:
        """Somebody left."""

    def take(self, data: bytes, flow: Flow) -> bool:
        """Refuse."""
        self.refused.append(data if flow.reliable else b"")
        return False


def test_of_a_stranger_only_the_first_message_is_looked_for() -> None:
    """However many lie in what arrived at once, what follows a refusal costs nothing."""

    async def connected(count: int) -> int:
        server = Refusing()
        listening = await asyncio.get_running_loop().create_server(
            lambda: Connection(server, "tcp"), "127.0.0.1"
        )
        reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
        connection = Connection(server, "tcp")
        connection.connection_made(writer.transport)
        effort = steps(lambda: connection.data_received(b"A\n\n" * count))
        assert server.refused == [b"A\n\n"]
        assert await reader.read() == b""
        listening.close()
        return effort

    assert asyncio.run(connected(80_000)) <= asyncio.run(connected(2)) + 10
