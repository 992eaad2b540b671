"""Finders of every kind of the program: an application leads to the recordings it is about, and to no others."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rejent.cases.stream_parts import FINDER, Search
from rejent.cases.views import Application
from rejent.catalog import queries
from rejent.catalog import services as catalog
from rejent.streams.registry import KINDS
from tests.contract.streams.samples import SAMPLES
from tests.contract.streams.test_copies import NUMBERS, RECORDED
from tests.unit.cases.application import EVENT, NOON, application
from tests.unit.retention.office import MINUTE, NoBox, RecordingOffice

pytestmark = pytest.mark.usefixtures("db")
DAY_BEFORE = {"event_first": EVENT - timedelta(days=1), "times": (NOON - timedelta(days=1), None)}


def _found(office: RecordingOffice, wanted: Application) -> set[str]:
    """Return the objects of the recordings that an application may be about; a candidate by time may be of an hour without any."""
    candidates = FINDER.of(wanted.stream)(Search(wanted, office.clock, "clerk"))
    return {
        segment.object_name
        for each in candidates
        for segment in office.living(each.source_id, each.interval.start, each.interval.end)
        if each.item in {"", segment.run}
    }


def _of_another(
    folder: str, source_id: str, stated: dict[str, Any], office: RecordingOffice
) -> dict[str, Any]:
    """Return what is stated of another source, or of other parties where an application names these instead of sources."""
    if "sources" not in stated:
        return {**stated, "details": {**NUMBERS, "caller-number": "10 555 77 88", "called-number": ""}}
    known, sample = queries.source(source_id), SAMPLES[folder]
    other = catalog.add_source(
        stream=known.stream, name="Inne", address=sample.addressed(sample.other or sample.good).text,
        building="Ratusz", place="Inne", kind=known.kind, clock=office.clock, actor="", credentials_box=NoBox(),
    )  # fmt: skip
    return {**stated, "sources": (other,)}


@pytest.mark.parametrize("folder", KINDS)
def test_an_application_finds_the_recording_it_is_about(tmp_path: Path, folder: str) -> None:
    """The recorded minute is found, and nothing of the same source that was recorded on another day."""
    office, asked, stated = RECORDED[folder](tmp_path)
    (recorded,) = office.living(asked.source_id, NOON, NOON + MINUTE)
    sources = stated.get("sources", ())
    given = {name: value for name, value in stated.items() if name != "sources"}
    assert _found(office, application(*sources, **given)) == {recorded.object_name}
    assert _found(office, application(*sources, **{**given, **DAY_BEFORE})) == set()


@pytest.mark.parametrize("folder", KINDS)
def test_an_application_about_another_source_finds_nothing_of_this(tmp_path: Path, folder: str) -> None:
    """Another source of the same stream, or other parties, lead to no recording."""
    office, asked, stated = RECORDED[folder](tmp_path)
    other = _of_another(folder, asked.source_id, stated, office)
    sources = other.pop("sources", ())
    assert _found(office, application(*sources, **other)) == set()
