"""What the ledger states against what the rows hold: each subject replays its own acts and asks here for the findings.

The ledger is proved by its own checks; a row that was edited behind the program's back is not, unless something holds it
against the act that made it. An erased record states nothing, so its rows are believed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from django.db.models import Model, QuerySet, TextField
from django.db.models.functions import Cast

from rejent.kernel.findings import Finding, run_checks
from rejent.registers.guard.checks import lasting
from rejent.registers.shapes import Facts
from rejent.registers.unreadable import row_unreadable

_CHUNK = 2000
_A_MOMENT = timedelta(minutes=1)
_Row = TypeVar("_Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Entered:
    """The instant of an act, for a column that says when it was: a row takes its own a moment before the act takes its."""

    at: datetime

    def fits(self, held: object) -> bool:
        """Return whether an instant that a row holds is the act's, to within a minute."""
        return isinstance(held, datetime) and abs(held - self.at) <= _A_MOMENT


@dataclass(frozen=True, slots=True)
class Between:
    """Two acts between which lies the instant that a row holds; of the later one nothing where it has not come yet."""

    first: datetime
    last: datetime | None = None

    def fits(self, held: object) -> bool:
        """Return whether it lies there, to within a minute."""
        if not isinstance(held, datetime) or held < self.first - _A_MOMENT:
            return False
        return self.last is None or held <= self.last + _A_MOMENT


@dataclass(slots=True)
class Replayed:
    """What the acts of one kind of thing come to, last word last.

    Attributes:
        things: what is stated of each thing, by its key.
        erased: how many acts that brought a thing about have lost their record.
        unsure: names of facts that an erased act may have changed; they are not compared.
        odd: indexes of acts whose record has not the shape of its name; they count as erased.
        unread: rows that cannot be read, each with the kind of error.
    """

    things: dict[str, dict[str, object]] = field(default_factory=dict)
    erased: int = 0
    unsure: set[str] = field(default_factory=set)
    odd: list[int] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)

    def restate(self, key: str, /, **facts: object) -> None:
        """A later act's word on a thing; on one whose beginning was erased it says nothing."""
        if key in self.things:
            self.things[key].update(facts)

    def lose(self, *changed: str, begins: bool) -> None:
        """An act has lost its record: it brought a thing about, or may have changed the facts of these names."""
        if begins:
            self.erased += 1
        else:
            self.unsure.update(changed)


def against(
    subject: str, kind: str, stated: Replayed, rows: Iterator[tuple[str, Facts]]
) -> Iterator[Finding]:
    """Every thing whose row differs from what was entered, that has no row, or whose row nothing explains.

    Args:
        subject: whose rows they are.
        kind: what a thing is called in an identifier, such as ``hold``.
        stated: what the acts come to.
        rows: the key of each row and its facts under the names that ``stated`` uses.
    """
    yield from unreadable(subject, stated.odd)
    left, strange = dict(stated.things), []
    for key, held in rows:
        said = left.pop(key, None)
        if said is None:
            strange.append(key)
        else:
            yield from differing(subject, f"{kind}:{key}", said, held, stated.unsure)
    for row, error in stated.unread:
        yield row_unreadable(subject, f"{kind}:{row}", error)
    for key in left:
        yield without_row(subject, f"{kind}:{key}")
    if len(strange) > stated.erased:
        for key in strange:
            yield without_act(subject, f"{kind}:{key}")


def told(
    rows: QuerySet[_Row], read: Callable[[_Row], tuple[str, Facts]], stated: Replayed
) -> Iterator[tuple[str, Facts]]:
    """What each row says, in the order of their keys; one that cannot be read goes to ``stated.unread``, and the others go on.

    Args:
        rows: of one table.
        read: gives the key of a row and its facts.
        stated: as for `against`.
    """
    for row in _each(rows.order_by("pk"), stated):
        try:
            said = read(row)
        except Exception as error:  # noqa: BLE001 - a planted value may provoke any
            stated.unread.append((str(row.pk), type(error).__name__))
        else:
            yield said


def _each(rows: QuerySet[_Row], stated: Replayed) -> Iterator[_Row]:
    """The rows, read in pieces; from a piece that holds an unreadable one, one by one."""
    last: object = None
    try:
        for row in rows.iterator(_CHUNK):
            last = row.pk
            yield row
    except Exception:  # noqa: BLE001 - a planted value may provoke any; found below, by its row
        rest = rows if last is None else rows.filter(pk__gt=last)
        keys = rest.order_by("pk").annotate(unread_key=Cast("pk", TextField()))
        for key in list(keys.values_list("unread_key", flat=True)):
            try:
                found = rows.get(pk=key)
            except Exception as error:  # noqa: BLE001 - the same
                stated.unread.append((str(key), type(error).__name__))
            else:
                yield found


def differing(
    subject: str, thing: str, said: Facts, held: Facts, unsure: set[str] | frozenset[str] = frozenset()
) -> Iterator[Finding]:
    """One finding where any stated fact is not the one held."""
    wrong = sorted(
        name for name, value in said.items() if name not in unsure and not _agree(value, held.get(name))
    )
    if wrong:
        named = ", ".join(wrong)
        yield Finding(
            subject,
            f"{subject}.differs-from-ledger",
            "The database does not hold what the ledger says of {thing}: {facts}.",
            {"thing": thing, "facts": named},
        )


def _agree(said: object, held: object) -> bool:
    if isinstance(said, Entered | Between):
        return said.fits(held)
    if isinstance(said, list) and isinstance(held, list):
        return len(said) == len(held) and all(map(_agree, said, held))
    return said == held


def without_row(subject: str, thing: str) -> Finding:
    """An act whose row is gone."""
    return Finding(
        subject,
        f"{subject}.row-missing",
        "The ledger tells of {thing}, but the database does not hold it.",
        {"thing": thing},
    )


def without_act(subject: str, thing: str) -> Finding:
    """A row that no act made."""
    return Finding(
        subject,
        f"{subject}.not-in-ledger",
        "The database holds {thing}, of which the ledger knows nothing.",
        {"thing": thing},
    )


def unreadable(subject: str, indexes: Iterable[int]) -> Iterator[Finding]:
    """Acts whose records have not the shape of their names: nothing can be held against them."""
    for index in indexes:
        yield Finding(
            subject,
            f"{subject}.act-unreadable",
            "The record of {thing} in the ledger has an unknown shape.",
            {"thing": f"entry:{index}"},
        )


def compared(subject: str, *looks: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What each of the comparisons finds twice; one that breaks off is told of, and the others go on."""
    yield from run_checks(
        subject, {look.__name__.removeprefix("_"): partial(lasting, look) for look in looks}
    )
