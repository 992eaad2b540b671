"""Questions about the log of breaches."""

from django.db.models import Q

from rejent.kernel.views import view_of
from rejent.office.acts import BREACH_OPENED
from rejent.office.breaches.models import Breach
from rejent.office.breaches.rules import BreachView
from rejent.office.errors import NoSuchBreachError
from rejent.registers.books.numbered_rows import NumberedRows

SERIES = "breaches"


def breaches(*, open_only: bool = False) -> list[BreachView]:
    """Return the breaches, the last found first."""
    rows = Breach.objects.order_by("-found_at", "-pk")
    return [view_of(BreachView, row) for row in (rows.filter(closed_at__isnull=True) if open_only else rows)]


def breach(number: str) -> BreachView:
    """Return a breach by its number; raise `NoSuchBreachError`."""
    row = Breach.objects.filter(number=number).first()
    if row is None:
        raise NoSuchBreachError("There is no breach {number}.", number=number)
    return view_of(BreachView, row)


REGISTER: NumberedRows[Breach] = NumberedRows(
    rows=Breach.objects.all,
    views=lambda rows: [view_of(BreachView, row) for row in rows],
    at="opened_at",
    begun=(BREACH_OPENED,),
    series=SERIES,
    search=lambda rows, words: rows.filter(Q(number__icontains=words) | Q(facts__icontains=words)),
)
