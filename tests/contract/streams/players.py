"""How what is recorded of each kind reaches a browser, in the contract of every player: an office with one recording, and its pieces.

A new kind adds its player to `PLAYERS`; one that has none fails.
"""

import html
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any
from uuid import UUID

import av
from django.test import Client

from rejent.access.views import ViewingView
from rejent.catalog import services as catalog
from rejent.formats.matroska.reader import CallReader
from rejent.formats.mp4.boxes import TIMESCALE
from rejent.formats.mp4.reader import initialisation_of, parse_fragments
from rejent.formats.record_index import RecordIndex
from rejent.formats.records import instant, places_of, records_of, whole_packets
from rejent.formats.sound.legs import read_sound
from rejent.formats.sound.wav import NARROW, PCM_HEADER, stereo_wav
from rejent.formats.source import BytesSource
from rejent.kernel.clock import civil_date, local_midnight
from rejent.kernel.intervals import Interval
from rejent.ledger.location import LedgerLocation
from rejent.office import services as office_services
from rejent.office.regulation.loading import example
from rejent.streams.calls.catalog import services as calls
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.mail.messages.classes import MailRules, MessageHead, facts_of, find_doubts
from rejent.streams.mail.messages.framing import MessageFrame
from rejent.streams.mail.messages.sealing import KeyRole, MessageSealer, OpenedMessage
from rejent.streams.mail.pages.rows import instant_of
from rejent.streams.mail.records.role_keys import make_role_key, role_keys, role_recipients
from rejent.vault.context import VaultContext
from rejent.web.player.viewing import LONGEST_PIECE_S
from tests.contract.streams.samples import NOON, SAMPLES
from tests.spoken_call import book, recorded
from tests.streams.mail_steps import ask, enter_case
from tests.unit.retention.office import MINUTE, NoBox, RecordingOffice, movie

STREAMS = Path(__file__).parents[2] / "streams"
CALL, OTHER_CALL = "0a" * 16, "0b" * 16
SECONDS, STEP = 10, 2
"""Of the call, and of each piece of its sound that is asked for; a packet of one party reaches over the edge of most of these."""
SECOND = timedelta(seconds=1)
PASSPHRASES = {KeyRole.CASE: "hasło prowadzącego", KeyRole.CONTROL: "hasło inspektora"}
NOTHING_THERE = Interval(NOON + 50 * MINUTE, NOON + 55 * MINUTE)


@dataclass(frozen=True, slots=True)
class Unit:
    """The least that is given of a recording: a fragment of pictures, a second of sound, a message, a note.

    ``by_itself``: it is shown without the one before.
    """

    at: Interval
    content: bytes
    by_itself: bool = True


@dataclass(frozen=True, slots=True)
class Recorded:
    """An office with one recording of a source, and its units in order; ``empty`` is a time, and an item, of the same source without any."""

    office: RecordingOffice
    source_id: str
    interval: Interval
    units: list[Unit]
    item: str = ""
    empty: tuple[Interval, str] = (NOTHING_THERE, "")


