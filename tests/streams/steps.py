"""What an office does with notes, each step a process: ``python -m tests.streams.steps DIR STEP ARGUMENT…`` prints JSON."""

import json
import os
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

NOON = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
"""When the first note is written."""
TEXTS = ("Otwarto szafę nr 4.", "Żaluzja w pokoju 12 zacina się.", "Oddano klucz.", "Zamknięto.")
"""Written one after another, forty seconds apart."""
APART, DAY = timedelta(seconds=40), timedelta(days=1)


def record(source: str, killed: str = "") -> dict[str, Any]:
    """Write the notes of a source down, as a recorder does that is killed before it can end its segment, or is not."""
    from django.conf import settings

    from rejent.kernel.clock import ManualClock
    from rejent.recording.catalogue_books import CatalogueBooks
    from rejent.recording.day_keys import DayKeys
    from rejent.recording.records import GATHERS_S
    from rejent.recording.sink import SealingSink
    from rejent.retention.services import keep_once
    from tests.streams.notes.recorder import NoteRecorder

    clock = ManualClock(NOON)
    failed = keep_once(settings.KEEPING()).failed
    keys = DayKeys(clock.now)
    keys.look_ahead([source])
    sink = SealingSink(settings.VAULT.store, keys, CatalogueBooks(clock))
    recorder = NoteRecorder(sink, clock)
    recorder.add(source)
    for text in TEXTS:
        recorder.write(source, text)
        clock.advance(APART)
    if killed:
        written = threading.Event()
        sink.later(GATHERS_S, written.set)
        written.wait()
        sink.settle()
        sys.stdout.write(json.dumps({"source": source, "failed": failed}))
        sys.stdout.flush()
        os._exit(0)
    recorder.remove(source)
    sink.close()
    return {"source": source, "failed": failed}


def late(source: str) -> dict[str, Any]:
    """Deliver what a tablet wrote down in two days, the later day first and one note twice, as the recorder that is started for it takes it."""
    from django.conf import settings

    from rejent.catalog import queries
    from rejent.formats.records import Origin, Record
    from rejent.kernel.clock import civil_date
    from rejent.recording.catalogue_books import CatalogueBooks
    from rejent.recording.day_keys import DayKeys
    from rejent.recording.known_records import known_coverage
    from rejent.recording.sink import SealingSink
    from rejent.retention.late_days import late_days
    from tests.streams.notes.recorder import NoteRecorder

    clock, tablet = settings.CLOCK, Origin("tablet", "1")
    keys = DayKeys(clock.now, lambda sources: late_days(sources, clock))
    keys.look_ahead([source])
    sink = SealingSink(settings.VAULT.store, keys, CatalogueBooks(clock))
    recorder = NoteRecorder(sink, clock)
    recorder.add(source, known_coverage(source, NOON - DAY, clock.now()))
    written = [NOON + DAY, NOON + DAY - APART, NOON, NOON + APART, NOON + APART]
    notes = [
        Record(at, (f"Zapis {number}".encode(),), tablet, number, at + APART)
        for number, at in zip((0, 1, 2, 3, 3), written, strict=True)
    ]
    told: list[str] = []
    taken = recorder.deliver(source, notes, lambda cause: told.append(cause.value))
    recorder.remove(source)
    sink.close()
    return {
        "kept": taken.kept,
        "doubled": taken.doubled,
        "refused": {day.isoformat(): count for day, count in taken.refused.items()},
        "told": told,
        "objects": [
            (each.day == civil_date(each.start), each.start.isoformat(), each.units)
            for each in queries.segments(source, NOON - DAY, NOON + 2 * DAY)
        ],
    }


