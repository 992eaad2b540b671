"""Cells as they stand on SQLite: what the program writes is read, everything else is left and named."""

from contextlib import suppress
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.db.models import F, Q

from rejent.devices.models import Device
from rejent.registers.damage import unreadable_rows
from rejent.registers.guard import cells
from rejent.registers.guard.rows import matching, verified_many
from tests.unit.registers.test_guard import NOW, station

KEY = "6f1c4d2a9b8e47f0a1b2c3d4e5f60718"
WRITTEN = [
    ("DateTimeField", "2026-11-21 12:00:00", datetime(2026, 11, 21, 12, tzinfo=UTC)),
    ("DateTimeField", "2026-11-21 12:00:00.000500", datetime(2026, 11, 21, 12, 0, 0, 500, tzinfo=UTC)),
    ("DateField", "2026-11-21", date(2026, 11, 21)),
    ("BooleanField", 1, True),
    ("BooleanField", 0, False),
    ("UUIDField", KEY, UUID(KEY)),
]
ODD = [
    ("DateTimeField", "2026-11-21T12:00:00"),
    ("DateTimeField", "2026-11-21 12:00"),
    ("DateTimeField", "2026-11-21 12:00:00.5"),
    ("DateTimeField", "2026-11-21 12:00:00.000000"),
    ("DateTimeField", "2026-11-21 12:00:00+00:00"),
    ("DateTimeField", "2026-11-21 12:00:00 "),
    ("DateTimeField", "٢٠٢٦-11-21 12:00:00"),
    ("DateTimeField", "2026-11-21T12:00:00.000000+00:00"),
    ("DateTimeField", b"2026-11-21 12:00:00"),
    ("DateTimeField", 1_795_262_400),
    ("DateField", "20261121"),
    ("DateField", "2026-W47-6"),
    ("DateField", "2026-11-2١"),
    ("DateField", b"2026-11-21"),
    ("BooleanField", 2),
    ("BooleanField", 1.0),
    ("BooleanField", "1"),
    ("BooleanField", b"1"),
    ("UUIDField", KEY.upper()),
    ("UUIDField", f"{{{KEY}}}"),
    ("UUIDField", bytes.fromhex(KEY)),
    ("UUIDField", KEY.encode()),
]


@pytest.mark.parametrize(("kind", "cell", "value"), WRITTEN)
def test_what_the_program_writes_is_read(kind: str, cell: object, value: object) -> None:
    """Each cell is its value, of the same type."""
    read = cells.READERS[kind](cell, None, None)
    assert read == value
    assert type(read) is type(value)
    assert cells.is_canonical(kind, cell)


@pytest.mark.parametrize(("kind", "cell"), ODD)
def test_another_spelling_stays_as_it_stands(kind: str, cell: object) -> None:
    """It is not taken for the value that it resembles."""
    assert cells.READERS[kind](cell, None, None) is cell
    assert not cells.is_canonical(kind, cell)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "cell", "is_odd"), [*((k, c, 0) for k, c, _ in WRITTEN), *((k, c, 1) for k, c in ODD)]
)
def test_fsck_says_the_same_of_a_cell(kind: str, cell: object, is_odd: int) -> None:
    """What SQLite is asked first accepts nothing that the readers leave as it stands."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's columns hold no such cell")
    field = getattr(models, kind)()
    with connection.cursor() as cursor:
        condition = cells.condition_of_odd(field, "cell")
        cursor.execute(f"WITH one(cell) AS (SELECT %s) SELECT {condition} FROM one", [cell])  # noqa: S608 - of our own words
        assert cursor.fetchone() == (is_odd,)


@pytest.mark.parametrize("cell", ['{"a":1}', '{"b": 1, "a": 2, "a": 1}', b'{"a": 1}', "{", 5, "[1.50]"])
def test_json_counts_as_written_alone(cell: object) -> None:
    """Every other text is none, to Django as well."""
    assert not cells.is_canonical("JSONField", cell)
    assert cells.read_json(cell, None, None) != cell
    assert cells.is_canonical("JSONField", '{"a": [1, "\\u0105", null, 1.5]}')


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "odd"),
    [
        ("name", b"Kasa"),
        ("fingerprint", bytes.fromhex("ab")),
        ("expires_at", "2026-11-30T12:00:00.000000+00:00"),
        ("expires_at", b"2026-11-30 12:00:00"),
        ("revoked_at", ""),
    ],
)
def test_a_row_with_such_a_cell_counts_for_nothing_and_is_named(column: str, odd: object) -> None:
    """Also where the cell holds what the guard itself would write of the value. To PostgreSQL, if it takes it at all, it is the value or another one."""
    row = station()
    assert matching(Device.objects.all()) == [row]
    put = f"UPDATE devices_device SET {column}=%s"  # noqa: S608 - a name of the test's own
    if connection.vendor == "postgresql":
        with suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(put, [odd])
        assert matching(Device.objects.all()) == list(Device.objects.filter(**{column: getattr(row, column)}))
        return
    with connection.cursor() as cursor:
        cursor.execute(put, [odd])
    assert matching(Device.objects.all()) == []
    assert [found.facts["facts"] for found in unreadable_rows("devices")] == [column]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "condition",
    [
        Q(name="Kasa"),
        Q(name__in=["Kasa", "Hol"]),
        ~Q(name__in=["Hol"]),
        Q(revoked_at__isnull=True, expires_at__gt=NOW),
        Q(enrolled_at__lt=F("expires_at")),
        Q(enrolled_at__range=(NOW, NOW)),
        Q(name__startswith="K") | Q(revoked_at__gt=NOW),
        ~Q(revoked_at__gt=NOW) & Q(name__contains="as"),
    ],
)
def test_a_condition_is_decided_as_the_database_does(condition: Q) -> None:
    """What fits is verified; once the row is another one, neither the database nor the guard lets it through."""
    station()
    (row,) = Device.objects.all()
    assert matching(Device.objects.filter(condition)) == list(Device.objects.filter(condition)) == [row]
    opposite = Device.objects.exclude(condition)
    assert list(opposite) == []
    row._selected_by = opposite.query
    assert matching([row]) == []


@pytest.mark.django_db
def test_conditions_are_asked_of_rows_however_they_are_handed_on() -> None:
    """One by one, sliced, iterated: each row brings along as what it was selected."""
    station()
    station("Hol", "cd")
    rows = Device.objects.filter(name="Kasa")
    for found in (rows.first(), rows.get(), rows[:1][0], next(rows.iterator()), *rows):
        assert found is not None
        found.name = "Hol"
        assert found._selected_by is not None
    assert [row.name for row in verified_many(rows)] == ["Kasa"]


class _Counted(str):
    """A name that counts how often it is compared."""

    __slots__ = ()
    compared = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        _Counted.compared += 1
        return str.__eq__(self, other)


@pytest.mark.django_db
def test_rows_selected_by_a_list_cost_no_more_the_longer_it_is() -> None:
    """What a value is looked for among is hashed once, not searched through for each row."""
    station()
    station("Hol", "cd")
    names = [_Counted(f"Brak {number}") for number in range(500)] + ["Kasa", "Hol"]
    found = list(Device.objects.filter(name__in=names))
    _Counted.compared = 0
    assert len(matching(found)) == 2
    assert _Counted.compared < 100
