"""Numbers that are never recorded, as they stand."""

from dataclasses import dataclass, field
from datetime import datetime

from rejent.catalog.models import Source
from rejent.registers.guard.rows import matching
from rejent.streams.calls.catalog.lines.addresses import CALLS, read_line
from rejent.streams.calls.catalog.models import RefusedNumber
from rejent.streams.calls.catalog.numbers.phone_numbers import begins_with


@dataclass(frozen=True, slots=True)
class RefusalView:
    """A refusal that stands.

    Attributes:
        id: its own number, by which acts and people name it.
        number: whose calls are not recorded.
        since: from when on.
        entry: the act that entered it.
    """

    id: int
    number: str = field(repr=False)
    since: datetime
    entry: int = 0


def refusals() -> list[RefusalView]:
    """Return the refusals that stand, in the order they were entered."""
    rows = RefusedNumber.objects.filter(ended_at__isnull=True).order_by("pk")
    return [RefusalView(*row) for row in rows.values_list("pk", "number", "since", "entry")]


def is_ours(number: str) -> bool:
    """Return whether a number, as `canonical_number` gives it, is one of the office on any of its lines."""
    lines = Source.objects.filter(stream=CALLS, removed_at__isnull=True).values_list("address", flat=True)
    return any(begins_with(number, own) for address in lines for own in read_line(address).numbers)


def refused_numbers() -> frozenset[str]:
    """Return the numbers that are never recorded; a refusal that was planted or altered silences nobody."""
    rows = RefusedNumber.objects.filter(ended_at__isnull=True)
    return frozenset(row.number for row in matching(rows))
