"""The milter: what a mail server hands over becomes one message with its envelope, and nothing is ever held up."""

import asyncio
import socket
import struct
from collections.abc import Iterable
from pathlib import Path

import pytest

from rejent.catalog.errors import AddressRefusedError
from rejent.streams.mail.receiving.listener import MILTER_LIMITS, Held, MilterListener
from rejent.streams.mail.receiving.milter import LONGEST_PACKET, MilterSession
from rejent.streams.mail.receiving.received import ReceivedMessage
from rejent.streams.mail.sources import FORM, parsed

OFFERED = 0x1FFFFF


def packet(command: bytes, data: bytes = b"") -> bytes:
    """Return a packet as a server sends it."""
    return struct.pack(">I", len(data) + 1) + command + data


def agreed(offered: int = OFFERED, most_bytes: int = 1 << 20) -> MilterSession:
    """Begin a session and agree on what is left out."""
    session = MilterSession(most_bytes)
    session.feed(packet(b"O", struct.pack(">III", 6, 0x1FF, offered)))
    said = session.replies()
    assert said[4:13] == b"O" + struct.pack(">II", 6, 0), "nothing of a message is changed"
    assert struct.unpack(">I", said[13:])[0] & ~offered == 0
    return session


def message(
    fields: Iterable[tuple[bytes, bytes]], *pieces: bytes, to: Iterable[bytes] = (b"<jan@firma.example>",)
) -> bytes:
    """Return the packets of one message."""
    return b"".join(
        [
            packet(b"D", b"Mi\0A1\0"),
            packet(b"M", b"<anna@urzad.example>\0SIZE=3\0"),
            *(packet(b"R", each + b"\0NOTIFY=NEVER\0") for each in to),
            *(packet(b"L", name + b"\0" + value + b"\0") for name, value in fields),
            *(packet(b"B", each) for each in pieces),
            packet(b"E"),
        ]
    )


FIELDS = [
    (b"Subject", b" raz\n\tdwa"),
    (b"X-Bez", b"odstepu"),
    (b"X-Puste", b""),
    ("Zażółć".encode(), b" \xff\x01"),
]
REBUILT = (
    b"Subject: raz\r\n\tdwa\r\nX-Bez:odstepu\r\nX-Puste:\r\n" + "Zażółć".encode() + b": \xff\x01\r\n\r\n"
)


@pytest.mark.parametrize("piece", [1, 5, 1 << 20])
def test_a_message_is_put_together_with_its_whole_envelope(piece: int) -> None:
    """Blind recipients, too; however the packets are cut; several messages come one behind another."""
    session, found = agreed(), []
    sent = message(
        FIELDS, b"a\r\n.\r\n", b"\0\xff\nb", to=[b"<jan@firma.example>", b"<ukryty@firma.example>"]
    )
    for start in range(0, 2 * len(sent), piece):
        session.feed((sent + sent)[start : start + piece])
        while session.message is not None:
            found.append(session.message)
            session.settle()
    assert session.replies() == packet(b"a") * 2, "one reply a message, and no other"
    assert [(each.sender, each.recipients) for each in found] == [
        ("anna@urzad.example", ("jan@firma.example", "ukryty@firma.example"))
    ] * 2
    assert {each.content for each in found} == {REBUILT + b"a\r\n.\r\n\0\xff\nb"}
    assert session.held == 0


def test_a_server_that_leaves_nothing_out_is_answered_each_time() -> None:
    """It keeps no blanks behind colons, so one is written."""
    session = agreed(offered=0)
    begun = (
        packet(b"C", b"localhost\0U")
        + packet(b"H", b"mx\0")
        + packet(b"T")
        + packet(b"N")
        + packet(b"U", b"x\0")
    )
    session.feed(begun + message([(b"Subject", b"a")], b"x"))
    assert session.replies() == packet(b"c") * 9
    assert session.message is not None
    assert session.message.content == b"Subject: a\r\n\r\nx"
    session.settle()
    assert session.replies() == packet(b"a")


