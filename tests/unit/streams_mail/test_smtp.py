"""The SMTP session: what ends a message and what does not, what is refused how, byte for byte."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejent.streams.mail.receiving.received import Outcome
from rejent.streams.mail.receiving.smtp import LONGEST_COMMAND, SmtpSession, Terms

JOURNAL = "journal@archiwum.example"
BEFORE = f"EHLO mx.example\r\nMAIL FROM:<anna@urzad.example>\r\nRCPT TO:<{JOURNAL}>\r\n".encode()


def opened(
    *, lmtp: bool = False, most_bytes: int = 3 << 20, tls: bool = False, auth: bool = False
) -> SmtpSession:
    """Begin a session and read its greeting."""
    session = SmtpSession(Terms("mail.example", lmtp, frozenset({JOURNAL}), most_bytes, tls, auth))
    assert session.replies().startswith(b"220 ")
    return session


def in_data(**more: object) -> SmtpSession:
    """Bring a session to where content is expected."""
    session = opened(**more)  # type: ignore[arg-type]
    session.feed(BEFORE)
    session.feed(b"DATA\r\n")
    assert session.replies().splitlines()[-1].startswith(b"354 ")
    return session


def dotted(content: bytes) -> bytes:
    """Write content as a client sends it (RFC 5321 §4.5.2), with its end."""
    sent = content.replace(b"\r\n.", b"\r\n..")
    return (b"." if content.startswith(b".") else b"") + sent + b".\r\n"


HARD = {
    "no id": b"Subject: x\r\n\r\ny\r\n",
    "an id of 10 kB": b"Message-ID: <" + b"a" * 10_000 + b"@x>\r\n\r\ny\r\n",
    "a line of 2 MB": b"Subject: x\r\n\r\n" + b"a" * 2_000_000 + b"\r\n",
    "NUL": b"Subject: \0\r\n\r\n\0\0\r\n",
    "eight bits in the head": "Subject: zażółć\r\n\r\n".encode("iso-8859-2") + b"\xff\xfe\r\n",
    "bare LF": b"Subject: x\n\ny\n.\nz\r\n",
    "bare CR": b"Subject: x\r\r.\ry\r\n",
    "dots": b".\r\n" * 0 + b"..\r\n.a\r\n...\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("content", HARD.values(), ids=HARD)
@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_content_arrives_byte_for_byte(content: bytes, piece: int) -> None:
    """However it is cut on its way."""
    if len(content) > 100_000 and piece < 100:
        piece = 1000
    session, sent = in_data(), dotted(content)
    for start in range(0, len(sent), piece):
        session.feed(sent[start : start + piece])
    assert session.message is not None
    assert session.message.content == content
    assert (session.message.sender, session.message.recipients) == ("anna@urzad.example", (JOURNAL,))


@given(
    content=st.binary(max_size=400).map(lambda some: some.replace(b"\r\n.\r\n", b"") + b"\r\n"),
    cut=st.integers(1, 9),
)
def test_any_content_arrives_byte_for_byte(content: bytes, cut: int) -> None:
    """Whatever bytes there are before CR LF."""
    session, sent = in_data(), dotted(content)
    for start in range(0, len(sent), cut):
        session.feed(sent[start : start + cut])
    assert session.message is not None
    assert session.message.content == content


SMUGGLED = b"MAIL FROM:<prezydent@urzad.example>\r\nRCPT TO:<" + JOURNAL.encode() + b">\r\nDATA\r\nzle\r\n"


@pytest.mark.parametrize(
    "end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r\n\0.\r\n", b"\n.\r"]
)
def test_nothing_but_the_real_end_ends_a_message(end: bytes) -> None:
    """SMTP smuggling (CVE-2023-51764, -51765, -51766): what follows a false end is content, and no command."""
    session = in_data()
    session.feed(b"a" + end + SMUGGLED)
    assert session.message is None
    session.feed(b"\r\n.\r\n")
    assert session.message is not None
    assert b"prezydent@" in session.message.content
    session.settle(Outcome.TAKEN)
    assert session.message is None
    assert session.replies() == b"250 2.0.0 Taken\r\n"


def test_content_before_it_is_asked_for_ends_the_session() -> None:
    """Pipelining ends with DATA (RFC 2920 §3.1)."""
    session = opened()
    session.feed(BEFORE + b"DATA\r\nSubject: x\r\n.\r\nQUIT\r\n")
    assert session.ended
    assert session.message is None
    assert session.replies().splitlines()[-1].startswith(b"421 ")


def test_messages_may_follow_one_another() -> None:
    """What was sent behind a message waits for its outcome."""
    session = in_data()
    session.feed(b"one\r\n.\r\n" + BEFORE.partition(b"\r\n")[2])
    assert session.replies() == b""
    session.settle(Outcome.NOT_KEPT)
    assert [line[:3] for line in session.replies().splitlines()] == [b"451", b"250", b"250"]


def test_lmtp_answers_for_each_recipient() -> None:
    """RFC 2033 §4.2."""
    session = opened(lmtp=True)
    session.feed(b"EHLO x\r\n" + BEFORE.replace(b"EHLO", b"LHLO") + f"RCPT TO:<{JOURNAL}>\r\n".encode())
    assert session.replies().startswith(b"500 ")
    session.feed(b"DATA\r\n")
    session.feed(b"x\r\n.\r\n")
    session.replies()
    session.settle(Outcome.TAKEN)
    assert session.replies() == b"250 2.0.0 Taken\r\n" * 2


def test_what_is_too_large_is_left_to_the_mail_server() -> None:
    """4xx, so that nobody gets a bounce; no more than its end is held meanwhile, and the session goes on."""
    session = in_data(most_bytes=1000)
    for _ in range(50):
        session.feed(b"a" * 100)
        assert session.held <= 1100
    session.feed(b"\r\n.\r\nNOOP\r\n")
    assert [line[:3] for line in session.replies().splitlines()] == [b"452", b"250"]
    assert session.lost == 1


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\nB: c\r\nC: d\r\n", b"421"),
        (b"NOOP\n", b"500"),
        (b"NO\rOP\r\n", b"500"),
        (b"NO\0OP\r\n", b"500"),
        (b"a" * LONGEST_COMMAND, b"500"),
    ],
)
def test_what_is_no_smtp_ends_the_session(sent: bytes, code: bytes) -> None:
    """One line says so."""
    session = opened()
    session.feed(sent)
    assert session.ended
    assert session.replies().splitlines()[-1].startswith(code)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('MAIL FROM:<"jan kowalski"@firma.example>', b"250"),
        (r'MAIL FROM:<"a>b\"<c\\"@firma.example> SIZE=1', b"250"),
        ("MAIL FROM:<biuro@związek.example> SMTPUTF8", b"250"),
        ("MAIL FROM:<@relay.example:jan@firma.example>", b"250"),
        ('MAIL FROM:<"jan kowalski@firma.example>', b"501"),
        ("MAIL FROM:<jan kowalski@firma.example>", b"501"),
        (f"MAIL FROM:<{'a' * 310}@firma.example>", b"501"),
        ("MAIL FROM:<" + '"\\' * 900, b"501"),
    ],
)
def test_paths_hold_whatever_a_local_part_may(line: str, code: bytes) -> None:
    """Blanks and brackets within quotes (RFC 5321 §4.1.2), letters of UTF-8 (RFC 6531 §3.3), routes."""
    session = opened()
    session.feed(b"EHLO x\r\n")
    session.replies()
    session.feed(line.encode() + b"\r\n")
    assert session.replies().startswith(code)


def test_the_journals_address_is_taken_in_every_spelling() -> None:
    """As a mail server may write it."""
    session = opened()
    session.feed(b"EHLO x\r\nMAIL FROM:<>\r\n")
    session.replies()
    local, _, domain = JOURNAL.partition("@")
    session.feed(f'RCPT TO:<"{local}"@{domain.upper()}.>\r\n'.encode())
    assert session.replies().startswith(b"250")


@pytest.mark.parametrize(
    "line",
    [
        b"RCPT TO:<obcy@example.org>",
        b"MAIL FROM:<anna@urzad.example>",
        b"DATA x",
        b"RCPT TO:anna",
        b"MAIL",
        b"\xff\xfe",
    ],
)
def test_commands_out_of_place_are_refused(line: bytes) -> None:
    """An address that is not archived with 4xx: a mistake in the mail server's configuration bounces nothing."""
    session = opened()
    session.feed(BEFORE.partition(b"RCPT")[0])
    session.replies()
    session.feed(line + b"\r\n")
    assert session.replies()[:1] in {b"4", b"5"}
    assert not session.ended


