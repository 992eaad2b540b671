"""Whose roles, password and account are whose to change.

Who runs the machine must not make up somebody who decides or supervises, nor be rid of them, nor sign in as one of them
(R-ACC-9): every safeguard that waits for such a person would otherwise be the administrator's own.
"""

from collections.abc import Collection

from rejent.office.people.duties import Duty
from rejent.office.regulation.vocabulary import RoleName

DECIDING = frozenset({RoleName.HEAD, RoleName.DEPUTY})
"""Roles that the head alone gives and takes: a deputy who acts must not make another head or deputy, nor sign in as one."""
ENTRUSTED = DECIDING | {RoleName.SECRETARY, RoleName.PROTECTION_OFFICER}
"""Roles that carry what who runs the machine may not do: see the ledger and the viewings, confirm the clock, authorise."""


def may_change(
    acting: Collection[str], touched: Collection[str], by_regulation: Collection[str] = ()
) -> bool:
    """Whether somebody may change a person.

    Args:
        acting: the roles and duties of who changes.
        touched: the roles that the person has, and those that are to be given.
        by_regulation: the roles that the regulation in force lets issue authorisations or supervise.
    """
    if RoleName.HEAD in acting or ENTRUSTED.union(by_regulation).isdisjoint(touched):
        return True
    return Duty.ACTING_HEAD in acting and DECIDING.isdisjoint(touched)
