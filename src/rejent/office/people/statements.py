"""Written statements of people that they know the regulation (R-INF-2)."""

from datetime import date
from uuid import UUID

from rejent.office import queries
from rejent.office.acts import STATEMENT_ENTERED
from rejent.office.models import SignedStatement
from rejent.office.people.duty_views import OutstandingStatement, StatementView
from rejent.registers.books.numbered_rows import NumberedRows
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.rows import matching


def demanded(day: date, stream: str = "") -> bool:
    """Return whether the regulation on a day requires a statement: at all, or for a stream."""
    rules = queries.streams(day)
    asked = [each for name, each in rules.items() if stream in {"", name}]
    return any(each.notices.new_staff_statement for each in asked)


def signed(person_id: UUID | str) -> bool:
    """Return whether a statement of the person is entered, about any version."""
    key = queries.person_key(person_id)
    return _signed.get(key, lambda: bool(matching(SignedStatement.objects.filter(person_id=key))))


_signed = VerifiedOnce[bool](SignedStatement)


def statements(person_id: UUID | str | None = None) -> list[StatementView]:
    """Return the statements, the last entered first, of everybody or of one person."""
    rows = SignedStatement.objects.order_by("-entered_at", "-pk")
    if person_id is not None:
        rows = rows.filter(person_id=queries.person_key(person_id))
    return [_view(row) for row in rows]


def _view(row: SignedStatement) -> StatementView:
    return StatementView(row.person_id, row.version, row.signed_on, row.entered_at, row.entered_by)


REGISTER: NumberedRows[SignedStatement] = NumberedRows(
    rows=SignedStatement.objects.all,
    views=lambda rows: [_view(row) for row in rows],
    at="entered_at",
    begun=(STATEMENT_ENTERED,),
    named="pk",
    search=lambda rows, words: rows.filter(person__name__icontains=words),
)
"""The register of written statements; it has no numbers."""


def outstanding(day: date) -> list[OutstandingStatement]:
    """Return the people who have not signed about the version in force, those who see nothing for it first.

    Nobody while no regulation is in force, or while it requires no statement.
    """
    if not demanded(day):
        return []
    version = queries.regulation_version(day)
    about: dict[UUID, set[int]] = {}
    for person_id, number in SignedStatement.objects.values_list("person_id", "version"):
        about.setdefault(person_id, set()).add(number)
    missing = [
        OutstandingStatement(
            person_id=person.id,
            version=version.version,
            since=max(version.in_force_from, person.joined_on),
            ever=person.id in about,
        )
        for person in queries.people()
        if person.active(day) and version.version not in about.get(person.id, set())
    ]
    return sorted(missing, key=lambda each: (each.ever, each.since))
