"""A journal under attack and in trouble: crowds, slow senders, a full disk, a stepped clock, no day key; nothing acknowledged is lost."""

import errno
import io
import socket
import struct
import tracemalloc
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from rejent.streams.mail.receiving.listener import Limits
from tests.unit.recording.sink_bench import START, FailingCalls
from tests.unit.streams_mail.journal import (
    ANNA,
    JOURNAL,
    LETTER,
    handing_over,
    is_served,
    journal,
)
from tests.unit.streams_mail.test_milter import packet
from tests.unit.streams_mail.test_smtp import dotted
from tests.waiting import CEILING_S, until


@pytest.mark.parametrize("crowd", [300, pytest.param(10_000, marks=pytest.mark.soak)])
def test_a_crowd_is_told_to_come_later(tmp_path: Path, crowd: int) -> None:
    """Where everybody within the limit hands a message over; they are served meanwhile, and once they have gone anybody is."""
    with journal(tmp_path / "store", limits=Limits(connections=20)) as here:
        with ExitStack() as stack:
            inside = [handing_over(here, stack) for _ in range(20)]
            for _ in range(crowd):
                with socket.create_connection(("127.0.0.1", here.port), CEILING_S) as outside:
                    said = b"".join(iter(lambda: outside.recv(4096), b""))
                assert said.endswith(b"421 4.7.0 Too many connections\r\n")
            inside[0].sendall(b"Subject: a\r\n\r\nx\r\n.\r\n")
            assert inside[0].recv(4096).startswith(b"250 2.0.0 Taken")
        until(lambda: is_served(here))
    assert len(here.kept()) == here.counted["acknowledged"] == 2


def test_silent_connections_keep_no_sender_out(tmp_path: Path) -> None:
    """The one that was silent for longest gives way, and none that hands a message over does."""
    with journal(tmp_path / "store", limits=Limits(connections=20)) as here, ExitStack() as stack:
        inside = handing_over(here, stack)
        silent = [
            stack.enter_context(socket.create_connection(("127.0.0.1", here.port), CEILING_S))
            for _ in range(60)
        ]
        assert here.send() == 250
        said = b"".join(iter(lambda: silent[0].recv(4096), b""))
        assert said.endswith(b"421 4.4.2 Others wait\r\n")
        inside.sendall(b"Subject: a\r\n\r\nx\r\n.\r\n")
        assert inside.recv(4096).startswith(b"250 2.0.0 Taken")
    assert len(here.kept()) == 2


def test_a_host_takes_no_more_than_its_part(tmp_path: Path) -> None:
    """However much it hands over at once, another host is served."""
    with (
        journal(tmp_path / "store", limits=Limits(connections=20, of_a_host=3)) as here,
        ExitStack() as stack,
    ):
        for _ in range(3):
            handing_over(here, stack, "127.0.0.2")
        with socket.create_connection(("127.0.0.1", here.port), CEILING_S, ("127.0.0.2", 0)) as fourth:
            said = b"".join(iter(lambda: fourth.recv(4096), b""))
        assert said.endswith(b"421 4.7.0 Too many connections\r\n")
        assert here.send() == 250


@pytest.mark.parametrize("limits", [Limits(idle_s=0.1), Limits(message_s=0.1)], ids=["silent", "without end"])
def test_a_slow_sender_is_sent_away(tmp_path: Path, limits: Limits) -> None:
    """Within a message too: it is not acknowledged and nothing of it is kept."""
    with (
        journal(tmp_path / "store", limits=limits) as here,
        socket.create_connection(("127.0.0.1", here.port), CEILING_S) as slow,
    ):
        slow.sendall(f"EHLO a\r\nMAIL FROM:<{ANNA}>\r\nRCPT TO:<{JOURNAL}>\r\n".encode())
        said = b"".join(iter(lambda: slow.recv(4096), b""))
    assert said.endswith(b"421 4.4.2 Too slow\r\n")
    assert here.kept() == []


