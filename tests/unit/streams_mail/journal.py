"""A journal that is received on a real store, as the tests of its connections use it."""

import smtplib
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from rejent.formats.records import whole_packets
from rejent.kernel.clock import ManualClock
from rejent.recording.contract import GeneralCause
from rejent.recording.steady_time import SteadyTime
from rejent.streams.mail.messages.classes import MailRules
from rejent.streams.mail.messages.framing import MessageFrame
from rejent.streams.mail.messages.sealing import KeyRole, MessageOpener, OpenedMessage
from rejent.streams.mail.receiving.admission import Admission
from rejent.streams.mail.receiving.listener import Limits
from rejent.streams.mail.receiving.orders import JournalOrder
from rejent.streams.mail.receiving.recorder import MOST_BYTES, MailRecorder
from rejent.streams.mail.threats.checking import Checking
from rejent.vault.age import Identity
from tests.unit.recording.sink_bench import START, FailingCalls, SinkBench
from tests.waiting import CEILING_S, until

JOURNAL, ANNA = "dziennik@archiwum.example", "anna@urzad.example"
RULES = MailRules(frozenset({"urzad.example"}), frozenset(), ("[prywatne]",))
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
            for frame in whole_packets(self.bench.content(segment))
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


def is_served(here: Journal) -> bool:
    """Return whether a connection is served, which ends somewhat after its client left."""
    try:
        return here.send() == 250
    except smtplib.SMTPException:
        return False