@pytest.mark.parametrize(
    "line",
    [
        b"MAIL FROM:<a@b.example> BODY=BINARYMIME",
        b"MAIL FROM:<a@b.example> RET=HDRS",
        b"MAIL FROM:<a@b.example> SIZE=1 HOLDFOR=60",
        b"RCPT TO:<journal@archiwum.example> NOTIFY=NEVER",
    ],
)
def test_parameters_that_were_not_offered_are_refused(line: bytes) -> None:
    """RFC 5321 §4.1.1.11: whoever asks for what the greeting does not offer is told so, and nothing is taken otherwise than asked for."""
    session = opened()
    session.feed(b"EHLO x\r\n" if line.startswith(b"MAIL") else BEFORE.partition(b"RCPT")[0])
    session.replies()
    session.feed(line + b"\r\n")
    assert session.replies().startswith(b"555 5.5.4 ")
    session.feed(b"RSET\r\nMAIL FROM:<a@b.example> SIZE=10 body=8bitmime SMTPUTF8\r\n")
    assert [each[:3] for each in session.replies().splitlines()] == [b"250", b"250"]


@pytest.mark.parametrize(
    "injected", [(b"STARTTLS\r\n" + BEFORE,), (b"STARTTLS\r\n", b"R")], ids=["in the same piece", "later"]
)
def test_what_is_sent_in_the_clear_behind_starttls_never_counts(injected: tuple[bytes, ...]) -> None:
    """CVE-2011-0411: whoever is between puts commands there, and the session would take them as encrypted."""
    session = opened(tls=True)
    session.feed(b"EHLO x\r\n")
    assert b"STARTTLS" in session.replies()
    for piece in injected:
        session.feed(piece)
    assert session.ended
    assert session.replies().startswith(b"421 ")


