"""Who attaches a file to what, and who opens it."""

from collections.abc import Callable
from dataclasses import dataclass

from rejent.access.errors import AccessRefusedError
from rejent.cases import queries as cases
from rejent.cases.attachments.errors import FileRefusedError, no_such_file
from rejent.cases.attachments.views import FileView, Role
from rejent.cases.copies import queries as copies
from rejent.cases.copies.permission import require_duty
from rejent.cases.copies.rules import is_derived_alone
from rejent.cases.copies.views import CommissionState
from rejent.kernel.clock import Clock
from rejent.office.people import statements
from rejent.office.services import BROWSER
from rejent.office.views import PersonView, StatementView

CASE, COMMISSION, HAND_OVER, STATEMENT = "case", "commission", "hand-over", "statement"
_OF_CASES = frozenset({Role.FILED, Role.APPLICATION, Role.SIGNED})
_OF_COMMISSIONS = frozenset({Role.PHOTO, Role.SIGNED})
_OF_HAND_OVERS = frozenset({Role.SIGNED, Role.DELIVERY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Something of a subject above that files belong to.

    ``attach``, ``see`` and ``remove`` are acts of administration; ``require_open`` raises NotFoundError for a number of which there is
    nothing, FileRefusedError where nothing is attached any more.
    """

    roles: frozenset[Role]
    attach: str
    see: str
    remove: str
    require_open: Callable[[str], object]


OWNERS: dict[str, Owner] = {}
"""Owners that subjects above announce when the program starts, by what the ledger calls them."""


def require_attaching(about: str, role: Role, of: str, *, person: PersonView, clock: Clock) -> None:
    """See that a person may attach such a file to something that takes one.

    Raises AccessRefusedError: it is not this person's; NotFoundError: there is nothing of that name, or no such role of a file in it;
    FileRefusedError: what the applicant said was erased, or the commission's work is over.
    """
    kind, _, number = about.partition(":")
    if kind == CASE and role in _OF_CASES and not of:
        require_duty(person, "enter-case", clock)
        if cases.case(number).erased_at is not None:
            raise FileRefusedError("What the applicant said was erased; nothing is attached any more.")
    elif kind == COMMISSION and role in _OF_COMMISSIONS:
        _require_of_commission(number, role, of, person=person, clock=clock)
    elif kind == HAND_OVER and role in _OF_HAND_OVERS and (handed := copies.handed(number)) is not None:
        require_duty(person, "hand-over-copy", clock)
        case = cases.case(handed.case)
        if case.erased_at is not None and is_derived_alone(case):
            raise FileRefusedError("What the applicant said was erased; nothing is attached any more.")
    elif kind == STATEMENT and role is Role.SIGNED and not of:
        require_duty(person, "enter-statement", clock)
        if _statement(number).way == BROWSER:
            raise FileRefusedError("This statement was given in the browser; there is no paper of it.")
    elif (owner := OWNERS.get(kind)) is not None and role in owner.roles and not of:
        require_duty(person, owner.attach, clock)
        owner.require_open(number)
    else:
        raise no_such_file()


def _statement(number: str) -> StatementView:
    found = (one for one in statements.statements() if str(one.id) == number)
    if (view := next(found, None)) is None:
        raise no_such_file()
    return view


def _require_of_commission(number: str, role: Role, of: str, *, person: PersonView, clock: Clock) -> None:
    """See that it is a photo of a carrier while the commission works, or its signed protocol afterwards."""
    view = copies.commission(number)
    if str(person.id) not in view.members:
        require_duty(person, "appoint-commission", clock)
    if role is Role.PHOTO and of not in view.copies:
        raise no_such_file()
    if role is Role.PHOTO and view.state is not CommissionState.APPOINTED:
        raise FileRefusedError("The commission's work is over; no photo is added any more.")
    if role is Role.SIGNED and view.state is not CommissionState.DONE:
        raise FileRefusedError("There is no protocol yet that could have been signed.")


def require_seeing(about: str, *, person: PersonView, clock: Clock) -> None:
    """See that a person may open what is attached to something.

    Raises AccessRefusedError: it is not this person's; NotFoundError: there is nothing of that name.
    """
    kind, _, number = about.partition(":")
    if kind == COMMISSION:
        if str(person.id) not in copies.commission(number).members:
            require_duty(person, "see-copies", clock)
    elif kind == HAND_OVER:
        require_duty(person, "see-copies", clock)
    elif kind == CASE:
        require_duty(person, "see-cases", clock)
    elif kind == STATEMENT:
        if _statement(number).person_id != person.id:
            require_duty(person, "see-statements", clock)
    elif (owner := OWNERS.get(kind)) is not None:
        require_duty(person, owner.see, clock)
    else:
        raise no_such_file()


def require_removing(view: FileView, *, person: PersonView, clock: Clock) -> None:
    """See that a person may remove a file: whoever attached it and may still open it, or whoever may erase what belongs to a case.

    Raises AccessRefusedError: it is not this person's; FileRefusedError: it stands in the protocol of a commission.
    """
    require_seeing(view.about, person=person, clock=clock)
    kind, _, number = view.about.partition(":")
    owner = OWNERS.get(kind)
    if str(person.id) != view.by:
        require_duty(
            person,
            owner.remove if owner else "enter-statement" if kind == STATEMENT else "decide-case",
            clock,
        )
    if (
        kind == COMMISSION
        and view.role is Role.PHOTO
        and copies.commission(number).state is not CommissionState.APPOINTED
    ):
        raise FileRefusedError("The commission's work is over; its photos stay with the protocol.")


def may_remove(view: FileView, *, person: PersonView, clock: Clock) -> bool:
    """Return whether a person may remove a file now."""
    try:
        require_removing(view, person=person, clock=clock)
    except (AccessRefusedError, FileRefusedError):
        return False
    return True
