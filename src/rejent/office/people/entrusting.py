"""Rules of who may change whose roles, password and account.

Who runs the machine must not create, remove or sign in as somebody who decides or supervises (R-ACC-9): every
safeguard that waits for such a person would otherwise be the administrator's own.
"""

from collections.abc import Collection

from rejent.office.people.duties import Duty
from rejent.office.regulation.vocabulary import RoleName

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