def recover() -> dict[str, Any]:
    """Book what a killed recorder left, and let the keepers mend it."""
    from django.conf import settings

    from rejent.catalog import queries
    from rejent.recording.catalogue_books import CatalogueBooks
    from rejent.recording.recovery import left_behind, recover
    from rejent.retention.services import keep_once

    left = left_behind(queries.recorder_sources(stream="notes"), settings.CLOCK)
    recover(left, CatalogueBooks(settings.CLOCK).recovered)
    return {"left": len(left.unfinished), "failed": keep_once(settings.KEEPING()).failed}


def view(source: str) -> dict[str, Any]:
    """Open a viewing of everything that a source recorded, read its page, close it and finish its protocol."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    from rejent.access import queries, services
    from rejent.access.viewings import protocols
    from rejent.office import queries as office
    from rejent.office.errors import NoSuchPersonError
    from rejent.web.signing_in.sessions import kept_as
    from tests.people import add_person

    clock = settings.CLOCK
    try:
        viewer = office.person_by_username("viewer")
    except NoSuchPersonError:
        viewer = add_person(
            "Anna Czyta", post="", roles=["viewer"], username="viewer", password="długie hasło do notatek", clock=clock, actor=""
        )  # fmt: skip
        services.issue_authorisation(
            person_id=viewer.id, acts=["recordings"], stream="notes", source_ids=None, valid_from=NOON.date(),
            valid_until=None, clock=clock, actor="",
        )  # fmt: skip
    browser = Client(headers={"host": "localhost"})
    browser.force_login(get_user_model().objects.get(person_id=viewer.id))
    opened = services.open_viewing(
        person=viewer, source_id=source, start=NOON, end=NOON + timedelta(hours=1), case="OR.1", session=kept_as(str(browser.session.session_key)),
        purpose=next(iter(queries.purposes("notes", clock=clock))), clock=clock, acknowledged=True,
    )  # fmt: skip
    pages = {page: browser.get(page).content.decode() for page in ("/notes", "/", f"/viewings/{opened.id}")}
    stranger = Client(headers={"host": "localhost"}).get("/notes")
    services.close_viewing(opened.id, clock=clock, actor="")
    number = protocols.protocol(opened.number).number
    services.finish_protocol(number, {"findings": "Przeczytano."}, person=viewer, clock=clock)
    return {
        "found": pages["/notes"].splitlines(),
        "start": pages["/"],
        "stranger": (stranger.status_code, "next=" in stranger.get("Location", "")),
        "notes": pages[f"/viewings/{opened.id}"].splitlines(),
        "viewing": opened.number,
        "protocol": number,
        "seen_s": queries.viewing(opened.id).seen_s,
    }


def sources(source: str) -> dict[str, Any]:
    """Show an administrator the pages of sources."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    from tests.people import add_person

    person = add_person(
        "Jan Dogląda", post="", roles=["administrator"], username="asi", password="długie hasło do źródeł", clock=settings.CLOCK, actor=""
    )  # fmt: skip
    browser = Client(headers={"host": "localhost"})
    browser.force_login(get_user_model().objects.get(person_id=person.id))
    return {page: browser.get(page).content.decode() for page in ("/sources", f"/sources/{source}")}


def refuse() -> dict[str, Any]:
    """Ask for a stream that no kind records."""
    from rejent.kernel.stream_parts import UnknownStreamError
    from rejent.retention.stream_parts import OBJECTS

    try:
        OBJECTS.of("dreams")
    except UnknownStreamError as refused:
        return {"refused": str(refused), "known": list(OBJECTS)}
    return {}


def main(directory: str, step: str, *arguments: str) -> None:
    """Do one step and print what came of it."""
    from rejent.cli.command_setup import open_installation
    from rejent.ops.logs import configure_logs

    configure_logs()
    open_installation(Path(directory))
    steps: dict[str, Callable[..., dict[str, Any]]] = {
        "record": record,
        "late": late,
        "recover": recover,
        "view": view,
        "sources": sources,
        "refuse": refuse,
    }
    sys.stdout.write(json.dumps(steps[step](*arguments)))


if __name__ == "__main__":
    main(*sys.argv[1:])
