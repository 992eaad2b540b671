"""The announcement that the program makes of a regulation, spoken by espeak-ng, is found in a recorded call."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from rejent.catalog import services as catalog
from rejent.cli.speaking import synthesize_speech
from rejent.formats.matroska.manifest import nanoseconds
from rejent.formats.matroska.rows import Packet
from rejent.formats.rtp.account import SECOND
from rejent.kernel.clock import ManualClock, civil_date
from rejent.notices.documents.views import DocumentKind
from rejent.notices.queries import documents_in_force
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.streams.calls.announcing.playback import encoded
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.announcement_wav import samples_of, seconds_of
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.catalog.views import KnownBy
from rejent.streams.calls.player import workshop as player
from rejent.streams.calls.player.announcements import find_announcements, made_plain
from rejent.streams.calls.practice.voice import speech
from rejent.streams.calls.recorder.call_recording import CallRecording
from rejent.vault.age.random_access import MemorySource
from rejent.vault.age.recipients import Identity
from rejent.vault.age.seal_writer import seal
from rejent.vault.age.sealed_reader import SealedReader
from tests.spoken_call import finished
from tests.unit.catalog.conftest import START
from tests.unit.streams_calls.recording_bench import G711, KeepingSink, KeptObject
from tests.unit.streams_calls.rtp_legs import FRAME, packet
from tests.unit.streams_calls_catalog.announced import marked

ANNOUNCED, SILENT = "0a" * 16, "0b" * 16
BEFORE_S, AFTER_S = 1, 5
"""Seconds of ringing and of talk around what is said."""


@pytest.fixture(autouse=True)
def workshop() -> Iterator[None]:
    """The processes that decode end with the test."""
    yield
    player.workshop().close()
    player.workshop.cache_clear()


def talk(seconds: float, seed: int) -> bytes:
    """Somebody's speech in A-law."""
    return speech(seconds, 150, random.Random(seed))  # noqa: S311 - which vowel comes next guards nothing


def recorded(call: str, heard: bytes) -> list[KeptObject]:
    """The objects of a call in which the caller hears this in A-law and is silent, each tenth packet lost on the way."""
    sink, begin = KeepingSink(), nanoseconds(START)
    recording = CallRecording("line", sink, call, [G711, G711], start=begin)
    recording.name_parties({0: "caller"})
    for number in range(len(heard) // 160):
        at = begin + number * FRAME
        for leg, payload in ((0, b"\xd5" * 160), (1, heard[number * 160 : number * 160 + 160])):
            if leg == 0 or number % 10:
                datagram = packet(number, 160 * number, ssrc=0xA0 + leg, payload=payload)
                recording.take(leg, Packet(leg, at, datagram).datagram, at)
        recording.tick(at)
    recording.finish(begin + len(heard) * SECOND // 8000)
    return sink.objects


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("regulation", ["boleslawiec", "walbrzych-mops"])
def test_the_spoken_announcement_of_an_office_is_found_in_a_recorded_call(
    regulation: str, clock: ManualClock, settings: Any
) -> None:
    """In the call in which it was played, from where to its end; not in one with other speech: nothing shows that it was announced."""
    office.activate_regulation(example(regulation), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    line = call_services.add_line(
        name="Centrala", stated=StatedLine(siprec="127.0.0.1:5060", numbers=("+48 10 555 01",)), clock=clock, actor="",
    )  # fmt: skip
    made = documents_in_force("pl", clock=clock)
    (document,) = [each for each in made if each.kind is DocumentKind.ANNOUNCEMENT]
    (text,) = [section.text[0] for section in document.sections if section.key == "announcement-incoming"]
    sound = made_plain(synthesize_speech(text, "pl"))
    call_services.set_announcement(
        line, "incoming", text=text, sound=sound, language="pl", made_by="espeak-ng",
        valid_from=START - timedelta(hours=1), clock=clock, actor="",
    )  # fmt: skip
    said = encoded("PCMA", samples_of(sound))
    identity, objects = Identity.generate(), dict[str, bytes]()
    settings.OPENER = lambda segment: SealedReader(MemorySource(objects[segment.object_name]), [identity])
    for call, heard in ((ANNOUNCED, said), (SILENT, talk(len(said) / 8000, 5))):
        whole = b"\xd5" * 8000 * BEFORE_S + heard + talk(AFTER_S, 6)
        begun = call_services.BegunCall(
            call, line, civil_date(START), START, "incoming", "107770201", "105550100"
        )
        call_services.begin_call(begun, clock=clock)
        for kept in recorded(call, whole):
            sealed = seal(kept.content, [identity.recipient])
            segment = finished(line, kept, sealed, "age1day")
            objects[segment.object_name] = sealed
            catalog.book_segments([segment], clock)
        call_services.end_call(call, START + timedelta(seconds=len(whole) / 8000), "bye", clock=clock)
    clock.advance(timedelta(minutes=5))
    assert find_announcements(settings.OPENER, clock=clock) == 2
    (notice,) = call_queries.notices([ANNOUNCED])[ANNOUNCED]
    assert (notice.known_by, notice.completed, notice.doubt) == (KnownBy.FOUND, True, "")
    assert (notice.start - START).total_seconds() == pytest.approx(BEFORE_S, abs=0.1)
    assert notice.heard_s == pytest.approx(seconds_of(sound), abs=1.0)
    assert (marked(ANNOUNCED), marked(SILENT)) == ("found", "no")
