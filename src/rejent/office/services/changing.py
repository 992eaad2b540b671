"""The right to change a person: who decides or supervises is not the administrator's to touch (R-ACC-9)."""

from collections.abc import Collection

from rejent.kernel.clock import Clock, civil_date
from rejent.office.errors import NoSuchPersonError, NotEntrustedError
from rejent.office.people import standing
from rejent.office.people.entrusting import may_change


def demand_may_change(touched: Collection[str], actor: str, clock: Clock) -> None:
    """Entrusted roles are given and taken by who decides, or on the machine itself; so is all that is done to who has them.

    Raises NotEntrustedError.
    """
    try:
        acting = standing.carried(actor, clock=clock) or frozenset()
    except NoSuchPersonError:
        return
    by_regulation = standing.entrusted_by_regulation(civil_date(clock.now()))
    if not may_change(acting, touched, by_regulation):
        raise NotEntrustedError(
            "Who decides or supervises is not the IT administrator's to enter, change or close.",
            advice="The head of the office decides about heads, deputies, the secretary and the data protection officer; "
            "the deputy who acts in the head's absence about the latter two.",
        )