def test_nothing_is_taken_in_the_clear_and_nothing_said_before_tls_counts() -> None:
    """530 of RFC 3207 §4, and a greeting anew of §4.2; a journal without a certificate knows no STARTTLS."""
    session = opened(tls=True)
    session.feed(BEFORE)
    assert [line[:3] for line in session.replies().splitlines()[-2:]] == [b"530", b"530"]
    session.feed(b"STARTTLS\r\n")
    assert session.awaits_tls
    session.encrypted()
    session.replies()
    session.feed(BEFORE.partition(b"\r\n")[2])
    assert [line[:3] for line in session.replies().splitlines()] == [b"503", b"503"]
    session.feed(b"EHLO x\r\n")
    assert b"STARTTLS" not in session.replies()
    plain = opened()
    plain.feed(b"STARTTLS\r\n")
    assert plain.replies()[-60:].startswith(b"500 ")


def greeted() -> SmtpSession:
    """Bring a session that demands a password to behind its handshake of TLS and its greeting."""
    session = opened(tls=True, auth=True)
    session.feed(b"STARTTLS\r\n")
    session.encrypted()
    session.feed(b"EHLO mx\r\n")
    assert b"250 AUTH PLAIN LOGIN\r\n" in session.replies()
    return session


def b64(text: str) -> bytes:
    """Return a line of AUTH."""
    return b64encode(text.encode()) + b"\r\n"


@pytest.mark.parametrize(
    "lines",
    [
        [b"AUTH PLAIN " + b64("\0postfix\0tajne hasło")],
        [b"auth plain\r\n", b64("postfix\0postfix\0tajne hasło")],
        [b"AUTH LOGIN\r\n", b64("postfix"), b64("tajne hasło")],
        [b"AUTH LOGIN " + b64("postfix"), b64("tajne hasło")],
    ],
)
def test_a_name_is_proved_before_messages_are_taken(lines: list[bytes]) -> None:
    """Whatever the mechanism, and however its lines are cut; until then every message is refused."""
    session = greeted()
    session.feed(b"MAIL FROM:<a@b.example>\r\n")
    for number in b"".join(lines):
        session.feed(bytes([number]))
    assert session.credentials == ("postfix", "tajne hasło")
    session.feed(BEFORE.partition(b"\r\n")[2])
    session.authenticate(accepted=True)
    said = [line[:3] for line in session.replies().splitlines()]
    assert (said[0], said[-3:]) == (b"530", [b"235", b"250", b"250"])
    session.feed(b"AUTH PLAIN " + b64("\0a\0b"))
    assert session.replies().startswith(b"503 ")


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        (b"AUTH PLAIN !\r\n", b"501"),
        (b"AUTH PLAIN " + b64("no parts"), b"501"),
        (b"AUTH PLAIN " + b64("admin\0postfix\0x"), b"501"),
        (b"AUTH PLAIN =\r\n", b"501"),
        (b"AUTH PLAIN /w==\r\n", b"501"),
        (b"AUTH PLAIN \xc2\xb2\r\n", b"501"),
        ("AUTH LOGIN\r\nł\r\n".encode(), b"501"),
        (b"AUTH LOGIN\r\n*\r\n", b"501"),
        (b"AUTH CRAM-MD5\r\n", b"504"),
        (b"AUTH PLAIN " + b"a" * LONGEST_COMMAND, b"500"),
    ],
)
def test_what_proves_no_name_is_refused(said: bytes, reply: bytes) -> None:
    """The session goes on without one, but for a line without an end."""
    session = greeted()
    session.feed(said)
    assert session.credentials is None
    assert session.replies().splitlines()[-1].startswith(reply)


def test_a_password_is_taken_by_tls_alone_and_three_wrong_ones_end_the_session() -> None:
    """Nothing is offered in the clear, and nothing where no password is asked for; a host that failed too often is told to come later."""
    clear = opened(tls=True, auth=True)
    clear.feed(b"EHLO a\r\nAUTH PLAIN " + b64("\0postfix\0x"))
    assert b"AUTH" not in (said := clear.replies()).splitlines()[-2]
    assert said.splitlines()[-1].startswith(b"530 5.7.0 Must issue")
    plain = opened()
    plain.feed(b"EHLO a\r\nAUTH PLAIN " + b64("\0postfix\0x"))
    assert plain.replies().splitlines()[-1].startswith(b"500 ")
    session = greeted()
    for _ in range(3):
        session.feed(b"AUTH PLAIN " + b64("\0postfix\0x"))
        session.authenticate(accepted=False)
    assert [line[:3] for line in session.replies().splitlines()] == [b"535", b"535", b"535", b"421"]
    assert session.ended
    later = greeted()
    later.feed(b"AUTH PLAIN " + b64("\0postfix\0x"))
    later.authenticate(accepted=None)
    assert (later.replies()[:4], later.ended) == (b"421 ", True)
