"""Written statements of people that they know the regulation (R-INF-2)."""

from datetime import date
from uuid import UUID

from rejent.kernel.views import view_of
from rejent.office import queries
from rejent.office.acts import STATEMENT_ENTERED
from rejent.office.models import SignedStatement
from rejent.office.views import OutstandingStatement, StatementView
from rejent.registers.books.numbered_rows import NumberedRows
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.rows import matching


def demanded(day: date, stream: str = "") -> bool:
    """Return whether the regulation on a day requires a statement: at all, or for a stream. Raises LedgerMismatchError."""
    rules = queries.verified_streams(day)
    asked = [each for name, each in rules.items() if stream in {"", name}]
    return any(each.notices.new_staff_statement for each in asked)


def admitted(person_id: UUID | str, day: date) -> bool:
    """Return whether a person is admitted to work: they gave a statement, or the regulation demands none on the day.

    Where it does, nobody's account opens anything before and nothing is collected on their workstation. A statement about an
    earlier version admits: after a change everybody states anew, and who has not is listed (`outstanding`).
    """
    return signed(person_id) or not _demanded_by_entered(day)


def _demanded_by_entered(day: date) -> bool:
    """Return whether the regulation that was entered demands a statement.

    Where the database holds another one, no recording opens anyway.
    """
    try:
        return demanded(day)
    except LedgerMismatchError:
        return False


def signed(person_id: UUID | str) -> bool:
    """Return whether a statement of the person is entered, about any version."""
    key = queries.person_key(person_id)
    return _signed.get(key, lambda: bool(matching(SignedStatement.objects.filter(person_id=key))))


_signed = VerifiedOnce[bool](SignedStatement)
_every = VerifiedOnce[list[SignedStatement]](SignedStatement)


def statements(person_id: UUID | str | None = None) -> list[StatementView]:
    """Return the statements, the last entered first, of everybody or of one person; what was planted or altered is none."""
    rows = SignedStatement.objects.order_by("-entered_at", "-pk")
    if person_id is not None:
        rows = rows.filter(person_id=queries.person_key(person_id))
    return [view_of(StatementView, row) for row in matching(rows)]


REGISTER: NumberedRows[SignedStatement] = NumberedRows(
    rows=SignedStatement.objects.all,
    views=lambda rows: [view_of(StatementView, row) for row in rows],
    at="entered_at",
    begun=(STATEMENT_ENTERED,),
    named="pk",
    search=lambda rows, words: rows.filter(person__name__icontains=words),
)
"""The register of written statements; it has no numbers."""


def outstanding(day: date) -> list[OutstandingStatement]:
    """Return the people who have not stated that they know the version in force: those not admitted first, the oldest first.

    Nobody while no regulation is in force, or while it requires no statement. Raises LedgerMismatchError.
    """
    if not demanded(day):
        return []
    version = queries.version_in_force(day)
    about: dict[UUID, set[int]] = {}
    for row in _every.get("", lambda: matching(SignedStatement.objects.all())):
        about.setdefault(row.person_id, set()).add(row.version)
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
