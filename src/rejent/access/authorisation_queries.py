"""Authorisations: found by number, person or day; which end soon, and which were renewed."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from rejent.access.acts import AUTHORISATION_ISSUED
from rejent.access.errors import NoSuchAuthorisationError
from rejent.access.models import Authorisation
from rejent.access.views import AuthorisationView
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.views import view_of
from rejent.office import queries as office
from rejent.registers.books.numbered_rows import NumberedRows
from rejent.registers.queries import entered


def authorisation(number: str) -> AuthorisationView:
    """Return an authorisation by its number. Raises `NoSuchAuthorisationError` if there is none."""
    row = Authorisation.objects.prefetch_related("sources").filter(number=number).first()
    if row is None:
        raise NoSuchAuthorisationError("There is no authorisation {number}.", number=number)
    return authorisation_view(row)


def authorisations(
    person_id: UUID | str | None = None, *, valid_at: datetime | None = None
) -> list[AuthorisationView]:
    """Authorisations, the newest first: of one person, or valid at an instant, where asked for."""
    rows = Authorisation.objects.all() if valid_at is None else valid_on(civil_date(valid_at))
    if person_id is not None:
        rows = rows.filter(person_id=office.person_key(person_id))
    return [authorisation_view(row) for row in rows.prefetch_related("sources").order_by("-pk")]


def valid_on(day: date) -> QuerySet[Authorisation]:
    """Return the rows of the authorisations that hold on a day and are not revoked."""
    ends = Q(valid_until__isnull=True) | Q(valid_until__gte=day)
    return Authorisation.objects.filter(ends, valid_from__lte=day, revoked_at__isnull=True)


def authorisation_view(row: Authorisation) -> AuthorisationView:
    """Return the row as it is handed out."""
    named = None if row.every_source else frozenset(each.source_id for each in row.sources.all())
    return view_of(AuthorisationView, row, acts=frozenset(row.acts), source_ids=named)


def entries_of_authorisations() -> dict[str, int]:
    """Return where each authorisation was entered in the ledger, by its number; those whose record is gone are missing."""
    issued = entered([AUTHORISATION_ISSUED.name], committed_only=True)
    return {str(act.facts["number"]): act.index for act in issued if act.facts and "number" in act.facts}


REMINDED_BEFORE = timedelta(days=30)
"""Time before the end of an authorisation at which somebody is reminded."""


def ending(*, clock: Clock) -> list[AuthorisationView]:
    """Return the valid authorisations that end within thirty days and have not been renewed, the first to end first."""
    now = clock.now()
    last, done = civil_date(now) + REMINDED_BEFORE, renewed()
    soon = [
        (one.valid_until, one)
        for one in authorisations(valid_at=now)
        if one.valid_until is not None and one.valid_until <= last and one.number not in done
    ]
    return [one for _, one in sorted(soon, key=lambda pair: (pair[0], pair[1].number))]


def renewed() -> dict[str, str]:
    """Return the number of the authorisation that follows each one that was renewed; revoked ones follow nothing."""
    rows = Authorisation.objects.exclude(follows="").filter(revoked_at__isnull=True)
    return dict(rows.values_list("follows", "number"))


REGISTER: NumberedRows[Authorisation] = NumberedRows(
    rows=lambda: Authorisation.objects.prefetch_related("sources"),
    views=lambda rows: [authorisation_view(row) for row in rows],
    at="issued_at",
    begun=(AUTHORISATION_ISSUED,),
    series="authorisations",
    search=lambda rows, words: rows.filter(Q(number__icontains=words) | Q(person__name__icontains=words)),
)
