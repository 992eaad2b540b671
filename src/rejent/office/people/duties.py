"""Roles that change others: duties that circumstances add, and who may change whose roles, password and account; pure."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from rejent.office.regulation.vocabulary import RoleName


class Duty(StrEnum):
    """A duty of a person for the time being."""

    ACTING_HEAD = "acting-head"
    """The deputy decides in place of the head, who is away (S3 § 5.5)."""
    ISSUER = "issuer"
    """The regulation lets somebody other than the head issue authorisations."""
    CALLED_IN = "called-in"
    """The maintenance contractor may attend to a fault under an agreement (S4 § 6.3, R-ACC-3)."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Facts that decide about duties at an instant."""

    head_away: bool = False
    deputy_acts: bool = False
    issuers: frozenset[str] = frozenset({RoleName.HEAD})
    fault_open: bool = False
    agreement_in_force: bool = False


def duties(roles: Collection[str], circumstances: Circumstances) -> frozenset[Duty]:
    """Return the duties of these roles; a contractor has no other, whatever roles were given too."""
    if RoleName.CONTRACTOR in roles:
        called = circumstances.fault_open and circumstances.agreement_in_force
        return frozenset({Duty.CALLED_IN} if called else ())
    acting = (
        RoleName.DEPUTY in roles
        and RoleName.HEAD not in roles
        and circumstances.deputy_acts
        and circumstances.head_away
    )
    decides = frozenset({RoleName.HEAD} if acting or RoleName.HEAD in roles else ())
    found = {Duty.ACTING_HEAD} if acting else set()
    if not circumstances.issuers.isdisjoint(decides.union(roles)):
        found.add(Duty.ISSUER)
    return frozenset(found)


DECIDING = frozenset({RoleName.HEAD, RoleName.DEPUTY})
"""Roles that the head alone gives and takes, so that an acting deputy can make no other head or deputy."""
ENTRUSTED = DECIDING | {RoleName.SECRETARY, RoleName.PROTECTION_OFFICER}
"""Roles with powers that whoever runs the machine may not have: ledger, viewings, clock, authorising."""


def may_change(
    acting: Collection[str], touched: Collection[str], by_regulation: Collection[str] = ()
) -> bool:
    """Return whether somebody with roles and duties may change a person.

    ``by_regulation`` are the roles that the regulation in force lets issue authorisations or supervise.
    """
    if RoleName.HEAD in acting or ENTRUSTED.union(by_regulation).isdisjoint(touched):
        return True
    return Duty.ACTING_HEAD in acting and DECIDING.isdisjoint(touched)
