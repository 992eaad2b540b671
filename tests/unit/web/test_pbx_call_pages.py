"""A call that a PBX recorded itself is heard as any other: both sides drawn, every piece entered, nothing said of packets."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from rejent.access import queries as access
from rejent.access import services
from rejent.catalog import services as catalog
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.player import workshop as player
from rejent.vault.age.random_access import MemorySource
from rejent.vault.age.recipients import Identity
from rejent.vault.age.seal_writer import seal
from rejent.vault.age.sealed_reader import SealedReader
from tests.unit.streams_calls.player.test_services import heard
from tests.unit.streams_calls_imported.pbx_sounds import wav
from tests.unit.web.conftest import NOON, text_of
from tests.unit.web.test_call_pages import somebody

START = NOON - timedelta(hours=2)
SECONDS = 12


@pytest.fixture(scope="module", autouse=True)
def workshop() -> Iterator[None]:
    """The processes that decode end with the module."""
    yield
    player.workshop().close()
    player.workshop.cache_clear()


@pytest.fixture
def listener(db: None, clock: ManualClock, settings: Any) -> Client:  # noqa: ARG001 - asked for its effect
    """The browser of somebody who may hear the calls of a line, one of which a PBX recorded."""
    text = example("boleslawiec").replace('stations = "listed"\n', "")
    office.activate_regulation(text, in_force_from=date(2026, 1, 1), clock=clock, actor="")
    stated = StatedLine(folder="/srv/pbx", form="asterisk", numbers=("+4874555",))
    line = call_services.add_line(name="Sekretariat", stated=stated, clock=clock, actor="")
    identity = Identity.generate()
    sealed = seal(wav(SECONDS), [identity.recipient])
    settings.OPENER = lambda *_: SealedReader(MemorySource(sealed), [identity])
    begun = call_services.BegunCall(
        "0e" * 16, line, date(2026, 11, 21), START, "incoming", "+48103000200", "+48745550100"
    )
    call_services.begin_call(begun, clock=clock)
    end = START + timedelta(seconds=SECONDS)
    catalog.book_segments(
        [
            catalog.FinishedSegment(
                id=uuid4(),
                source_id=line,
                day=begun.day,
                start=START,
                end=end,
                run=begun.id,
                object_name=f"{line}/2026-11-21/x-{uuid4().hex}.age",
                bytes=len(sealed),
                sha256="0" * 64,
                recipient="age1day",
                units=1,
                index=b"",
                traits={"codec": "pcm"},
            )
        ],
        clock,
    )
    call_services.end_call(begun.id, end, "imported", clock=clock)
    person, client = somebody("viewer", clock)
    services.issue_authorisation(
        person_id=person.id, acts=["recordings"], stream="calls", source_ids=[line], valid_from=date(2026, 11, 21),
        valid_until=None, clock=clock, actor="",
    )  # fmt: skip
    return client


def test_it_is_opened_and_heard_piece_by_piece(listener: Client) -> None:
    """The page draws both sides; a piece is exactly as long as was asked for, and is entered as heard."""
    answer = listener.post(
        reverse("call-open", args=["0e" * 16]),
        {"purpose": "jakosc-obslugi", "case": "OR.1431.17.2026", "acknowledged": "on"},
    )
    assert answer.status_code == 302, text_of(answer)
    viewing = access.viewings()[0].id
    page = listener.get(reverse("viewing", args=[viewing]))
    assert page.status_code == 200
    said = text_of(page)
    assert "PCM" in said
    assert "pakiet" not in said
    sound = listener.get(reverse("viewing-sound", args=[viewing]), {"from": "2", "to": "5"})
    left, right, rate = heard(sound.content)
    assert (len(left), rate) == (24_000, 8000)
    assert left != right
    assert min(max(left), max(right)) > 5000
    (seen,) = access.seen(viewing)
    assert (seen.start, seen.end) == (START + timedelta(seconds=2), START + timedelta(seconds=5))
