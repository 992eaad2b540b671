"""Whatever bytes come, a session of SMTP, LMTP or a milter answers or ends, and a reply of IMAP is read or refused: no other exception."""

import random
import struct

import pytest

from rejent.streams.mail.receiving.imported.imap import ImapAddress, ImapMailbox
from rejent.streams.mail.receiving.milter import MilterSession
from rejent.streams.mail.receiving.received import Outcome
from rejent.streams.mail.receiving.smtp import SmtpSession, Terms
from rejent.streams.mail.records.errors import ImportRefusedError
from tests.unit.streams_mail.imap_server import ImapScript, imap_server
from tests.unit.streams_mail.test_mailboxes import NOW
from tests.unit.streams_mail.test_milter import packet

JOURNAL = "journal@archiwum.example"
WORDS = [
    b"EHLO ", b"HELO ", b"LHLO ", b"STARTTLS", b"AUTH PLAIN ", b"AUTH LOGIN", b"AUTH ", b"MAIL FROM:<", b"RCPT TO:<", b"DATA\r\n", b"RSET",
    b"NOOP", b"VRFY ", b"QUIT", b"\r\n", b"\r\n", b"\r\n", b">", b"<", b"@", b" SIZE=", b" BODY=BINARYMIME", b"=", b"*", b"AHBvc3RmaXgAeA==",
    b"\xc2\xb2", "ł".encode(), b"\xff", b"\0", b"\r", b"\n", b".\r\n", b"\r\n.\r\n", b"1" * 5000, JOURNAL.encode(), b"mx", b"(", b'"',
]  # fmt: skip
PACKETS = [*b"OCHMRTLNBEUDAQK", 0, 255]


def drawn(seed: int) -> random.Random:
    """Return what is drawn by a seed."""
    return random.Random(seed)  # noqa: S311 - the same faults each time


def smtp_session(number: int, *, encrypted: bool) -> SmtpSession:
    """Begin one of every kind."""
    tls, auth = bool(number & 2), bool(number & 4)
    session = SmtpSession(Terms("mail.example", bool(number & 1), frozenset({JOURNAL}), 1 << 16, tls, auth))
    if tls and encrypted:
        session.encrypted()
    return session


def converse(rng: random.Random) -> set[bytes]:
    """Feed a session, and settle whatever waits; return the kinds of its replies, their first digits."""
    session = smtp_session(rng.randrange(8), encrypted=rng.random() < 0.8)
    greeting = b"LHLO mx\r\n" if session._terms.lmtp else b"EHLO mx\r\n"
    session.feed(greeting if rng.random() < 0.7 else b"")
    for _ in range(rng.randrange(1, 12)):
        line = b"".join(rng.choices(WORDS, k=rng.randrange(1, 6))) + rng.choice([b"", b"\r\n"])
        session.feed(line)
        while session.credentials is not None:
            session.authenticate(accepted=rng.choice([True, False, None]))
        while session.message is not None:
            session.settle(rng.choice(list(Outcome)))
    replies = session.replies().split(b"\r\n")[:-1]
    assert all(line[:3].isdigit() for line in replies)
    return {line[:1] for line in replies}


def converse_milter(rng: random.Random) -> bool:
    """Feed a session of a milter with packets, whole and torn; return whether it has ended."""
    session = MilterSession(1 << 12)
    for _ in range(rng.randrange(1, 20)):
        content = rng.choice(
            [
                b"",
                struct.pack(">III", rng.randrange(9), 511, rng.randrange(1 << 32)),
                b"<a@b>\0",
                b"X\0 y\0",
                rng.randbytes(9),
            ]
        )
        whole = packet(bytes([rng.choice(PACKETS)]), content)
        session.feed(whole if rng.random() < 0.9 else whole[: rng.randrange(len(whole))])
        while session.message is not None:
            session.settle()
    return session.ended


def altered(rng: random.Random, told: bytes) -> bytes:
    """Return a reply of IMAP with none, one or several faults."""
    sent = bytearray(told)
    for _ in range(rng.choice([0, 0, 0, 0, 0, 1, 1, 2])):
        at = rng.randrange(len(sent) + 1)
        match rng.randrange(4):
            case 0:
                sent[at : at + rng.randrange(1, 8)] = rng.randbytes(rng.randrange(4))
            case 1:
                sent[at:at] = rng.choice(
                    [b"{5}\r\n", b"{18446744073709551617}\r\n", b"\r\n", b'"', b"(", b")", b"NIL", b"* BYE x\r\n", b"1" * 4400, b"\0"]
                )  # fmt: skip
            case 2:
                del sent[at:]
            case _:
                sent += sent[at : at + 40]
    return bytes(sent)


def import_from_altered(port: int, script: ImapScript, rng: random.Random) -> bool:
    """Read a mailbox whose server errs; return whether all of it was read."""
    script.altered = bytes
    box = ImapMailbox(
        ImapAddress("127.0.0.1", port, "anna", rng.choice(["", "INBOX"]), encrypted=False), "tajne"
    )
    script.altered = lambda told: altered(rng, told)
    try:
        for each in list(box.found(NOW)):
            box.content(each)
    except ImportRefusedError:
        return False
    finally:
        script.altered = bytes
        box.close()
    return True


@pytest.mark.parametrize("rounds", [400, pytest.param(100_000, marks=pytest.mark.soak)])
def test_no_command_ends_a_session_by_an_exception(rounds: int) -> None:
    """Of SMTP, of LMTP, with and without TLS and passwords; of a milter."""
    replies = set().union(*(converse(drawn(seed)) for seed in range(rounds)))
    ended = {converse_milter(drawn(seed)) for seed in range(rounds)}
    assert (replies, ended) == ({b"2", b"3", b"4", b"5"}, {True, False})


@pytest.mark.parametrize("rounds", [60, pytest.param(5_000, marks=pytest.mark.soak)])
def test_no_reply_of_a_server_ends_an_import_by_an_exception(rounds: int) -> None:
    """It is refused in a line, and what was read until then stays."""
    script = ImapScript()
    with imap_server(script) as port:
        read = [import_from_altered(port, script, drawn(seed)) for seed in range(rounds)]
    assert {True, False} == set(read)
