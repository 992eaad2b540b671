"""Content of a long message on disk: read by slices as bytes are, and by nobody who has the disk alone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejent.streams.mail.messages.classes import MessageHead
from rejent.streams.mail.messages.sealing import KeyRole, MessageOpener, MessageSealer, OpenedMessage
from rejent.streams.mail.receiving.exempted import ExemptedMessages
from rejent.streams.mail.receiving.spool import LONG, Incoming, LongContent
from rejent.vault.age import Identity, SharedHead
from rejent.vault.age.payload import CHUNK

CONTENT = bytes(range(256)) * 1030


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> LongContent:
    """Content that came in pieces of any length."""
    made = LongContent(tmp_path_factory.mktemp("spool"), CONTENT[:3])
    for start in range(3, len(CONTENT), 9973):
        made.append(CONTENT[start : start + 9973])
    return made


@given(
    start=st.one_of(st.none(), st.integers(-300_000, 300_000)),
    stop=st.one_of(st.none(), st.integers(-300_000, 300_000)),
)
def test_slices_are_those_of_bytes(long: LongContent, start: int | None, stop: int | None) -> None:
    """Wherever they begin and end, and where there is nothing."""
    assert long[start:stop] == CONTENT[start:stop]
    assert len(long) == len(CONTENT)


def test_a_long_message_leaves_memory_and_has_no_name(tmp_path: Path) -> None:
    """Its file is in no folder, and what stands in it is not what came."""
    incoming = Incoming(tmp_path)
    incoming.append(b"sekret" * 100)
    assert incoming.taken() == b"sekret" * 100
    incoming.append(b"sekret" * (LONG // 6))
    taken = incoming.taken()
    assert isinstance(taken, LongContent)
    assert taken[:12] == b"sekretsekret"
    assert list(tmp_path.iterdir()) == []
    assert b"sekret" not in Path(f"/proc/self/fd/{taken._file}").read_bytes()


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7])
@pytest.mark.parametrize("piece", [1000, CHUNK, CHUNK + 1, 1 << 20])
def test_what_is_sealed_by_pieces_opens_as_what_is_sealed_at_once(length: int, piece: int) -> None:
    """And is as long as was said before."""
    keys = {role: Identity.generate() for role in KeyRole}
    sealer = MessageSealer({role: [key.recipient] for role, key in keys.items()})
    message = OpenedMessage("a@b.example", ("c@d.example",), (CONTENT * 2)[:length])
    parts, size = sealer.seal_long(message)
    sealed = b"".join(parts)
    assert (len(sealed), MessageOpener(keys).open(sealed)) == (size, message)
    head = SharedHead([keys[KeyRole.CASE].recipient])
    pieces = (message.content[at : at + piece] for at in range(0, length, piece))
    by_pieces = b"".join(head.seal_parts(pieces))
    assert len(by_pieces) == head.sealed_length(length) == len(head.seal(message.content))


@given(
    body=st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b"."]), max_size=30).map(b"".join),
    cut=st.integers(1, 7),
)
def test_a_body_is_marked_alike_wherever_its_lines_are_broken(body: bytes, cut: int) -> None:
    """By pieces with a line end and a blank between them it is what it is at once; a byte more is another."""
    head, now = b"Message-ID: <a@b.example>\r\n\r\n", datetime(2026, 11, 2, tzinfo=UTC)
    exempted, broken = (
        ExemptedMessages(),
        b"\r\n ".join(body[at : at + cut] for at in range(0, len(body), cut)),
    )
    exempted.add(head + body, MessageHead(head), now)
    assert exempted.has(head + broken, MessageHead(head), now)
    assert not exempted.has(head + broken + b"x", MessageHead(head), now)


def test_a_long_message_is_remembered_as_exempt(long: LongContent, tmp_path: Path) -> None:
    """A milter had it in short packets, a journal in long pieces with a field before it."""
    exempted, now = ExemptedMessages(), datetime(2026, 11, 2, tzinfo=UTC)
    sent = b"Message-ID: <a@b.example>\r\n\r\n" + CONTENT
    exempted.add(sent, MessageHead(sent), now)
    came = LongContent(tmp_path, b"Received: x\r\n" + sent)
    assert exempted.has(came, MessageHead(came[:1000]), now)
    assert not exempted.has(long, MessageHead(long[:1000]), now)
