"""A journal under attack and in trouble: crowds, slow senders, a full disk, a stepped clock, no day key; nothing acknowledged is lost."""

import errno
import io
import smtplib
import socket
import ssl
import struct
import threading
import tracemalloc
import zipfile
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from rejent.catalog.errors import SourceRefusedError
from rejent.kernel.clock import ManualClock
from rejent.recording.contract import GeneralCause
from rejent.recording.steady_time import SteadyTime
from rejent.streams.mail.messages.classes import MailRules
from rejent.streams.mail.messages.framing import MessageFrame, whole_frames
from rejent.streams.mail.messages.sealing import KeyRole, MessageOpener, OpenedMessage
from rejent.streams.mail.receiving.admission import Admission, demand_senders, demand_usable, sender_line
from rejent.streams.mail.receiving.causes import MailCause
from rejent.streams.mail.receiving.listener import Limits
from rejent.streams.mail.receiving.recorder import MOST_BYTES, JournalOrder, MailRecorder
from rejent.streams.mail.sources import FORM, parsed
from rejent.streams.mail.threats.checking import Checking
from rejent.vault.age import Identity
from tests.certificates import Authority, Signed
from tests.unit.recording.sink_bench import START, FailingCalls, SinkBench
from tests.unit.streams_mail.test_milter import message as milter_message
from tests.unit.streams_mail.test_milter import packet
from tests.unit.streams_mail.test_smtp import dotted
from tests.waiting import CEILING_S, until

JOURNAL, ANNA = "dziennik@archiwum.example", "anna@urzad.example"
RULES = MailRules(frozenset({"urzad.example"}), frozenset(), ("[prywatne]",))
PASSWORD, HASH = "haslo serwera poczty", "argon2$argon2id$v=19$m=102400,t=2,p=8$c29s$aGFzaA"
LETTER = b"From: anna@urzad.example\r\nTo: jan@dostawca.example\r\nSubject: oferta\r\n\r\nx\r\n"


@dataclass(slots=True)
class Journal:
    """A journal that is received on a real store."""

    bench: SinkBench
    clock: ManualClock
    recorder: MailRecorder
    keys: dict[KeyRole, Identity]
    source: str
    counted: Counter[str] = field(default_factory=Counter)

    @property
    def port(self) -> int:
        """Return where it listens."""
        return self.recorder.listening_at(self.source)

    def client(self) -> smtplib.SMTP:
        """Connect as a mail server does."""
        return smtplib.SMTP("127.0.0.1", self.port, timeout=CEILING_S)

    def send(self, content: bytes = LETTER) -> int:
        """Hand a message over; return the code of its last reply."""
        with self.client() as client:
            client.ehlo("mx.example")
            client.mail(ANNA)
            client.rcpt(JOURNAL)
            return int(client.data(content)[0])

    def kept(self) -> list[OpenedMessage]:
        """Return what the booked objects hold, opened with both roles' keys."""
        frames = [
            MessageFrame.decoded(frame)
            for segment in self.bench.ledger.segments_booked
            for frame in whole_frames(self.bench.content(segment))
        ]
        return [MessageOpener(self.keys).open(each.sealed) for each in frames]


@contextmanager
def journal(
    folder: Path,
    calls: FailingCalls | None = None,
    limits: Limits | None = None,
    source: str = "dziennik",
    admission: Admission | None = None,
    *,
    checking: Callable[[], Checking] | None = None,
    milter: bool = False,
    rules: MailRules = RULES,
    spool: Path | None = None,
    most_bytes: int = MOST_BYTES,
) -> Iterator[Journal]:
    """Receive a journal; all that was acknowledged is booked at the end."""
    folder.mkdir()
    bench, clock = SinkBench(folder, calls), ManualClock(START)
    keys = {role: Identity.generate() for role in KeyRole}
    recipients = {role: [identity.recipient] for role, identity in keys.items()}
    counted: Counter[str] = Counter()

    def count(_source: str, _day: date, tally: Counter[str]) -> None:
        counted.update({"acknowledged": 0, "refused": 0})
        counted.update({name: times for name, times in tally.items() if name not in {"private", "exempt"}})

    recorder = MailRecorder(
        bench.sink,
        clock,
        SteadyTime(clock),
        count,
        recipients,
        checking=checking and checking(),
        recheck_s=0.01,
        most_bytes=most_bytes,
        spool=spool or folder,
        limits=limits or Limits(),
    )
    thread = threading.Thread(target=recorder.run)
    thread.start()
    recorder.add(
        JournalOrder(
            source, False, "127.0.0.1", 0, frozenset({JOURNAL}), rules, admission or Admission(), milter
        ),
        None,
        GeneralCause.NONE,
    )
    try:
        until(lambda: recorder.listening_at(source))
        yield Journal(bench, clock, recorder, keys, source, counted)
    finally:
        recorder.stop()
        thread.join()
        bench.sink.close()


