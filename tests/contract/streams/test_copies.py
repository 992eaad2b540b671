"""Copies of recordings of every kind: of a stated type, cut as its holds are, open alone, and gone alone."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rejent.cases import services as cases
from rejent.cases.copies import queries
from rejent.cases.copies.opening import open_part
from rejent.cases.copies.services import Asked, make_copy
from rejent.cases.copies.stream_parts import COPIES
from rejent.cases.views import Kind as Application
from rejent.cases.views import State
from rejent.catalog import services as catalog
from rejent.formats.fragment_index import FragmentIndex
from rejent.kernel.intervals import Interval
from rejent.office import services as office_services
from rejent.retention import services as retention
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.registry import KINDS
from rejent.vault.context import VaultContext
from rejent.vault.errors import KeyDestroyedError
from tests.contract.streams.conftest import Kind
from tests.contract.streams.samples import SAMPLES
from tests.people import add_person
from tests.unit.cases.application import NOON, entered
from tests.unit.retention.office import MINUTE, NoBox, RecordingOffice
from tests.unit.retention.one_call import CALL, office_of_one_call

NUMBERS = {
    "caller-number": "10 555 01 23",
    "called-number": "10 555 01 00",
    "legal-basis": "x",
    "case-number": "y",
}
MAIL_REGULATION = Path(__file__).parents[2] / "streams" / "mail_regulation.toml"
PAST_TERM = datetime(2026, 4, 3, 12, tzinfo=UTC)


def _camera(folder: Path) -> tuple[RecordingOffice, Asked, dict[str, Any]]:
    office = RecordingOffice.open(folder, NOON + timedelta(days=1), "pleszew")
    camera = office.add_camera("Hol")
    office.record(camera, NOON, b"MARKER")
    return office, Asked("", camera, Interval(NOON, NOON + MINUTE)), {"sources": (camera,)}


def _call(folder: Path) -> tuple[RecordingOffice, Asked, dict[str, Any]]:
    office = office_of_one_call(folder, ended=True)
    office.go_to(NOON + timedelta(days=1))
    held = call_queries.call(CALL).interval
    asked = Asked("", office.sources["line"], held, item=CALL)
    return office, asked, {"stream": "calls", "details": NUMBERS, "times": (NOON, None)}


def _mail(folder: Path) -> tuple[RecordingOffice, Asked, dict[str, Any]]:
    office = RecordingOffice.open(folder, NOON + timedelta(days=1), "elblag")
    office_services.activate_regulation(
        MAIL_REGULATION.read_text(encoding="utf-8"), in_force_from=NOON.date(), clock=office.clock, actor=""
    )
    office.sources["journal"] = catalog.add_source(
        stream="mail", name="dziennik", address="smtp://127.0.0.1:2525", building="Ratusz", place="dziennik", kind="office",
        clock=office.clock, actor="", credentials_box=NoBox(),
    )  # fmt: skip
    recorded = SAMPLES["rejent.streams.mail"].segment()
    pieces = recorded.content, FragmentIndex.decode(recorded.row.index)
    office.record(office.sources["journal"], NOON, b"", pictures=pieces)
    journal = office.sources["journal"]
    return (
        office,
        Asked("", journal, Interval(NOON, NOON + MINUTE)),
        {"sources": (journal,), "stream": "mail"},
    )


RECORDED: dict[str, Callable[[Path], tuple[RecordingOffice, Asked, dict[str, Any]]]] = {
    "rejent.streams.cameras": _camera,
    "rejent.streams.calls": _call,
    "rejent.streams.mail": _mail,
}
"""By the folder of each kind of the program: an office with a recorded minute, and what is asked for."""


def test_a_copy_says_of_which_type_it_is(kind: Kind) -> None:
    """As the registry of media types spells it; of no item there is nothing to state."""
    form = kind.of(COPIES)
    assert re.fullmatch(
        r"[a-z]+/[a-z0-9.+-]+(; charset=utf-8)?", form.media_type(kind.sample.segment().content[:64])
    )
    assert form.details("") == {}


@pytest.mark.parametrize("folder", KINDS)
def test_a_copy_opens_alone_and_dies_alone(db: None, tmp_path: Path, settings: Any, folder: str) -> None:  # noqa: ARG001
    """It is the recording to the byte, outlives its day and its hold, and another copy of the same is untouched by its end."""
    office, asked, stated = RECORDED[folder](tmp_path)
    settings.VAULT = VaultContext(
        "0" * 32, tmp_path / "vault", tmp_path / "keys", tmp_path / "secrets", "", office.clock
    )
    people = {
        role: add_person(role, post="", roles=[role], username=role, password="Haslo-do-prob-7", clock=office.clock, actor="")
        for role in ("head", "administrator")
    }  # fmt: skip
    case = entered(office.clock, *stated.pop("sources", ()), kind=Application.DISCLOSURE, **stated)
    cases.decide_case(
        case.number, State.GRANTED, reasons="", basis="§ 6", knowledge=None, person=people["head"], clock=office.clock, ledger=None,
    )  # fmt: skip
    (segment,) = office.living(asked.source_id, NOON, NOON + MINUTE)
    recorded = office.content(segment)
    wanted = Asked(case.number, asked.source_id, asked.interval, item=asked.item)
    first, second = (
        make_copy(wanted, person=people["administrator"], keeping=office.keeping) for _ in range(2)
    )
    office.go_to(PAST_TERM)
    head = str(people["head"].id)
    retention.end_hold(case.holds[0], reason="x", clock=office.clock, ledger=None, actor=head)
    retention.keep_once(office.keeping)
    assert office.living(asked.source_id, NOON, NOON + MINUTE) == []

    def content(number: str) -> bytes:
        (part,) = queries.copy(number).parts
        opened = open_part(part, person=people["administrator"], clock=office.clock)
        return opened.read()

    assert content(first.number) == content(second.number) == recorded
    keys = {record.label: record.id for record in office.keys.alive() if record.kind == "copy"}
    office.keys.destroy([keys[first.id.hex]])
    with pytest.raises(KeyDestroyedError):
        content(first.number)
    assert content(second.number) == recorded
