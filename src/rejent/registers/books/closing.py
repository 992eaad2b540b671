"""Closing a register's year: what it held is kept as it was, row by row, and the ledger holds the digest of its files.

What changes afterwards changes the register and never what was closed: both can be laid side by side. Each row is bound under a salt
of its own; what somebody said can be erased from a closed year as from anywhere else, and the other rows are proved all the same.
"""

import json
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b, sha256
from secrets import token_bytes
from typing import Any

from django.db import IntegrityError, transaction

from rejent.kernel.clock import Clock
from rejent.kernel.findings import Finding
from rejent.kernel.views import view_of
from rejent.registers.acts import REGISTER_CLOSED
from rejent.registers.errors import LedgerMismatchError, NoSuchClosingError, YearClosedError
from rejent.registers.guard.model import thing_name
from rejent.registers.guard.rows import in_ledger, mismatch, verified, verified_many
from rejent.registers.models import ClosedYear
from rejent.registers.services import enter

_LARGEST = 1 << 30
"""Bytes of a closed year once it is unpacked."""
KeyedRow = tuple[str, tuple[str, ...]]
"""The name of a row, and its cells."""


@dataclass(frozen=True, slots=True)
class Digests:
    """SHA-256 of the files of a closed year: of the table, and of the paper or its volumes where the year is printed."""

    csv: str
    pdf: str


@dataclass(frozen=True, slots=True)
class ClosingView:
    """A register's year that was closed, with the names of its first and last row, empty where there are none."""

    register: str
    year: int
    closed_at: datetime
    closed_by: str
    in_place_of: str
    count: int
    first: str
    last: str
    digests: Digests
    entry: int


@dataclass(frozen=True, slots=True)
class ClosedContent:
    """What a closed year held: its head, and its rows in order; ``None`` for one that was erased since."""

    head: Mapping[str, Any]
    rows: list[KeyedRow | None]

    @property
    def erased(self) -> int:
        """Return how many rows were erased since."""
        return sum(row is None for row in self.rows)


def close_year(
    register: str,
    year: int,
    head: Mapping[str, Any],
    rows: Sequence[KeyedRow],
    digests: Digests,
    *,
    clock: Clock,
    actor: str,
    place: Mapping[str, object],
) -> ClosingView:
    """Close a register's year, in one transaction with its act.

    The ``year`` is over by now; ``head`` is what stands on its files besides the rows, as JSON values; ``place`` says in
    whose place it is closed, as the act does.

    Raises `YearClosedError`: it was closed before.
    """
    now = clock.now()
    row = _row(head, rows, digests)
    row.name, row.register, row.year = _name(register, year), register, year
    row.closed_at, row.closed_by, row.in_place_of = now, actor, str(place.get("in_place_of", ""))
    record = {"register": register, "year": year, "count": len(rows), "csv": digests.csv, "pdf": digests.pdf}
    try:
        with transaction.atomic():
            enter(
                REGISTER_CLOSED,
                actor=actor,
                subject=f"register:{register}",
                record={**record, **place},
                at=now,
                row=row,
            )
            row.save(force_insert=True)
    except IntegrityError:
        raise YearClosedError(
            "The year {year} of this register is closed, perhaps in another window.", year=year
        ) from None
    return _view(row)


def _row(head: Mapping[str, Any], rows: Sequence[KeyedRow], digests: Digests) -> ClosedYear:
    """Return the row of a year with what is kept of it; each of its rows is bound under a salt of its own."""
    salted = [[token_bytes(16).hex(), key, list(cells)] for key, cells in rows]
    return ClosedYear(
        count=len(rows),
        first=rows[0][0] if rows else "",
        last=rows[-1][0] if rows else "",
        csv_sha256=digests.csv,
        pdf_sha256=digests.pdf,
        root=_root(head, salted),
        content=_packed(head, salted),
    )


def closings(register: str = "") -> list[ClosingView]:
    """Return the closed years, of one register where it is named, the newest first.

    Raises `LedgerMismatchError`: a row was planted or altered.
    """
    rows = ClosedYear.objects.defer("content").order_by("-year", "register")
    return [_view(row) for row in verified_many(rows.filter(register=register) if register else rows)]


