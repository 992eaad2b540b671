"""How recorders begin, are fed and lose a source in the contract of every recorder, at a sink that notes what it is given.

A new kind adds its driver to `DRIVERS`; one that has none fails.
"""

import smtplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

from rejent.kernel.clock import SystemClock
from rejent.recording.contract import GeneralCause, Recorder, SegmentOpening
from rejent.recording.errors import StorageError
from rejent.recording.steady_time import SteadyTime
from rejent.streams.calls.catalog.lines.addresses import StatedLine, line_address
from rejent.streams.calls.network.rtp.receiver import SignallingPriority
from rejent.streams.calls.recorder.engine import CallsRecorder
from rejent.streams.calls.recorder.line import LineOrder
from rejent.streams.cameras.network.rtsp.address import Camera, parse_address
from rejent.streams.cameras.recorder.engine import CameraRecorder
from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from rejent.streams.cameras.simulated.clip import Coding
from rejent.streams.mail.messages.classes import MailRules
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.receiving.orders import JournalOrder
from rejent.streams.mail.receiving.recorder import MailRecorder
from rejent.vault.age import Identity
from tests.cameras.farm import clip, served
from tests.cameras.notebook import Notebook, NotedSegment
from tests.ports import free_port
from tests.streams.notes.recorder import NoteRecorder
from tests.unit.streams_calls.caller import Caller
from tests.unit.streams_calls.mirror_traffic import KeptBooks
from tests.unit.streams_calls.rtp_legs import packet
from tests.unit.streams_calls.test_recorder_doors import HOST, answered, ask
from tests.unit.streams_calls.test_rtp_receiver import free_range
from tests.waiting import CEILING_S, until

SOURCES = ("one", "two")


@dataclass
class Driven:
    """A recorder at work on two sources, and its sink.

    ``feed`` returns once a source has yielded more; ``unreachable`` adds a source that cannot yield anything; ``finish`` ends
    the item that is under way in a source, where it yields items.
    """

    recorder: Recorder
    notebook: Notebook
    thread: threading.Thread
    feed: Callable[[str], None]
    unreachable: Callable[[str], None]
    finish: Callable[[str], object] = lambda _: None


@contextmanager
def cameras() -> Iterator[Driven]:
    """Record two simulated cameras over RTSP."""
    with served({name: SimulatedCamera(clip(Coding(group=5))) for name in SOURCES}) as farm:
        notebook = Notebook()
        recorder = CameraRecorder(notebook, SystemClock())
        for name in SOURCES:
            recorder.add(farm.camera(name))

        def feed(source: str) -> None:
            before = notebook.units(source)
            notebook.wait_for(lambda: notebook.units(source) >= before + 20)

        def unreachable(source: str) -> None:
            recorder.add(Camera(source, parse_address("rtsp://127.0.0.1:1/x")[0]))

        with _at_work(recorder) as thread:
            yield Driven(recorder, notebook, thread, feed, unreachable)


@contextmanager
def journals() -> Iterator[Driven]:
    """Record two journals, fed by SMTP."""
    clock, notebook = SystemClock(), Notebook()
    recipients = {role: [Identity.generate().recipient] for role in KeyRole}
    recorder = MailRecorder(notebook, clock, SteadyTime(clock), lambda *_: None, recipients)
    rules = MailRules(frozenset({"urzad.example"}), frozenset(), ())
    to = "dziennik@archiwum.example"

    def add(source: str, port: int = 0) -> None:
        order = JournalOrder(source, False, "127.0.0.1", port, frozenset({to}), rules)
        recorder.add(order, None, GeneralCause.NONE)

    def feed(source: str) -> None:
        letter = b"From: anna@urzad.example\r\nTo: jan@dostawca.example\r\nSubject: oferta\r\n\r\nx\r\n"
        for _ in range(3):
            with smtplib.SMTP("127.0.0.1", recorder.listening_at(source), timeout=CEILING_S) as client:
                client.sendmail("anna@urzad.example", [to], letter)

    with _at_work(recorder) as thread:
        for name in SOURCES:
            add(name)
        until(lambda: all(map(recorder.listening_at, SOURCES)))
        yield Driven(
            recorder, notebook, thread, feed, lambda source: add(source, recorder.listening_at("one"))
        )


class LineNotebook(Notebook):
    """A notebook that makes further entries of a line at once."""

    def enter(self, source_id: str, entry: Callable[[], None]) -> None:
        """Make one."""
        del source_id
        entry()


