"""A milter beside a journal: what it knows to be exempt, what it lets pass, and that it holds nothing up."""

import errno
import socket
import struct
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from rejent.recording.contract import GeneralCause
from rejent.streams.mail.messages.classes import MailRules
from rejent.streams.mail.receiving.admission import Admission
from rejent.streams.mail.receiving.causes import MailCause
from rejent.streams.mail.receiving.listener import Limits
from rejent.streams.mail.receiving.orders import JournalOrder
from tests.unit.recording.sink_bench import FailingCalls
from tests.unit.streams_mail.journal import (
    LETTER,
    RULES,
    Journal,
    journal,
)
from tests.unit.streams_mail.test_milter import message as milter_message
from tests.unit.streams_mail.test_milter import packet
from tests.waiting import CEILING_S, until


def test_silent_connections_hide_no_message_from_a_milter(tmp_path: Path) -> None:
    """Who never begins as a mail server does gives way to one that does."""
    with journal(tmp_path / "store", milter=True) as here, ExitStack() as stack:
        listener = here.recorder._journals[here.source].listener
        assert listener is not None
        listener._limits = Limits(connections=5, of_a_host=5)
        for _ in range(20):
            stack.enter_context(socket.create_connection(("127.0.0.1", here.port), CEILING_S))
        server = stack.enter_context(socket.create_connection(("127.0.0.1", here.port), CEILING_S))
        server.sendall(packet(b"O", struct.pack(">III", 6, 0x1FF, 0x1FFFFF)) + milter_message([], b"x"))
        assert stack.enter_context(server.makefile("rb")).read(22)[17:] == packet(b"a")
    assert here.counted == {"acknowledged": 1, "refused": 0}


def _add_milter(here: Journal, rules: MailRules) -> Callable[[], socket.socket]:
    """Begin a milter in the same process; return what connects to it as a mail server does."""
    order = JournalOrder("milter", False, "127.0.0.1", 0, frozenset(), rules, Admission(), milter=True)
    here.recorder.add(order, None, GeneralCause.NONE)
    until(lambda: here.recorder.listening_at("milter"))

    def connect() -> socket.socket:
        server = socket.create_connection(("127.0.0.1", here.recorder.listening_at("milter")), CEILING_S)
        server.sendall(packet(b"O", struct.pack(">III", 6, 0x1FF, 0x1FFFFF)))
        return server

    return connect


UNION = replace(RULES, exempt=frozenset({"zwiazek@urzad.example"}))
BLIND = [b"<jan@dostawca.example>", b"<zwiazek@urzad.example>"]


def test_what_a_milter_knows_to_be_exempt_no_journal_keeps(tmp_path: Path) -> None:
    """A blind recipient stands in the milter's envelope alone; on its way to the journal the message gets fields and shorter lines."""
    blind, other = (f"Message-ID: <{name}@urzad.example>".encode() for name in ("ukryta", "inna"))
    letter = b"From: anna@urzad.example\r\nTo: jan@dostawca.example\r\n"
    line = b"x" * 1500
    with journal(tmp_path / "store", rules=UNION) as here, ExitStack() as stack:
        server = stack.enter_context(_add_milter(here, UNION)())
        fields = [tuple(line.split(b":", 1)) for line in (letter + blind).splitlines()]
        server.sendall(milter_message(fields, line + b"\r\n", to=BLIND))
        _until_accepted(server)
        broken = line[:998] + b"\r\n " + line[998:] + b"\r\n"
        assert here.send(b"Received: by mx.urzad.example\r\n" + letter + blind + b"\r\n\r\n" + broken) == 250
        assert here.send(letter + other + b"\r\n\r\n" + broken) == 250
        assert here.send(letter + blind + b"\r\n\r\ny\r\n") == 250
    kept = [each.content.partition(b"\r\n\r\n")[2] for each in here.kept()]
    assert kept == [broken, b"y\r\n"]
    assert here.counted["acknowledged"] == 4


@pytest.mark.parametrize("naming", [b"Message-ID: <ukryta@urzad.example>", b"Subject: narada"])
def test_what_a_milter_lets_pass_is_decided_of(tmp_path: Path, naming: bytes) -> None:
    """A message that it drops, or that breaks off, is exempt by its envelope all the same: its server hands it to the journal."""
    letter = b"From: anna@urzad.example\r\nTo: jan@dostawca.example\r\n" + naming
    fields = [tuple(line.split(b":", 1)) for line in letter.splitlines()]
    with journal(tmp_path / "store", rules=UNION, most_bytes=1000) as here, ExitStack() as stack:
        connect = _add_milter(here, UNION)
        server = stack.enter_context(connect())
        server.sendall(milter_message(fields, b"x" * 2000, to=BLIND))
        _until_accepted(server)
        assert here.send(letter + b"\r\n\r\nx\r\n") == 250
        other = letter.replace(b"ukryta", b"inna").replace(b"narada", b"inne")
        fields = [tuple(line.split(b":", 1)) for line in other.splitlines()]
        torn = milter_message(fields, b"y", to=BLIND)
        server.sendall(torn[: torn.index(b"y")])
        server.close()
        until(lambda: here.counted["refused"] == 2)
        assert here.send(other + b"\r\n\r\ny\r\n") == 250
        assert here.send(LETTER) == 250
    assert [each.content for each in here.kept()] == [LETTER]


def _until_accepted(server: socket.socket) -> None:
    """Read until the milter has accepted the message."""
    said = b""
    while not said.endswith(packet(b"a")):
        piece = server.recv(4096)
        assert piece
        said += piece


def test_a_milter_holds_nothing_up_and_counts_what_passes_by(tmp_path: Path) -> None:
    """On a full disk each message is accepted and is a gap; with room again messages are kept, beside the gap."""
    calls = FailingCalls("write", 1_000_000, errno.ENOSPC)
    with journal(tmp_path / "store", calls, milter=True) as here:

        def passed(body: bytes) -> bytes:
            with socket.create_connection(("127.0.0.1", here.port), CEILING_S) as server:
                options = struct.pack(">III", 6, 0x1FF, 0x1FFFFF)
                server.sendall(
                    packet(b"O", options) + milter_message([(b"From", b" anna@urzad.example")], body)
                )
                return server.makefile("rb").read(22)[17:]

        answers = [passed(b"1")]
        calls._left, calls.times = 1, 1_000_000
        answers.append(passed(b"2\r\n" * 100_000))
        here.clock.advance(timedelta(seconds=30))
        answers.append(passed(b"3"))
        calls.times = 0
        here.clock.advance(timedelta(seconds=30))
        answers.append(passed(b"4"))
        with socket.create_connection(("127.0.0.1", here.port), CEILING_S) as server:
            server.sendall(packet(b"M", b"<a@b.example>\0") + packet(b"B", b"x"))
            until(lambda: here.recorder._held.now)
            here.recorder.stop()
            assert server.makefile("rb").read() == packet(b"c") * 2
    assert answers == [packet(b"a")] * 4
    assert [each.content[-1:] for each in here.kept()] == [b"1", b"4"]
    assert here.counted == {"acknowledged": 2, "refused": 3}
    gaps = [
        each[1:3]
        for each in here.bench.ledger.booked
        if isinstance(each, tuple) and each[3:] == (MailCause.PASSED_BY,)
    ]
    assert len(gaps) == 6
    assert all(end == start + timedelta(seconds=1) for start, end in gaps if end is not None)
