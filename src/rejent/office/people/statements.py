"""Written statements: who said in writing that they know the regulation, and who has not (R-INF-2)."""

from datetime import date
from uuid import UUID

from rejent.office import queries
from rejent.office.models import SignedStatement
from rejent.office.people.duty_views import OutstandingStatement, StatementView
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.rows import matching


def demanded(day: date, stream: str = "") -> bool:
    """Whether the regulation in force on a day asks for a statement before somebody is let to work: at all, or for a stream."""
    rules = queries.streams(day)
    asked = [each for name, each in rules.items() if stream in {"", name}]
    return any(each.notices.new_staff_statement for each in asked)


def signed(person_id: UUID | str) -> bool:
    """Whether a statement of the person is entered, about any version: it let them in when they came."""
    key = queries.person_key(person_id)
    return _signed.get(key, lambda: bool(matching(SignedStatement.objects.filter(person_id=key))))


_signed = VerifiedOnce[bool](SignedStatement)


def statements(person_id: UUID | str | None = None) -> list[StatementView]:
    """The statements, the last entered first; of one person, where asked for."""
    rows = SignedStatement.objects.order_by("-entered_at", "-pk")
    if person_id is not None:
        rows = rows.filter(person_id=queries.person_key(person_id))
    return [
        StatementView(row.person_id, row.version, row.signed_on, row.entered_at, row.entered_by)
        for row in rows
    ]


def outstanding(day: date) -> list[OutstandingStatement]:
    """Who belongs to the office and has not signed about the version in force, who sees nothing for it first.

    Nobody while no regulation is in force, or while it asks for no statement.
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