def closing(register: str, year: int) -> ClosingView | None:
    """Return the closing of a year; None where it is open. Raises `LedgerMismatchError`: its row was planted, altered or taken away."""
    row = ClosedYear.objects.defer("content").filter(name=_name(register, year)).first()
    if row is None and in_ledger(ClosedYear, _name(register, year)):
        raise mismatch(thing_name(ClosedYear, _name(register, year)))
    return _view(verified(row)) if row else None


def closed_content(register: str, year: int) -> ClosedContent:
    """Return what a closed year held. Raises `NoSuchClosingError`: it was not closed; `LedgerMismatchError`: it is not what was closed."""
    row = ClosedYear.objects.filter(name=_name(register, year)).first()
    if row is None:
        raise NoSuchClosingError("The year {year} of this register is not closed.", year=year)
    row = verified(row)
    content = _content(row)
    if content is None:
        raise LedgerMismatchError(
            "The database does not hold what the ledger says of {thing}.",
            thing=f"closedyear:{row.name}",
            advice="Run rejent fsck, and tell the data protection officer.",
        )
    return content


def forget_rows(register: str, keys: Collection[str]) -> None:
    """Erase rows from a register's closed years, in the transaction of the act that erases what they were made of."""
    for row in ClosedYear.objects.select_for_update().filter(register=register):
        opened = _unpacked(row.content)
        if opened is None or not any(len(each) == 3 and each[1] in keys for each in opened[1]):
            continue
        head, salted = opened
        kept = [[_bound(each).hex()] if len(each) == 3 and each[1] in keys else each for each in salted]
        ClosedYear.objects.filter(pk=row.pk).update(content=_packed(head, kept))


def altered() -> Iterator[Finding]:
    """Yield each closed year of which something else is kept than was closed, for `fsck`."""
    for row in ClosedYear.objects.order_by("name").iterator(1):
        if _content(row) is None:
            yield Finding(
                "registers",
                "registers.closed-altered",
                "What is kept of {year} of register {register} is not what was closed.",
                {"register": row.register, "year": row.year},
            )


def _content(row: ClosedYear) -> ClosedContent | None:
    """Return what a row keeps; None where it is not what its root binds."""
    opened = _unpacked(row.content)
    if opened is None:
        return None
    head, salted = opened
    try:
        if _root(head, salted) != row.root:
            return None
        return ClosedContent(head, [(each[1], tuple(each[2])) if len(each) == 3 else None for each in salted])
    except (TypeError, ValueError, AttributeError):
        return None


def _root(head: Mapping[str, Any], salted: Sequence[Sequence[Any]]) -> str:
    whole = sha256(_written(head))
    for each in salted:
        whole.update(_bound(each))
    return whole.hexdigest()


def _bound(each: Sequence[Any]) -> bytes:
    """Return what binds a row: under its salt, or what was left of it when it was erased."""
    if len(each) == 1:
        return bytes.fromhex(each[0])
    salt, key, cells = each
    return blake2b(_written([key, cells]), key=bytes.fromhex(salt), digest_size=32).digest()


def _packed(head: Mapping[str, Any], salted: Sequence[Sequence[Any]]) -> bytes:
    return zlib.compress(_written([head, salted]))


def _unpacked(packed: bytes | memoryview) -> tuple[Mapping[str, Any], list[Any]] | None:
    try:
        opened = zlib.decompressobj().decompress(bytes(packed), _LARGEST)
        head, salted = json.loads(opened)
    except (zlib.error, ValueError, TypeError):
        return None
    return (head, salted) if isinstance(head, dict) and isinstance(salted, list) else None


def _written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _name(register: str, year: int) -> str:
    return f"{register}.{year}"


def _view(row: ClosedYear) -> ClosingView:
    return view_of(ClosingView, row, digests=Digests(row.csv_sha256, row.pdf_sha256))
