"""Rules of copies: states, what may be copied, lifetimes, what is missing, digests. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from hashlib import sha256

from rejent.cases import views as cases
from rejent.cases.copies.views import Absence, Missing, PartView
from rejent.cases.kinds import rules_of_right
from rejent.kernel.intervals import Interval, uncovered
from rejent.kernel.terms import Length
from rejent.office.regulation.provisions import Copies
from rejent.office.regulation.vocabulary import CopyOrigin

GRANTED = frozenset({cases.State.GRANTED, cases.State.PARTLY})
LEAST_MEMBERS = 2
"""Of a commission, whatever a regulation says (I7)."""


def may_be_copied(case: cases.CaseView, copies: Copies) -> bool:
    """Return whether copies are made under a case.

    They are for a disclosure consented to, a right to a copy, or a preservation where the regulation says so.
    """
    if case.state not in GRANTED:
        return False
    wanted = case.application
    return (
        wanted.kind is cases.Kind.DISCLOSURE or rules_of_right(wanted.right).copied or copies.on_preservation
    )


def is_derived_alone(case: cases.CaseView) -> bool:
    """Return whether what leaves the office under a case are derived copies alone: those for a recorded person."""
    return rules_of_right(case.application.right).copied


def is_found_evidence(case: cases.CaseView) -> bool:
    """Return whether the office found that the recording may be evidence (R-OPEN-9).

    The decision says so; that a body entitled by law asks for it under a case of its own says the same (X21).
    """
    known = case.decision is not None and case.decision.knowledge is True
    return known or case.application.kind is cases.Kind.DISCLOSURE


def least_members(provisions: Iterable[Copies]) -> int:
    """Return how many people a commission has at least, by the rules of the copies that it destroys."""
    return max((LEAST_MEMBERS, *(each.commission for each in provisions)))


def last_day(
    copies: Copies,
    recorded_on: date,
    made_on: date,
    *,
    stated: date | None,
    ceiling: Length | None,
    finding: bool,
) -> tuple[date | None, bool]:
    """Return the last day of a copy's life, and whether the statute's cap cut it short.

    ``recorded_on`` is the civil date of the first picture or word in it, ``stated`` the day that the office chose, ``ceiling`` the
    statute's longest life of a recording of the stream; ``finding``: it was found that it may be evidence. The earliest of the days counts;
    None where there is none.
    """
    origin = recorded_on if copies.lifetime_from is CopyOrigin.RECORDING else made_on
    ends = [copies.lifetime.after(origin)] if copies.lifetime else []
    ends += [stated] if stated else []
    return _capped(min(ends, default=None), recorded_on, ceiling, finding=finding)


def renewed(
    copies: Copies, due_on: date, recorded_on: date, *, ceiling: Length | None, finding: bool
) -> tuple[date | None, bool]:
    """Return the same after a further application: counted from the old end, not from the filing (X22)."""
    end = copies.lifetime.after(due_on) if copies.lifetime else None
    return _capped(end, recorded_on, ceiling, finding=finding)


def _capped(
    end: date | None, recorded_on: date, ceiling: Length | None, *, finding: bool
) -> tuple[date | None, bool]:
    cap = ceiling.after(recorded_on) if ceiling and not finding else None
    if end is None or cap is None or end <= cap:
        return end, False
    return cap, True


def absences(
    wanted: Interval,
    present: Iterable[Interval],
    known: Sequence[Missing],
) -> list[Missing]:
    """Return what of the asked time is not in a copy, in order, each stretch with what is known of it first.

    Of the ``known`` stretches, those that count stand first.
    """
    left, found = uncovered(wanted, present), list[Missing]()
    for one in known:
        rest: list[Interval] = []
        for stretch in left:
            common = stretch.intersection(one.interval)
            if common is None:
                rest.append(stretch)
            else:
                found.append(Missing(common, one.why, one.cause))
                rest += uncovered(stretch, [common])
        left = rest
    found += [Missing(stretch, Absence.UNKNOWN) for stretch in left]
    return sorted(found, key=lambda each: each.interval.start)


def is_same_sign(read: str, recorded: str) -> bool:
    """Return whether a sign that somebody read off a carrier is the one that was recorded; capitals, blanks and dashes do not matter."""
    first, second = ("".join(filter(str.isalnum, each.casefold())) for each in (read, recorded))
    return bool(first) and first == second


LABEL_DIGITS = 16
"""Of a label's code: 64 bits, which nobody guesses at the pace of a page that slows them down, and which people can type."""


def label_code(number: str, digest: str) -> str:
    """Return the code on a copy's label: of its number and its content, since two copies of one recording have one digest."""
    return sha256(f"{number}\n{digest}\n".encode()).hexdigest()[:LABEL_DIGITS]


def content_digest(parts: Iterable[PartView]) -> str:
    """Return the SHA-256 of a copy: over one line a part, of its digest, its bytes, and the instants it shows.

    A line is ``SHA256 BYTES START END`` and a line feed, with instants as in ISO 8601, in UTC, to the microsecond.
    """
    lines = (
        f"{part.sha256} {part.bytes} {_instant(part.interval.start)} {_instant(part.interval.end)}\n"
        for part in parts
    )
    return sha256("".join(lines).encode()).hexdigest()


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
