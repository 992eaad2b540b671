"""A made call of two parties: A-law with bursts of a tone, losses and a pause, sealed and booked as a recorder does it."""

import math
from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from uuid import uuid4

from rejent.catalog import queries, services
from rejent.formats.matroska.manifest import nanoseconds
from rejent.formats.matroska.rows import Packet
from rejent.formats.rtp.account import SECOND
from rejent.formats.sound.g711 import A_SAMPLES
from rejent.kernel.clock import Clock, civil_date
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.recorder.call_recording import CallRecording
from rejent.vault.age.random_access import MemorySource
from rejent.vault.age.recipients import Recipient
from rejent.vault.age.seal_writer import seal
from rejent.vault.age.sealed_reader import read_header
from tests.unit.streams_calls.recording_bench import G711, KeepingSink, KeptObject
from tests.unit.streams_calls.rtp_legs import FRAME, packet

_CODES = sorted(range(256), key=A_SAMPLES.__getitem__)
_SAMPLES = [A_SAMPLES[code] for code in _CODES]
LOST = range(250, 300)
"""Packets of the first party that never came: the sixth second."""
PAUSED = (8, 10)
"""Seconds between which the exchange said that the second party sends nothing."""


@cache
def recorded(call: str, start: datetime, seconds: int) -> list[KeptObject]:
    """The objects of a call in which the parties speak in turn, each for two seconds."""
    sink, begin = KeepingSink(), nanoseconds(start)
    recording = CallRecording("line", sink, call, [G711, G711], start=begin)
    recording.name_parties({0: "caller"})
    told = {PAUSED[0]: recording.pause, PAUSED[1]: recording.resume}
    for heard in _packets(begin, seconds):
        for second in [one for one in told if heard.arrival >= begin + one * SECOND]:
            told.pop(second)(1, begin + second * SECOND)
        recording.take(heard.leg, heard.datagram, heard.arrival)
        recording.tick(heard.arrival)
    recording.finish(begin + seconds * SECOND)
    return sink.objects


def book(line: str, call: str, start: datetime, seconds: int, *, clock: Clock, **told: str) -> None:
    """Enter a call of a line and book its sealed objects; its day has a key."""
    from django.conf import settings

    facts = {"direction": "incoming", "caller": "+48225550123", "called": "+48745550100", **told}
    call_services.begin_call(
        call_services.BegunCall(call, line, civil_date(start), start, **facts), clock=clock
    )
    for kept in recorded(call, start, seconds):
        recipient = queries.recipient(line, civil_date(start))
        assert recipient is not None
        sealed = seal(kept.content, [Recipient.parse(recipient)])
        segment = finished(line, kept, sealed, recipient)
        with settings.VAULT.store.create(segment.object_name) as writer:
            writer.write(sealed)
            writer.commit()
        services.book_segments([segment], clock)
    call_services.end_call(call, start + timedelta(seconds=seconds), "bye", clock=clock)


def finished(line: str, kept: KeptObject, sealed: bytes, recipient: str) -> services.FinishedSegment:
    """What a recorder books of an object."""
    ending, opening, identifier = kept.ending, kept.opening, uuid4()
    assert ending is not None
    return services.FinishedSegment(
        id=identifier,
        source_id=line,
        day=opening.day,
        start=ending.start,
        end=ending.end,
        run=opening.run,
        object_name=f"{line}/{opening.day}/{identifier.hex}.age",
        bytes=len(sealed),
        sha256=sha256(sealed).hexdigest(),
        head=sha256(read_header(MemorySource(sealed))[0]).hexdigest(),
        recipient=recipient,
        units=sum(one.units for one in kept.fragments),
        index=b"",
        traits={"codec": str(opening.traits["codec"])},
    )


def _packets(begin: int, seconds: int) -> Iterator[Packet]:
    """Both parties' packets by arrival; nothing comes of what was lost, and nothing of a party while it pauses."""
    for number in range(seconds * 50):
        for leg in (0, 1):
            at = begin + number * FRAME + leg * 3_000_000
            paused = leg == 1 and PAUSED[0] * 50 <= number < PAUSED[1] * 50
            if paused or (leg == 0 and number in LOST):
                continue
            speaks = number // 100 % 2 == leg
            payload = _burst(number, 300 + 140 * leg) if speaks else b"\xd5" * 160
            sequence = number - (100 if leg == 1 and number >= PAUSED[1] * 50 else 0)
            yield Packet(leg, at, packet(sequence, 160 * number, ssrc=0xA0 + leg, payload=payload))


@cache
def _burst(number: int, hertz: int) -> bytes:
    """20 ms of a tone that swells and falls as speech does."""
    loudness = 1000 + 14_000 * abs(math.sin(number / 7)) * abs(math.sin(number / 3))
    wave = (loudness * math.sin(2 * math.pi * hertz * (number * 160 + place) / 8000) for place in range(160))
    return bytes(_CODES[min(bisect_left(_SAMPLES, sample), 255)] for sample in wave)