@dataclass
class Exchange:
    """Hands the calls of one line over by SIPREC from this machine, one after another, each with one leg of RTP."""

    source: str
    port: int
    device: socket.socket
    party: socket.socket
    calls: int = 0
    packets: int = 0
    caller: Caller | None = None
    media: tuple[str, int] = field(default=(HOST, 0))

    def speak(self) -> None:
        """Send a tenth of a second of speech of the call that is under way, or of a new one."""
        if self.caller is None:
            self.calls += 1
            self.caller, answer = answered(self.device, f"{self.source}-{self.calls}")
            assert answer.status == 200
            (line,) = [each for each in answer.body.decode().splitlines() if each.startswith("m=audio")]
            self.media = HOST, int(line.split()[1])
        for number in range(self.packets, self.packets + 5):
            self.party.sendto(packet(number, 160 * number), self.media)
        self.packets += 5

    def hang_up(self) -> None:
        """End the call that is under way."""
        assert self.caller is not None
        assert ask(self.device, self.caller.request("BYE", required=())).status == 200
        self.caller = None

    def is_answered(self) -> bool:
        """Return whether somebody listens for calls of the line."""
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0


@contextmanager
def lines() -> Iterator[Driven]:
    """Record calls of two lines, handed over by SIPREC."""
    clock, notebook = SystemClock(), LineNotebook()
    recorder = CallsRecorder(notebook, clock, KeptBooks(), free_range(), answering=SignallingPriority(clock))

    def add(source: str, port: int) -> None:
        stated = StatedLine(siprec=f"{HOST}:{port}", numbers=("+48 74 841",), callers=("127.0.0.0/8",))
        recorder.add(LineOrder(source, line_address(stated), frozenset({"incoming"})), None)

    with ExitStack() as sockets, _at_work(recorder) as thread:
        exchanges = {}
        for name in SOURCES:
            device, party = (
                sockets.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2)
            )
            exchanges[name] = Exchange(name, free_port(), device, party)
            device.settimeout(CEILING_S)
            device.connect((HOST, exchanges[name].port))
            add(name, exchanges[name].port)
            until(exchanges[name].is_answered)

        def fragments(source: str) -> int:
            return sum(len(segment.fragments) for segment in notebook.of(source))

        def feed(source: str) -> None:
            units, handed_over = notebook.units(source), fragments(source)

            def more() -> bool:
                exchanges[source].speak()
                return notebook.units(source) >= units + 10 and fragments(source) >= handed_over + 2

            until(more)

        def unreachable(source: str) -> None:
            taken = sockets.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            taken.bind((HOST, 0))
            add(source, taken.getsockname()[1])

        yield Driven(
            recorder, notebook, thread, feed, unreachable, lambda source: exchanges[source].hang_up()
        )


class KeylessNotebook(Notebook):
    """A notebook that takes nothing of some sources, as a sink does that has no key of the day for them."""

    def __init__(self) -> None:
        super().__init__()
        self.keyless: set[str] = set()

    def open_segment(self, opening: SegmentOpening) -> NotedSegment:
        """Begin a segment, unless there is no key for it."""
        if opening.source_id in self.keyless:
            raise StorageError(GeneralCause.NO_DAY_KEY, "No key was made ahead.")
        return super().open_segment(opening)


@contextmanager
def notebooks() -> Iterator[Driven]:
    """Record what is written into two notebooks."""
    notebook = KeylessNotebook()
    recorder = NoteRecorder(notebook, SystemClock())

    def feed(source: str) -> None:
        for number in range(3):
            recorder.write(source, f"Notatka nr {number}")

    def unreachable(source: str) -> None:
        notebook.keyless.add(source)
        recorder.add(source)
        with suppress(StorageError):
            recorder.write(source, "Notatka, na którą nie ma klucza")

    with _at_work(recorder) as thread:
        for name in SOURCES:
            recorder.add(name)
        yield Driven(recorder, notebook, thread, feed, unreachable)


@contextmanager
def _at_work(recorder: Recorder) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=recorder.run)
    thread.start()
    try:
        yield thread
    finally:
        recorder.stop()
        thread.join()


DRIVERS = {
    "rejent.streams.cameras": cameras,
    "rejent.streams.calls": lines,
    "rejent.streams.mail": journals,
    "tests.streams.notes": notebooks,
}
"""By the folder of each kind."""