def test_a_long_message_lies_in_memory_nowhere(tmp_path: Path) -> None:
    """Forty megabytes are received, decided, sealed and written by pieces, byte for byte, whichever way they come."""
    line = b"." + b"a" * 72 + b"\r\n"
    content = b"Subject: a\r\n\r\n" + line * (40_000_000 // len(line))
    for milter in (False, True):
        with journal(tmp_path / f"store{milter}", milter=milter) as here, ExitStack() as stack:
            if milter:
                server = stack.enter_context(socket.create_connection(("127.0.0.1", here.port), CEILING_S))
                answers = stack.enter_context(server.makefile("rb"))
                body = memoryview(content)[len(b"Subject: a\r\n\r\n") :]
                begun = packet(b"O", struct.pack(">III", 6, 0x1FF, 0x1FFFFF)) + packet(
                    b"M", b"<a@b.example>\0"
                )
                server.sendall(begun + packet(b"L", b"Subject\0 a\0"))
                pieces: list[memoryview] = [body[at : at + 60_000] for at in range(0, len(body), 60_000)]
                tracemalloc.start()
                for each in pieces:
                    server.sendall(packet(b"B", each.tobytes()))
                server.sendall(packet(b"E"))
                assert answers.read(22)[17:] == packet(b"a")
            else:
                server = handing_over(here, stack)
                sent = memoryview(dotted(content))
                tracemalloc.start()
                for at in range(0, len(sent), 60_000):
                    server.sendall(sent[at : at + 60_000])
                assert server.recv(4096).startswith(b"250 2.0.0 Taken")
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert peak < 32_000_000, "eight are taken apart for the kinds of files"
        (kept,) = here.kept()
        assert kept.content == content


def test_a_disk_that_holds_no_long_message_refuses_it_for_now(tmp_path: Path) -> None:
    """As it does where there is no folder for it; short ones are taken."""
    with journal(tmp_path / "store", spool=tmp_path / "nowhere") as here:
        assert here.send(LETTER + b"2\r\n" * 100_000) == 451
        assert here.send() == 250
    assert here.counted == {"acknowledged": 1, "refused": 1}


def test_a_full_disk_refuses_for_now_and_loses_nothing(tmp_path: Path) -> None:
    """What was acknowledged before stays, what came meanwhile is the mail server's, and with room again it is taken."""
    calls = FailingCalls("write", 1_000_000, errno.ENOSPC)
    with journal(tmp_path / "store", calls) as here:
        replies = [here.send(LETTER + b"1\r\n")]
        calls._left, calls.times = 1, 1_000_000
        replies.append(here.send(LETTER + b"2\r\n" * 100_000))
        replies.append(here.send(LETTER + b"3\r\n"))
        calls.times = 0
        replies.append(here.send(LETTER + b"4\r\n"))
    assert replies == [250, 451, 451, 250]
    assert [each.content[-3:-2] for each in here.kept()] == [b"1", b"4"]
    assert here.counted == {"acknowledged": 2, "refused": 2}


def test_a_thousand_times_the_same_message_is_a_thousand_receptions(tmp_path: Path) -> None:
    """None is discarded for being known."""

    def hundred(_number: int) -> None:
        with here.client() as client:
            for _ in range(100):
                assert client.sendmail(ANNA, [JOURNAL], LETTER) == {}

    with journal(tmp_path / "store") as here, ThreadPoolExecutor(10) as senders:
        list(senders.map(hundred, range(10)))
    assert {each.content for each in here.kept()} == {LETTER}
    assert len(here.kept()) == here.counted["acknowledged"] == 1000


def test_a_clock_step_loses_and_disorders_nothing(tmp_path: Path) -> None:
    """Messages are received in steady time: objects follow one another whatever the civil clock says."""
    with journal(tmp_path / "store") as here:
        for step in (timedelta(), timedelta(days=2), timedelta(days=-5)):
            here.clock.step(step)
            assert here.send() == 250
    booked = here.bench.ledger.segments_booked
    assert len(here.kept()) == 3
    ends = [START, *(each.ending.end for each in booked)]
    assert all(each.opening.start >= end for each, end in zip(booked, ends, strict=False))


def test_without_a_day_key_nothing_is_acknowledged(tmp_path: Path) -> None:
    """The mail server keeps it until the keeper has made one."""
    with journal(tmp_path / "store", source="keyless") as here:
        assert here.send() == 451
    assert (here.kept(), here.counted) == ([], {"acknowledged": 0, "refused": 1})


def _zip_of_zips(depth: int) -> bytes:
    content = b"0" * 1_000_000
    for number in range(depth):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for copy in range(3):
                archive.writestr(f"{number}-{copy}.zip", content)
        content = packed.getvalue()
    return content


BOMBS = {
    "nested a thousand deep": b"Subject: x\r\n"
    + b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(1000)),
    "a zip of zips": b"Subject: x\r\nContent-Type: application/zip; name=a\r\nContent-Disposition: attachment; filename=a.zip\r\n\r\n"
    + _zip_of_zips(6).replace(b"\r\n", b"\n"),
    "a hundred thousand parts": b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n\r\n" * 100_000,
    "a hundred thousand addresses": b"Subject: x\r\nTo: " + b"a@b.example,\r\n " * 100_000 + b"\r\n\r\nx",
}


def test_bombs_are_kept_as_they_came(tmp_path: Path) -> None:
    """Receiving unpacks nothing, so that none of them costs more than its bytes."""
    bombs = [content if content.endswith(b"\r\n") else content + b"\r\n" for content in BOMBS.values()]
    with journal(tmp_path / "store") as here, here.client() as client:
        client.ehlo("mx.example")
        for content in bombs:
            client.mail(ANNA)
            client.rcpt(JOURNAL)
            assert client.docmd("DATA")[0] == 354
            client.send(content.replace(b"\r\n.", b"\r\n..") + b".\r\n")
            assert client.getreply()[0] == 250
    assert [each.content for each in here.kept()] == bombs