def handing_over(here: Journal, stack: ExitStack, host: str = "127.0.0.1") -> socket.socket:
    """Connect and begin a message."""
    connection = stack.enter_context(
        socket.create_connection(("127.0.0.1", here.port), CEILING_S, source_address=(host, 0))
    )
    connection.sendall(f"EHLO a\r\nMAIL FROM:<{ANNA}>\r\nRCPT TO:<{JOURNAL}>\r\n".encode() + b"DATA\r\n")
    lines = stack.enter_context(connection.makefile("rb"))
    assert any(line.startswith(b"354 ") for line in iter(lines.readline, b""))
    return connection


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
        until(lambda: _served(here))
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


def _served(here: Journal) -> bool:
    """Return whether a connection is served, which ends somewhat after its client left."""
    try:
        return here.send() == 250
    except smtplib.SMTPException:
        return False


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


def _milter_beside(here: Journal, rules: MailRules) -> Callable[[], socket.socket]:
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
        server = stack.enter_context(_milter_beside(here, UNION)())
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
        connect = _milter_beside(here, UNION)
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


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return who signs the certificates of the journals here."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def signed(authority: Authority) -> Signed:
    """Return a certificate and a key that nobody else reads."""
    made = authority.server("127.0.0.1")
    made.key.chmod(0o600)
    return made


def test_messages_are_taken_by_tls_alone(tmp_path: Path, authority: Authority, signed: Signed) -> None:
    """Also long ones, several in a session; in the clear nothing is, and what is injected ends the connection."""
    long = LETTER + b"a" * 76 * 40_000 + b"\r\n"
    terms = Admission(certificate=str(signed.certificate), key=str(signed.key))
    with journal(tmp_path / "store", admission=terms, limits=Limits(handshake_s=5)) as here:
        with here.client() as client:
            assert client.docmd("EHLO", "mx")[0] == 250
            assert client.mail(ANNA)[0] == 530
            assert client.starttls(context=ssl.create_default_context(cafile=str(authority.file)))[0] == 220
            for content in (LETTER, long, LETTER):
                assert client.sendmail(ANNA, [JOURNAL], content) == {}
        with socket.create_connection(("127.0.0.1", here.port), CEILING_S) as between:
            between.sendall(b"EHLO a\r\nSTARTTLS\r\nEHLO b\r\n")
            said = b"".join(iter(lambda: between.recv(4096), b""))
        assert said.endswith(b"421 4.7.0 Something was sent before TLS was begun\r\n")
    assert sorted(len(each.content) for each in here.kept()) == [len(LETTER)] * 2 + [len(long)]
    assert here.counted == {"acknowledged": 3, "refused": 0}


def test_who_never_begins_tls_is_sent_away(tmp_path: Path, signed: Signed) -> None:
    """The handshake has its own time."""
    terms = Admission(certificate=str(signed.certificate), key=str(signed.key))
    with (
        journal(tmp_path / "store", admission=terms, limits=Limits(handshake_s=0.1)) as here,
        socket.create_connection(("127.0.0.1", here.port), CEILING_S) as silent,
    ):
        silent.sendall(b"STARTTLS\r\n")
        said = b"".join(iter(lambda: silent.recv(4096), b""))
    assert said.endswith(b"220 2.0.0 Begin TLS\r\n")


def test_who_comes_from_elsewhere_proves_a_name(tmp_path: Path, authority: Authority, signed: Signed) -> None:
    """By the password that a file knows the hash of; whoever guesses is told to come later, and this machine needs none."""
    senders = tmp_path / "senders"
    senders.write_text(f"{sender_line('postfix', PASSWORD)}\n")
    terms = Admission(certificate=str(signed.certificate), key=str(signed.key), senders=str(senders))
    context = ssl.create_default_context(cafile=str(authority.file))
    with journal(tmp_path / "store", admission=terms) as here:

        def client(address: str) -> smtplib.SMTP:
            made = smtplib.SMTP("127.0.0.1", here.port, timeout=CEILING_S, source_address=(address, 0))
            made.starttls(context=context)
            made.ehlo()
            return made

        with client("127.0.0.9") as known:
            assert known.mail(ANNA)[0] == 530
            assert known.login("postfix", PASSWORD)[0] == 235
            assert known.sendmail(ANNA, [JOURNAL], LETTER) == {}
        guesses = [
            ("postfix", "zgadywane"),
            ("nikt", PASSWORD),
            *[("postfix", "zgadywane")] * 3,
            ("postfix", PASSWORD),
        ]
        told = []
        for name, password in guesses:
            with client("127.0.0.10") as guessing:
                told.append(
                    guessing.docmd("AUTH PLAIN", b64encode(f"\0{name}\0{password}".encode()).decode())[0]
                )
        assert told == [535] * 5 + [421], "whoever guesses is told to come later, with the right one, too"
        with client("127.0.0.1") as same:
            assert same.sendmail(ANNA, [JOURNAL], LETTER) == {}
    assert here.counted == {"acknowledged": 2, "refused": 0}
    assert PASSWORD not in senders.read_text()


