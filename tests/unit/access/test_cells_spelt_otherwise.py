"""Cells that mean the same to Python and another thing to SQL, put in by who writes the database alone: they give no power, and `fsck` names them.

PostgreSQL's columns hold no such cell: `tests/unit/registers/test_cells.py`.
"""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from rejent.access import queries, services
from rejent.access.checks import findings
from rejent.access.errors import AnswerRefusedError, RegulationEditedError
from rejent.access.supervision.queries import may_oversee
from rejent.access.viewings import protocols
from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.catalog.models import Source
from rejent.kernel.clock import ManualClock
from rejent.office import checks as office_checks
from rejent.office import queries as office_queries
from rejent.office import services as office
from rejent.office.models import RegulationVersion
from rejent.office.people import maintenance, standing
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers.damage import unreadable_rows
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.guard.rows import matching, verified
from tests.unit.access.conftest import Issue, People, add_camera
from tests.unit.access.test_second_person import answer, ask
from tests.unit.access.test_viewings import open_viewing

OTHER_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def put(statement: str, *values: object) -> None:
    """Write a cell past the program, and see that one row has it."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's columns hold no such cell")
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount == 1


def cell(question: str) -> str:
    """A cell as it stands."""
    with connection.cursor() as cursor:
        cursor.execute(question)
        (found,) = cursor.fetchone()
    return str(found)


def named(subject: str) -> set[str]:
    """What `fsck` says of rows of a subject that stand otherwise than the program writes them."""
    return {
        f"{found.facts['thing'].partition(':')[0]} {found.facts['facts']}"
        for found in unreadable_rows(subject)
    }


def test_who_declined_does_not_agree_by_another_truth(
    two: tuple[PersonView, PersonView],
    together: str,
    clock: ManualClock,
) -> None:
    """``2`` is true to SQL."""
    first, second = two
    asked = ask(first, together, clock)
    answer(asked, second, clock, agrees=False)
    put("UPDATE access_secondasked SET agreed=2")
    with pytest.raises(AnswerRefusedError):
        services.open_agreed(asked.id, person=first, session="first session", clock=clock)
    assert named("access") == {"secondasked agreed"}
    assert {"access.differs-from-ledger", "access.row-unreadable"} <= {each.code for each in findings(clock)}


@pytest.mark.parametrize("how", ["other digits", "bytes"])
def test_an_agreement_that_is_over_stays_so(
    two: tuple[PersonView, PersonView],
    together: str,
    clock: ManualClock,
    how: str,
) -> None:
    """Both sort behind every instant that the program writes."""
    first, second = two
    asked = ask(first, together, clock)
    answer(asked, second, clock, agrees=True)
    clock.advance(timedelta(hours=20))
    for column in ("asked_at", "answered_at"):
        held = cell(f"SELECT {column} FROM access_secondasked")  # noqa: S608 - a name of the test's own
        put(
            f"UPDATE access_secondasked SET {column}=%s, expires_at='2027-01-01 00:00:00'",  # noqa: S608 - the same
            held.translate(OTHER_DIGITS) if how == "other digits" else held.encode(),
        )
    with pytest.raises(AnswerRefusedError):
        services.open_agreed(asked.id, person=first, session="first session", clock=clock)
    assert named("access") == {"secondasked asked_at, answered_at"}


@pytest.mark.parametrize(
    "spelled",
    [
        lambda held: held.translate(OTHER_DIGITS),
        lambda held: f"{held}+00:00",
        lambda held: (datetime.fromisoformat(held) + timedelta(hours=14)).isoformat(" ") + "+14:00",
        lambda held: held.encode(),
        lambda held: f"{held}.0000001",
    ],
    ids=["other digits", "an offset", "another offset", "bytes", "more digits"],
)
def test_a_token_past_its_end_opens_nothing(person: People, clock: ManualClock, spelled) -> None:
    """However its end is spelt; nor does one that has not ended, until it stands as it was entered."""
    text = office.create_token(person("administrator").id, label="x", days=1, clock=clock, actor="")
    held = cell("SELECT expires_at FROM office_token")
    put("UPDATE office_token SET expires_at=%s", spelled(held))
    assert office_queries.person_of_token(text, clock=clock) is None
    assert named("office") == {"token expires_at"}
    assert "office.row-unreadable" in {each.code for each in office_checks.findings(clock)}
    clock.advance(timedelta(days=300))
    assert office_queries.person_of_token(text, clock=clock) is None
    put("UPDATE office_token SET expires_at=%s", held)
    clock.advance(-timedelta(days=300))
    assert office_queries.person_of_token(text, clock=clock) is not None


@pytest.mark.parametrize("office_name", ["miedziana-gora"])
def test_an_absence_that_is_over_lets_nobody_act(person: People, clock: ManualClock) -> None:
    """Its last day in other digits is behind today to SQL."""
    head, deputy = person("head"), person("deputy")
    office.enter_absence(head.id, date(2026, 11, 21), date(2026, 11, 22), clock=clock, actor="")
    assert any("acting" in role for role in standing.current_roles(deputy.id, clock=clock) or ())
    clock.advance(timedelta(days=100))
    put("UPDATE office_absence SET last_day=%s", "2026-11-22".translate(OTHER_DIGITS))
    assert not any("acting" in role for role in standing.current_roles(deputy.id, clock=clock) or ())
    assert named("office") == {"absence last_day"}


def test_an_agreement_with_a_firm_that_is_over_covers_nobody(person: People, clock: ManualClock) -> None:
    """Its last day as bytes is behind every day."""
    contractor = person("contractor")
    office.add_agreement(
        number="U/1", party="Firma", concluded_on=date(2026, 11, 1), valid_from=date(2026, 11, 1), valid_until=date(2026, 11, 30),
        people=[contractor.id], clock=clock, actor="",
    )  # fmt: skip
    assert maintenance.covered(contractor.id, date(2026, 11, 30))
    put("UPDATE office_processingagreement SET valid_until=%s", b"2026-11-30")
    assert not maintenance.covered(contractor.id, date(2026, 11, 30))
    assert not maintenance.covered(contractor.id, date(2027, 11, 30))
    assert named("office") == {"processingagreement valid_until"}


def test_a_camera_that_was_switched_off_is_handed_to_no_recorder(source: str, clock: ManualClock) -> None:
    """Nor one whose switch stands otherwise."""
    catalog_services.switch_source(source, on=False, clock=clock, actor="")
    for written in (2, b"1"):
        put("UPDATE catalog_source SET switched_on=%s", written)
        assert catalog.recorder_sources(stream="video") == []
        assert named("catalog") == {"source switched_on"}


def test_a_row_that_does_not_fit_its_selection_is_none_of_it(source: str) -> None:
    """The database chose it, by an index that lies or before others changed it; what it is by the ledger counts."""
    (row,) = Source.objects.filter(switched_on=True)
    row._selected_by = Source.objects.filter(switched_on=False).query
    assert matching([row]) == []
    (row,) = Source.objects.filter(pk=source)
    row._selected_by = Source.objects.filter(removed_at__isnull=False).query
    with pytest.raises(LedgerMismatchError):
        verified(row)


def two_versions_later(clock: ManualClock) -> None:
    """A version that asks for no protocol, and one that does after it."""
    text = example("elblag")
    clause = 'clause = "ust. 1 pkt 6–7"'
    none = text.replace(clause, f'playback_record = "entry"\n{clause}', 1)
    office.activate_regulation(none, in_force_from=date(2026, 1, 2), clock=clock, actor="")
    office.activate_regulation(text, in_force_from=date(2026, 1, 3), clock=clock, actor="")


@pytest.mark.parametrize("day", ["2026-01-03".translate(OTHER_DIGITS), "2026-12-31"])
def test_a_viewing_owes_its_protocol_whatever_day_a_version_is_given(
    source: str, person: People, issue: Issue, clock: ManualClock, day: str
) -> None:
    """The version in force demands one; where its day is another one in the database, nothing opens at all."""
    two_versions_later(clock)
    who = person("viewer")
    issue(who)
    purpose = next(iter(queries.purposes("video", clock=clock)))
    assert protocols.demanded("video", purpose, date(2026, 11, 21)) is not None
    put("UPDATE office_regulationversion SET in_force_from=%s WHERE version=3", day)
    with pytest.raises(LedgerMismatchError):
        protocols.demanded("video", purpose, date(2026, 11, 21))
    with pytest.raises(RegulationEditedError):
        open_viewing(who, source, clock)
    assert "office.differs-from-ledger" in {each.code for each in office_checks.findings(clock)}


def test_nobody_oversees_by_a_regulation_that_was_edited(person: People, clock: ManualClock) -> None:
    """Nor is anybody less entrusted by it: who issues and supervises cannot be said then."""
    person("guard")
    assert not may_oversee({"guard"}, "see-supervision", clock=clock)
    text = RegulationVersion.objects.get().text
    assert 'supervisors = ["' in text
    edited = text.replace('supervisors = ["', 'supervisors = ["guard", "', 1)
    RegulationVersion.objects.update(text=edited)
    office_queries._texts.clear()
    office_queries._regulations._held.clear()
    assert not may_oversee({"guard"}, "see-supervision", clock=clock)
    with pytest.raises(LedgerMismatchError):
        standing.entrusted_by_regulation(date(2026, 11, 21))
    with pytest.raises(LedgerMismatchError):
        office_queries.verified_streams(date(2026, 11, 21))


def test_a_second_camera_is_read_beside_one_that_stands_otherwise(source: str, clock: ManualClock) -> None:
    """A row that is refused takes no other along."""
    other = add_camera("Second", clock)
    put("UPDATE catalog_source SET switched_on=2 WHERE id=%s", source)
    assert [one.id for one in catalog.recorder_sources(stream="video")] == [other]