@dataclass(frozen=True, slots=True)
class Piece:
    """What is asked for below the address of a viewing, and the first instant of what that is, where its answer does not tell."""

    address: str
    start: datetime = NOON

    def of(self, viewing: ViewingView) -> str:
        """Return its address in a viewing."""
        return f"/viewings/{viewing.id}{self.address}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """The way from a recording of a kind to a browser.

    Attributes:
        recorded: founds an office in a folder, for these settings, with a recording that was made at `NOON`.
        case: returns the case in which somebody may open the recording, by their browser and that of who watches over viewings.
        unlocked: opens what is sealed besides to others than the program, by the same two browsers.
        pieces: returns all that can be asked for in an open viewing.
        units: reads what the answer to a piece gives.
    """

    recorded: Callable[[Path, Any], Recorded]
    case: Callable[[str, Client, Client], str] = lambda *_: "OR.1431.17.2026"
    unlocked: Callable[[Client, Client, ViewingView], object] = lambda *_: None
    pieces: Callable[[Client, ViewingView], list[Piece]]
    units: Callable[[bytes, Piece], list[Unit]]


def _office(folder: Path, settings: Any, seed: str, regulation: str = "") -> RecordingOffice:
    """Found an office with the regulation of an example, or another of the same day on, to which the settings lead."""
    office = RecordingOffice.open(folder, NOON, seed)
    if regulation:
        office_services.activate_regulation(
            regulation, in_force_from=civil_date(NOON), clock=office.clock, actor=""
        )
    settings.CLOCK = office.clock
    settings.LEDGER = LedgerLocation(folder=folder / "ledger", key=folder / "key", origin="rejent/test")
    settings.VAULT = VaultContext(
        "0" * 32, folder / "vault", folder / "keys", folder / "secrets", "", office.clock
    )
    return office


def _source(office: RecordingOffice, stream: str, address: str, name: str = "Kancelaria") -> str:
    return catalog.add_source(
        stream=stream, name=name, address=address, building="Ratusz", place="Kancelaria", kind="office",
        clock=office.clock, actor="", credentials_box=NoBox(),
    )  # fmt: skip


def _film(folder: Path, settings: Any) -> Recorded:
    office = _office(folder, settings, "pleszew")
    camera = office.add_camera("Hol")
    pictures = movie(60, b"MARKER")
    office.record(camera, NOON, b"", pictures=pictures)
    return Recorded(office, camera, Interval(NOON, NOON + MINUTE), _fragments(pictures[0], NOON))


def _clips(client: Client, viewing: ViewingView) -> list[Piece]:
    listed = client.get(f"/viewings/{viewing.id}/index.json").json()["segments"]
    return [
        Piece(f"/media/{each['id']}?from={first}&to={min(first + LONGEST_PIECE_S, each['end'])}")
        for each in listed
        for number in range(ceil((each["end"] - each["start"]) / LONGEST_PIECE_S))
        for first in [each["start"] + number * LONGEST_PIECE_S]
    ]


def _fragments(film: bytes, origin: datetime) -> list[Unit]:
    """Return the fragments of a film, whose ticks count from an instant."""
    found = []
    for head, samples in parse_fragments(film[len(initialisation_of(BytesSource(film))) :]):
        times = head.decode_times()
        start, end = (origin + SECOND * tick / TIMESCALE for tick in (times[0], times[-1]))
        found.append(Unit(Interval(start, end), bytes(samples), by_itself=head.run.keys[0]))
    return found


def _spoken(folder: Path, settings: Any) -> Recorded:
    office = _office(
        folder, settings, "boleslawiec", example("boleslawiec").replace('stations = "listed"\n', "")
    )
    stated = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 74 555",))
    line = calls.add_line(name="Sekretariat", stated=stated, clock=office.clock, actor="")
    day = civil_date(NOON)
    made = office.keys.make_keys(line, [day])
    catalog.store_day_keys(line, {day: made[day].text}, clock=office.clock)
    book(line, CALL, NOON, SECONDS, clock=office.clock)
    whole = Interval(NOON, NOON + SECONDS * SECOND)
    begun = calls.BegunCall(OTHER_CALL, line, day, NOON, "incoming", "+48225550199", "+48745550100")
    calls.begin_call(begun, clock=office.clock)
    calls.end_call(OTHER_CALL, whole.end, "bye", clock=office.clock)
    (kept,) = recorded(CALL, NOON, SECONDS)
    samples = stereo_wav(read_sound([CallReader(kept.content)]), NARROW).content[PCM_HEADER:]
    return Recorded(office, line, whole, _seconds(samples, NOON)[:SECONDS], CALL, (whole, OTHER_CALL))


def _sounds(_client: Client, _viewing: ViewingView) -> list[Piece]:
    return [
        Piece(f"/sound?from={first}&to={first + STEP}", NOON + first * SECOND)
        for first in range(0, SECONDS, STEP)
    ]


def _heard(content: bytes, piece: Piece) -> list[Unit]:
    with av.open(io.BytesIO(content)) as file:
        assert file.streams.audio[0].rate == NARROW
        samples = b"".join(frame.to_ndarray().astype("<i2").tobytes() for frame in file.decode(audio=0))
    return _seconds(samples, piece.start)


def _seconds(samples: bytes, start: datetime) -> list[Unit]:
    """Return the seconds of interleaved samples of 16 bits of two parties."""
    size = 2 * 2 * NARROW
    return [
        Unit(Interval(at, at + SECOND), samples[offset : offset + size])
        for offset in range(0, len(samples), size)
        for at in [start + SECOND * (offset // size)]
    ]


def _letters(folder: Path, settings: Any) -> Recorded:
    texts = [f"Treść pisma nr {number}: żółw." for number in range(10)]
    letters = [letter(f"Pismo {number}", text) for number, text in enumerate(texts)]
    office, journal = record_letters(folder, settings, letters)
    units = [Unit(_span(NOON + number * SECOND), text.encode()) for number, text in enumerate(texts)]
    return Recorded(office, journal, Interval(NOON, NOON + MINUTE), units)


def record_letters(
    folder: Path, settings: Any, letters: Sequence[bytes], *envelope: str
) -> tuple[RecordingOffice, str]:
    """Found an office whose journal has received these messages, a second apart, for these recipients; return it and the journal."""
    regulation = (STREAMS / "mail_regulation.toml").read_text(encoding="utf-8")
    office = _office(folder, settings, "elblag", regulation)
    for role in KeyRole:
        make_role_key(role, f"Rola {role.value}", PASSPHRASES[role], clock=office.clock, actor="")
    return office, record_in_journal(office, letters, *envelope)


def record_in_journal(
    office: RecordingOffice,
    letters: Sequence[bytes],
    *envelope: str,
    name: str = "Kancelaria",
    port: int = 2525,
) -> str:
    """Add a journal that has received these messages, a second apart, for these recipients; return it."""
    journal = _source(office, "mail", f"smtp://127.0.0.1:{port}", name)
    frames = [_frame(number, content, envelope) for number, content in enumerate(letters)]
    packets = [(each.encoded(), [each.record()]) for each in frames]
    index = RecordIndex(places_of(packets, NOON))
    office.record(journal, NOON, b"", pictures=(b"".join(each for each, _ in packets), index))
    return journal


def letter(subject: str, text: str) -> bytes:
    """Write a letter of somebody of the office."""
    return (
        f"From: anna@urzad.example\r\nTo: jan@dostawca.example\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
    ).encode()


def _frame(number: int, content: bytes, envelope: tuple[str, ...]) -> MessageFrame:
    rules = MailRules(frozenset({"urzad.example"}), frozenset(), ())
    head = MessageHead(content)
    doubts = find_doubts(head, rules)
    facts = facts_of(content, head, "", NOON + number * SECOND, rules, doubts=doubts)
    return MessageFrame(facts, MessageSealer(role_recipients()).seal(OpenedMessage("", envelope, content)))


def _span(at: datetime) -> Interval:
    return Interval(at, instant(at, 1))


def _leave(source_id: str, asker: Client, agreeing: Client) -> str:
    """Enter a case that opens messages, and have that agreed to by somebody of another role; return its number."""
    case = enter_case(source_id)
    opening = ask(asker, case)["Location"]
    assert agreeing.post(f"{opening}/agree").status_code == 302
    return case


def give_key(
    client: Client, viewing: ViewingView, role: KeyRole, asked: str = "opening", **typed: str
) -> int:
    """Give the key of a role in the browser of its holder; return the status of the answer."""
    (key,) = (each for each in role_keys() if each.role is role)
    given = {"key": str(key.id), "passphrase": PASSPHRASES[role], "asked": asked, **typed}
    return int(client.post(f"/viewings/{viewing.id}/key", given).status_code)


def _unsealed(client: Client, watching: Client, viewing: ViewingView) -> None:
    assert give_key(client, viewing, KeyRole.CASE) == 302
    assert give_key(watching, viewing, KeyRole.CONTROL) == 302


def _messages(client: Client, viewing: ViewingView) -> list[Piece]:
    page = client.get(f"/viewings/{viewing.id}").content.decode()
    named = re.findall(rf'href="/viewings/{viewing.id}/messages/([0-9a-f-]{{36}})"', page)
    return [Piece(f"/messages/{each}", instant_of(UUID(each))) for each in dict.fromkeys(named)]


def _text(content: bytes, piece: Piece) -> list[Unit]:
    (text,) = re.findall(r'<div class="message-text" dir="auto">(.*?)</div>', content.decode(), re.DOTALL)
    lines = [html.unescape(each).strip() for each in text.split("<br>")]
    return [Unit(_span(piece.start), "\n".join(lines).strip().encode())]


def _written(folder: Path, settings: Any) -> Recorded:
    regulation = (STREAMS / "notes" / "regulation.toml").read_text(encoding="utf-8")
    office = _office(folder, settings, "pleszew", regulation)
    notebook = _source(office, "notes", "https://notatki.example/kancelaria")
    sample = SAMPLES["tests.streams.notes"].segment()
    whole, pieces = sample.row.interval, (sample.content, RecordIndex.decode(sample.row.index))
    office.record(notebook, NOON, b"", seconds=whole.length // SECOND, pictures=pieces)
    notes = [note for each in whole_packets(sample.content) for note in records_of(each)]
    lines = [f"{note.at.isoformat()} {note.content.decode()}" for note in notes]
    return Recorded(office, notebook, whole, _lines("\n".join(lines).encode(), Piece("")))


def _lines(content: bytes, _piece: Piece) -> list[Unit]:
    """Return the lines of a page of notes, each of which is at an instant."""
    begin = [(datetime.fromisoformat(line.split()[0].decode()), line) for line in content.splitlines()]
    return [Unit(Interval(at, at + timedelta(microseconds=1)), line) for at, line in begin]


PLAYERS = {
    "rejent.streams.cameras": Player(
        recorded=_film,
        pieces=_clips,
        units=lambda film, _: _fragments(film, local_midnight(civil_date(NOON))),
    ),
    "rejent.streams.calls": Player(recorded=_spoken, pieces=_sounds, units=_heard),
    "rejent.streams.mail": Player(
        recorded=_letters, case=_leave, unlocked=_unsealed, pieces=_messages, units=_text
    ),
    "tests.streams.notes": Player(recorded=_written, pieces=lambda *_: [Piece("")], units=_lines),
}
"""By the folder of each kind."""