@pytest.mark.parametrize(
    ("sent", "lost"),
    [
        (message([], b"x" * 2000), 1),
        (message([(b"X", b"y" * 2000)], b"x"), 1),
        (message([], to=[b"<a@b>"] * 10_001), 1),
        (packet(b"M", b"<a@b>\0") + packet(b"B", b"x") + packet(b"A"), 0),
        (packet(b"E"), 0),
        (packet(b"B", b"x" * 2000) + packet(b"L", b"a\0b\0") + packet(b"R", b"<a@b>\0"), 0),
    ],
)
def test_what_is_not_kept_is_accepted_all_the_same(sent: bytes, lost: int) -> None:
    """And counted, unless its server broke it off; its envelope and head are decided of; the next message is kept."""
    session = agreed(most_bytes=1000)
    session.feed(sent)
    assert (session.lost, session.ended) == (lost, False)
    while session.message is not None:
        passing = session.message
        assert (passing.sender, passing.whole) == ("anna@urzad.example", False)
        assert passing.content == (b"X:" + b"y" * 2000 + b"\r\n") * (b"y" in sent)
        assert passing.recipients[0] in {"jan@firma.example", "a@b"}
        session.settle()
    assert session.replies() in {packet(b"a"), b""}
    session.feed(message([], b"y"))
    assert session.message is not None
    assert session.message.content == b"\r\ny"


@pytest.mark.parametrize(
    "sent",
    [
        b"\0\0\0\0",
        struct.pack(">I", LONGEST_PACKET + 1),
        packet(b"X"),
        packet(b"O", b"short"),
        packet(b"O", struct.pack(">III", 1, 0, 0)),
        b"EHLO mx.example\r\n",
        packet(b"Q"),
    ],
)
def test_what_is_no_milters_talk_ends_the_session(sent: bytes) -> None:
    """Without a reply that could hold a message up."""
    session = agreed()
    session.feed(sent)
    assert (session.ended, session.replies()) == (True, b"")


def test_a_store_that_stands_still_holds_no_message_up() -> None:
    """It is accepted, goes on being stored, and counts as held until it is."""

    async def served() -> tuple[bytes, int, list[bytes], int]:
        still, stored, held = asyncio.Event(), list[bytes](), Held()

        async def receive(message: ReceivedMessage) -> None:
            await still.wait()
            stored.append(message.content)

        listener = MilterListener(receive, lambda: None, held, MILTER_LIMITS, 1 << 20, answer_s=0.01)
        await listener.open("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(message([], b"x" * 1000))
        answers = await reader.readuntil(b"a")
        waiting = held.now
        still.set()
        await listener.close()
        writer.close()
        return answers[-5:], waiting, stored, held.now

    assert asyncio.run(served()) == (packet(b"a"), 1002, [b"\r\n" + b"x" * 1000], 0)


def test_a_mail_server_reaches_it_by_a_socket(tmp_path: Path) -> None:
    """Which its group alone may write to; a second listener takes nobody's place, what a killed one left is taken over."""
    path = tmp_path / "milter"

    async def served() -> tuple[bytes, int]:
        async def receive(message: ReceivedMessage) -> None:
            assert message.content == b"\r\nx"

        def listener() -> MilterListener:
            return MilterListener(receive, lambda: None, Held(), MILTER_LIMITS, 1 << 20)

        here = listener()
        await here.open(str(path), 0)
        rights = path.stat().st_mode & 0o777
        with pytest.raises(OSError, match="in use"):
            await listener().open(str(path), 0)
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(message([], b"x"))
        answers = await reader.readuntil(b"a")
        writer.close()
        await here.close()
        return answers[-5:], rights

    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(path))
    assert asyncio.run(served()) == (packet(b"a"), 0o660)
    assert not path.exists()


@pytest.mark.parametrize(
    ("one", "other", "excludes"),
    [
        ("smtp://127.0.0.1:2525", "lmtp://127.0.0.1:2525", True),
        ("smtp://127.0.0.1:2525", "smtp://0.0.0.0:2525", True),
        ("smtp://127.0.0.1:2525", "milter://[::]:2525", True),
        ("smtp://127.0.0.1:2525", "smtp://192.0.2.1:2525", False),
        ("smtp://127.0.0.1:2525", "smtp://127.0.0.1:2526", False),
        ("milter:///run/a/s", "milter:///run/a/s", True),
        ("milter:///run/a/s", "milter://127.0.0.1:2525", False),
        ("history://" + "0" * 32, "history://" + "0" * 32, False),
    ],
)
def test_two_journals_that_would_listen_at_one_place_exclude_each_other(
    one: str, other: str, excludes: bool
) -> None:
    """Whatever they speak, and also where one listens at all addresses."""
    assert FORM.excludes(parsed(one).text, parsed(other).text) is excludes


@pytest.mark.parametrize("path", ["/run/x/", "/run/../x", "/" + "a" * 120, "/run/\nx", "smtp:///run/x"])
def test_a_socket_is_named_by_its_whole_path(path: str) -> None:
    """Of a milter alone; one that Linux cannot name is refused."""
    with pytest.raises(AddressRefusedError):
        parsed(path if "://" in path else f"milter://{path}")
