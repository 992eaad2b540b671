"""What each kind of stream brings to the contract of every kind: one recorded segment, and sources well and badly stated.

A new kind adds its entry to `SAMPLES`; one that has none fails.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from rejent.catalog.addresses import Address
from rejent.catalog.views import SegmentView
from rejent.formats.record_index import Coverage, RecordIndex
from rejent.formats.records import Origin, Record, packet, places_of
from rejent.kernel.clock import civil_date
from rejent.streams.calls.catalog.lines.addresses import StatedLine, line_address
from rejent.streams.cameras import sources as cameras
from rejent.streams.mail import sources as journals
from rejent.streams.mail.messages.classes import MailRules, MessageHead, facts_of
from rejent.streams.mail.messages.framing import MessageFrame
from rejent.streams.mail.messages.sealing import KeyRole, MessageSealer, OpenedMessage
from rejent.vault.age import Identity
from tests.spoken_call import recorded
from tests.streams.notes import sources as notebooks
from tests.unit.retention.office import movie

NOON = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
PASSWORD = "Sekret-7"


@dataclass(frozen=True, slots=True)
class Segment:
    """The content of one object, as the kind's own recorder writes it, and its row."""

    content: bytes
    row: SegmentView


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a kind brings.

    Attributes:
        segment: makes a segment of at least ten units, none of them held by all the parts that are cut out of it.
        addressed: splits a stated address, as the kind does where its sources are added.
        good: an address, with `PASSWORD` where there may be one.
        other: another address, where two sources of the kind do not share one.
        bad: addresses to be refused, of which `PASSWORD` must not be repeated.
        traits: what else may be stated of a source.
        bad_traits: what must be refused of that.
    """

    segment: Callable[[], Segment]
    addressed: Callable[[str], Address]
    good: str
    bad: tuple[str, ...]
    other: str = ""
    traits: Mapping[str, str] = field(default_factory=dict)
    bad_traits: tuple[Mapping[str, str], ...] = ()


def _segment(content: bytes, lasts: timedelta, units: int, index: bytes = b"") -> Segment:
    row = SegmentView(
        id=UUID(int=1),
        source_id="source",
        day=civil_date(NOON),
        start=NOON,
        end=NOON + lasts,
        run="1",
        object_name="source/object.age",
        bytes=len(content),
        sha256="",
        recipient="",
        units=units,
        traits={},
        index=index,
        recovered=False,
        tail=False,
        state="sealed",
        entry=0,
    )
    return Segment(content, row)


@cache
def _pictures() -> Segment:
    """Thirty pictures, one a second, of which every fifth is a key picture."""
    content, index = movie(30, b"MARKER")
    return _segment(content, timedelta(seconds=30), index.units, index.encode())


@cache
def _call() -> Segment:
    """A call of six seconds, in which both parties speak."""
    (kept,) = recorded("ab" * 16, NOON, 6)
    return _segment(kept.content, timedelta(seconds=6), len(list(kept.reader.packets())))


@cache
def _notes() -> Segment:
    """Ten notes, one a minute."""
    origin = Origin("tablet", "1")
    written = [
        Record(NOON + timedelta(minutes=number), (f"Notatka nr {number}: żółw".encode(),), origin, number)
        for number in range(10)
    ]
    packets = [
        (b"".join(packet(each, NOON).parts), each) for each in (written[:4], written[4:5], written[5:])
    ]
    index = RecordIndex(places_of(packets, NOON), Coverage.of(written))
    content = b"".join(each for each, _ in packets)
    return _segment(content, timedelta(minutes=9, seconds=1), len(written), index.encode())


@cache
def _messages() -> Segment:
    """Ten messages, one a second."""
    recipients = {role: [Identity.generate().recipient] for role in KeyRole}
    content = "From: a@urzad.example\r\nSubject: żółw\r\n\r\nx\r\n".encode()
    rules = MailRules(frozenset({"urzad.example"}), frozenset(), ())
    frames = [
        MessageFrame(
            facts_of(content, MessageHead(content), "", NOON + timedelta(seconds=number), rules),
            MessageSealer(recipients).seal(OpenedMessage("", (), content)),
        )
        for number in range(10)
    ]
    places = RecordIndex(places_of([(each.encoded(), [each.record()]) for each in frames], NOON))
    whole = b"".join(each.encoded() for each in frames)
    return _segment(whole, timedelta(seconds=9, milliseconds=1), len(frames), places.encode())


def _line(siprec: str) -> Address:
    return Address(line_address(StatedLine(siprec=siprec, numbers=("+48 74 555",))).text, "", "")


def _notebook(given: str) -> Address:
    assert notebooks.FORM.address is not None
    return notebooks.FORM.address(given)


SAMPLES = {
    "rejent.streams.cameras": Sample(
        segment=_pictures,
        addressed=cameras.parsed,
        good=f"rtsp://viewer:{PASSWORD}@192.0.2.7:554/hol",
        bad=("", "camera", f"gopher://viewer:{PASSWORD}@192.0.2.7/", f"rtsp://viewer:{PASSWORD}@", f"rtsp://192.0.2.7:{PASSWORD}/"),
        traits={"transport": "udp", "live_address": f"rtsp://viewer:{PASSWORD}@192.0.2.7:554/small"},
        bad_traits=({"transport": "pigeon"}, {"live_address": f"rtsp://{PASSWORD}@"}),
    ),
    "rejent.streams.calls": Sample(
        segment=_call,
        addressed=_line,
        good="127.0.0.1:5060",
        bad=("", "nowhere", "127.0.0.1:99999", f"127.0.0.1:{PASSWORD}", f"viewer:{PASSWORD}@127.0.0.1:5060"),
    ),
    "rejent.streams.mail": Sample(
        segment=_messages,
        addressed=journals.parsed,
        good="smtp://127.0.0.1:2525",
        other="smtp://127.0.0.1:2526",
        bad=("", "journal", "smtp://127.0.0.1", "imap://127.0.0.1:143", "smtp://127.0.0.1:99999", f"smtp://a:{PASSWORD}@127.0.0.1:25"),
        traits={"recipients": "dziennik@archiwum.example", "domains": "urzad.example", "exempt": "@kancelaria.example", "marks": "[x]"},
        bad_traits=({"domains": f"{PASSWORD}@"}, {"exempt": "@"}, {"recipients": "x" * 30_000}),
    ),
    "tests.streams.notes": Sample(
        segment=_notes,
        addressed=_notebook,
        good=f"https://viewer:{PASSWORD}@notatki.example/sekretariat",
        bad=("", "notebook", PASSWORD, f"viewer:{PASSWORD}@notatki.example"),
    ),
}  # fmt: skip
"""By the folder of each kind; notes are no kind of the program, but the proof that there can be one more."""
