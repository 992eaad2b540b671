"""How recorders begin, are fed and lose a source in the contract of every recorder, at a sink that notes what it is given."""

import smtplib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rejent.kernel.clock import SystemClock
from rejent.recording.contract import FinishedSegment, GeneralCause, Recorder, SegmentOpening
from rejent.recording.steady_time import SteadyTime
from rejent.streams.cameras.network.rtsp.address import Camera, parse_address
from rejent.streams.cameras.recorder.engine import CameraRecorder
from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from rejent.streams.cameras.simulated.clip import Coding
from rejent.streams.mail.messages.classes import MailRules
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.receiving.recorder import JournalOrder, MailRecorder
from rejent.vault.age import Identity
from tests.cameras.farm import clip, served
from tests.cameras.notebook import Notebook, NotedSegment
from tests.waiting import CEILING_S, until

SOURCES = ("one", "two")


@dataclass
class Driven:
    """A recorder at work on two sources, and its sink.

    ``feed`` returns once a source has yielded more; ``unreachable`` adds a source that cannot yield anything.
    """

    recorder: Recorder
    notebook: Notebook
    thread: threading.Thread
    feed: Callable[[str], None]
    unreachable: Callable[[str], None]


class BookingNotebook(Notebook):
    """A notebook that tells at once what is durable, as a sealing sink does once it is."""

    durable: Callable[[FinishedSegment], object]

    def submit(self, source_id: str, work: Callable[[], object]) -> None:
        """Do it."""
        del source_id
        work()

    def book(self, source_id: str, done: Callable[[], object]) -> None:
        """Tell of the newest segment of a source, then that all is done."""
        newest: NotedSegment = self.of(source_id)[-1]
        opening: SegmentOpening = newest.opening
        assert newest.ending is not None
        self.durable(FinishedSegment(opening, newest.ending, "", "", 0, 0, "", "", ()))
        done()


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
    clock, notebook = SystemClock(), BookingNotebook()
    sink: Any = notebook
    recipients = {role: [Identity.generate().recipient] for role in KeyRole}
    recorder = MailRecorder(sink, clock, SteadyTime(clock), lambda *_: None, recipients)
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


@contextmanager
def _at_work(recorder: Recorder) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=recorder.run)
    thread.start()
    try:
        yield thread
    finally:
        recorder.stop()
        thread.join()


DRIVERS = {"rejent.streams.cameras": cameras, "rejent.streams.mail": journals}
"""By the folder of a kind."""
