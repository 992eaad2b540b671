"""What is played in a viewing is what the ledger names, whatever stands in the rows of its objects."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from rejent.access import queries as access
from rejent.catalog import queries as known
from rejent.catalog import services as catalog
from rejent.catalog.models import Segment
from rejent.kernel.clock import ManualClock
from tests.unit.web.conftest import Browser
from tests.unit.web.test_attacks import Open, Span
from tests.unit.web.test_attacks import opened as opened_day
from tests.unit.web.test_call_pages import CALL, OTHER, call, line, opened, piece, viewer, workshop

__all__ = ["call", "line", "opened", "opened_day", "viewer", "workshop"]


@pytest.fixture
def reached(settings: Any) -> list[str]:
    """The names of the objects that are opened."""
    names: list[str] = []
    real = settings.OPENER

    def opener(segment: Any, keys: Any) -> Any:
        names.append(segment.object_name)
        return real(segment, keys)

    settings.OPENER = opener
    return names


def put(row: Segment, **columns: object) -> None:
    """Write columns past the program."""
    Segment.objects.filter(pk=row.pk).update(**columns)


@pytest.mark.usefixtures("call")
def test_another_object_under_the_call_s_name_is_not_opened(
    opened: tuple[Client, UUID], reached: list[str]
) -> None:
    """Where rows exchange their objects' names, nothing is played, nothing counts as seen, and the page opens nothing."""
    client, viewing = opened
    ours, theirs = Segment.objects.get(run=CALL), Segment.objects.get(run=OTHER)
    put(ours, object_name="-")
    put(theirs, object_name=ours.object_name)
    put(ours, object_name=theirs.object_name)
    assert piece(client, viewing, 0, 5).status_code >= 400
    assert client.get(f"/viewings/{viewing}").status_code >= 400
    assert reached == []
    assert access.seen(viewing) == []


@pytest.mark.usefixtures("call")
def test_another_call_s_file_in_the_place_of_the_call_s_is_not_played(
    opened: tuple[Client, UUID], settings: Any
) -> None:
    """Whoever exchanges files of one line and day while a viewing is open hears nothing that the ledger does not tell of."""
    client, viewing = opened
    names = list(Segment.objects.values_list("object_name", flat=True))
    exchanged = dict(zip(names, reversed(names), strict=True))
    real = settings.OPENER
    settings.OPENER = lambda one, keys: real(replace(one, object_name=exchanged[one.object_name]), keys)
    assert piece(client, viewing, 0, 5).status_code >= 400
    assert client.get(f"/viewings/{viewing}").status_code >= 400
    assert access.seen(viewing) == []
    settings.OPENER = real
    assert piece(client, viewing, 0, 5).status_code == 200


@pytest.mark.usefixtures("call")
@pytest.mark.parametrize("edit", ["run", "recipient", "start", "entry"])
def test_a_row_of_another_call_time_or_key_is_not_opened(
    edit: str, opened: tuple[Client, UUID], reached: list[str]
) -> None:
    """An object of another call, at another time, under a key that it was never sealed to, or with an act that is not its own."""
    client, viewing = opened
    ours, theirs = Segment.objects.get(run=CALL), Segment.objects.get(run=OTHER)
    if edit == "run":
        put(ours, run=OTHER)
        put(theirs, run=CALL)
    else:
        changed = {
            "recipient": "age1other",
            "start": ours.start + timedelta(seconds=1),
            "entry": theirs.entry,
        }
        put(ours, **{edit: changed[edit]})
    assert piece(client, viewing, 0, 5).status_code >= 400
    assert reached == []
    assert access.seen(viewing) == []


@pytest.mark.usefixtures("call")
def test_what_a_hold_keeps_under_another_key_is_heard(
    opened: tuple[Client, UUID], reached: list[str], clock: ManualClock
) -> None:
    """The act that sealed it anew tells of its key; without it the same row opens nothing."""
    client, viewing = opened
    ours = Segment.objects.get(run=CALL)
    told = {
        "object_name": ours.object_name,
        "bytes": ours.bytes,
        "sha256": ours.sha256,
        "head": ours.head,
        "hold": "Z/1/2026",
    }
    catalog.note_resealed(ours.pk, recipient="age1hold", clock=clock, **told)
    assert piece(client, viewing, 0, 5).status_code == 200
    assert set(reached) == {ours.object_name}


def test_of_a_camera_another_object_is_not_opened(
    browser: Browser, opened_day: Open, source: str, recording: Span, settings: Any
) -> None:
    """A segment whose row names the object of another one shows nothing."""
    client, names = browser("viewer"), list[str]()
    settings.OPENER = lambda segment, _: names.append(segment.object_name)
    base = opened_day(client)
    first, second = known.segments(source, *recording)[:2]
    Segment.objects.filter(pk=first.id).update(object_name="-")
    Segment.objects.filter(pk=second.id).update(object_name=first.object_name)
    assert client.get(f"{base}/media/{second.id}?from=39600&to=39720").status_code >= 400
    assert client.get(f"{base}/still?t=39661").status_code >= 400
    assert names == []
