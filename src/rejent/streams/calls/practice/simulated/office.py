"""The demo of an office that records calls: one line, and a PBX that does not exist."""

import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from rejent.cli.command_setup import ACTOR, program_clock
from rejent.cli.speaking import PROGRAM, synthesize_speech
from rejent.cli.stream_commands import Demo
from rejent.formats.sound.g711 import decoded
from rejent.kernel.clock import Clock, ManualClock, civil_date
from rejent.kernel.errors import RejentError
from rejent.streams.calls.catalog.announcement_wav import plain_wav
from rejent.streams.calls.catalog.lines.addresses import CALLS, StatedLine
from rejent.streams.calls.practice.voice import Announcement, speech

LINE = "Centrala urzędu"
OWN = "+48 10 555 01"
"""No area of Poland has the code 10."""
CALLED = "105550100"
PORT = 15080
CLAUSE = (
    "Administratorem danych jest urząd. Nagrania służą bezpieczeństwu i jakości obsługi i są usuwane po upływie terminu "
    "z regulaminu. Przysługuje prawo dostępu do danych, ich usunięcia oraz skargi do Prezesa Urzędu Ochrony Danych Osobowych. "
    "Pełna treść klauzuli jest na stronie internetowej i w siedzibie urzędu."
)
_BEFORE_APPLICATIONS = timedelta(hours=1)


def calls_at(port: int) -> str:
    """Return the address at which the recorder of the demo takes calls."""
    return f"127.0.0.1:{port}"


def make(
    directory: Path, port: int, clock: ManualClock, until: datetime, minutes: int | None
) -> Iterator[datetime]:
    """Add the line of the demo, with what callers hear and the calls of a week; where ``minutes`` are given, with one call a day."""
    from rejent.streams.calls.catalog import services as call_services
    from rejent.streams.calls.practice.simulated.history import AT, PastLine, conversations, record_past

    stated = StatedLine(siprec=calls_at(port), numbers=(OWN,))
    source_id = call_services.add_line(name=LINE, stated=stated, clock=clock, actor=ACTOR)
    _announce(directory, clock)
    calls = len(AT) if minutes is None else 1
    spoken = conversations(calls)
    if _file(directory, "incoming").exists():
        played = Announcement.of(_file(directory, "incoming"), None)
        spoken = [played.before(legs, star=False) for legs in spoken]
    yield from record_past(PastLine(source_id, CALLED, spoken, clock), until - _BEFORE_APPLICATIONS, calls)


def _announce(directory: Path, clock: Clock) -> None:
    """Set what the regulation makes callers hear, spoken where a program can, and lay it down for the simulated PBX."""
    from rejent.catalog import queries
    from rejent.office import queries as office
    from rejent.streams.calls.catalog import services as call_services
    from rejent.streams.calls.player.announcements import made_plain

    provisions = office.verified_streams(civil_date(clock.now()))[CALLS].announcements
    texts = {"incoming": provisions.incoming, "clause": CLAUSE if provisions.clause_key else ""}
    line = queries.source_by_name(LINE).id
    for kind, text in texts.items():
        if not text:
            continue
        try:
            sound, made_by = made_plain(synthesize_speech(text, "pl")), PROGRAM
        except RejentError:
            sound, made_by = plain_wav(_vowels(len(text) / 15)), "simulated"
        call_services.set_announcement(
            line, kind, text=text, sound=sound, language="pl", made_by=made_by,
            valid_from=clock.now(), clock=clock, actor=ACTOR,
        )  # fmt: skip
        _file(directory, kind).write_bytes(sound)


def _vowels(seconds: float) -> bytes:
    return decoded("PCMA", speech(seconds, 150, random.Random(15080)))  # noqa: S311 - which vowel comes next guards nothing


def _file(directory: Path, kind: str) -> Path:
    return directory / f"demo-{kind}.wav"


def reach(port: int) -> None:
    """Change where the line of the demo takes calls, where that is elsewhere than last time."""
    from rejent.catalog import queries
    from rejent.streams.calls.catalog import services as call_services

    for source in queries.sources(clock=program_clock()):
        if source.name == LINE and calls_at(port) not in source.address_shown:
            stated = StatedLine(siprec=calls_at(port))
            call_services.change_line(source.id, stated, clock=program_clock(), actor=ACTOR)


def simulated(directory: Path, port: int) -> "subprocess.Popen[bytes]":
    """Start a PBX that hands over a call every 20 seconds, after its announcement."""
    command = [
        sys.executable,
        "-m",
        "rejent.streams.calls.practice.simulated",
        "--to",
        calls_at(port),
        "--own",
        CALLED,
    ]
    for option, kind in (("--announcement", "incoming"), ("--clause", "clause")):
        if _file(directory, kind).exists():
            command += [option, str(_file(directory, kind))]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


DEMO = Demo(
    option="--calls-port",
    port=PORT,
    help="Where it takes the calls of its simulated exchange.",
    past="a line with a week of calls, and an exchange that calls",
    make=make,
    reach=reach,
    simulated=simulated,
)