@pytest.mark.parametrize(
    ("content", "mode", "told"),
    [
        ("", 0o600, "not those of rejent mail sender"),
        ("postfix:tajne\n", 0o600, "not those of rejent mail sender"),
        (f"postfix:{HASH}\nkot\n", 0o600, "not those of rejent mail sender"),
        (f"postfix:{HASH}\n", 0o644, "Anybody on this machine may read"),
        (f"\npostfix:{HASH}\ninny:{HASH}\n\n", 0o640, ""),
    ],
)
def test_a_file_of_senders_is_tried_when_it_is_named(
    tmp_path: Path, content: str, mode: int, told: str
) -> None:
    """One line says what is wrong with it, and repeats nothing of it."""
    file = tmp_path / "senders"
    file.write_text(content)
    file.chmod(mode)
    if not told:
        demand_senders(str(file))
        return
    with pytest.raises(SourceRefusedError, match=told) as refused:
        demand_senders(str(file))
    assert "tajne" not in str(refused.value)


def test_another_host_is_refused_at_once_and_counts_nowhere(tmp_path: Path) -> None:
    """The named network and this machine itself are served."""
    with journal(tmp_path / "store", admission=Admission.of({"networks": "127.0.0.8/30,192.0.2.1"})) as here:
        with socket.create_connection(("127.0.0.1", here.port), CEILING_S, ("127.0.0.2", 0)) as stranger:
            assert b"".join(iter(lambda: stranger.recv(4096), b"")).startswith(b"554 ")
        with smtplib.SMTP(
            "127.0.0.1", here.port, timeout=CEILING_S, source_address=("127.0.0.9", 0)
        ) as named:
            assert named.sendmail(ANNA, [JOURNAL], LETTER) == {}
        assert here.send() == 250
    assert here.counted == {"acknowledged": 2, "refused": 0}


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("none", ""),
        ("mismatched", "key values mismatch"),
        ("missing", "no such file"),
        ("expired", "is valid from"),
        ("open", "Anybody on this machine may read the key"),
    ],
)
def test_files_of_tls_are_tried_when_they_are_named(
    fault: str, told: str, tmp_path: Path, authority: Authority, signed: Signed
) -> None:
    """One line says what is wrong with them."""
    certificate, key, now = str(signed.certificate), tmp_path / "key", datetime.now(UTC)
    key.write_bytes((authority.server("other") if fault == "mismatched" else signed).key.read_bytes())
    key.chmod(0o644 if fault == "open" else 0o600)
    if fault == "missing":
        key.unlink()
    if fault == "expired":
        now += timedelta(days=3)
    if not told:
        demand_usable(certificate, str(key), now)
        return
    with pytest.raises(SourceRefusedError, match=told):
        demand_usable(certificate, str(key), now)


@pytest.mark.parametrize(
    ("address", "traits", "told"),
    [
        ("smtp://192.0.2.20:25", {}, "by TLS alone"),
        ("smtp://0.0.0.0:25", {"certificate": "/Etc/a.pem", "key": "/Etc/a.key"}, "by TLS alone"),
        ("smtp://[::]:25", {"networks": "192.0.2.0/24"}, "by TLS alone"),
        ("smtp://127.0.0.1:25", {"certificate": "/Etc/a.pem"}, "named together"),
        ("smtp://127.0.0.1:25", {"certificate": "a.pem", "key": "a.key"}, "whole paths"),
        ("smtp://192.0.2.20:25", {"networks": "0.0.0.0/0"}, "does not belong there"),
        ("smtp://127.0.0.1:25", {"senders": "/Etc/senders"}, "by TLS alone"),
        ("milter://192.0.2.20:25", {}, "of this machine alone"),
        ("milter://127.0.0.1:25", {"networks": "192.0.2.1"}, "neither an address of its own"),
        ("milter://127.0.0.1:25", {"recipients": "a@b.example"}, "neither an address of its own"),
        ("milter://[::1]:25", {"domains": "urzad.example"}, ""),
        ("smtp://[::]:25", {"certificate": "/Etc/a.pem", "key": "/Etc/a.key", "networks": "192.0.2.1"}, ""),
        ("smtp://[::]:25", {"certificate": "/Etc/a.pem", "key": "/Etc/a.key", "senders": "/Etc/senders"}, ""),
    ],
)
def test_beyond_this_machine_a_journal_is_encrypted_and_closed(
    address: str, traits: dict[str, str], told: str
) -> None:
    """Everything else is refused in one line; paths keep their letters."""

    def stated() -> dict[str, str]:
        given = FORM.traits(traits)
        FORM.fits(parsed(address).text, given)
        return given

    if not told:
        assert stated() == traits
        return
    with pytest.raises(SourceRefusedError, match=told):
        stated()
