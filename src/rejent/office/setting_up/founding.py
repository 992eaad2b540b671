"""The acts of set-up: the first regulation, the first three people, and that each of them is who signs in.

Each can be done once. Whoever has a confirmed sign-in goes on by the ordinary pages, in their own name.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from rejent.kernel.acts import Acting
from rejent.kernel.clock import Clock
from rejent.office import queries, services
from rejent.office.errors import SetUpRefusedError
from rejent.office.installation import Installation
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.setting_up.state import SetUp
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.office.views import PersonView

ACTOR = "setup"
"""Who acted, in the ledger, where the pages of set-up did."""
FIRST_ROLES = (RoleName.HEAD, RoleName.PROTECTION_OFFICER, RoleName.ADMINISTRATOR)
CONFIRMED_BY: Mapping[RoleName, RoleName] = {
    RoleName.HEAD: RoleName.PROTECTION_OFFICER,
    RoleName.PROTECTION_OFFICER: RoleName.HEAD,
    RoleName.ADMINISTRATOR: RoleName.HEAD,
}
"""Whose signed paper confirms the sign-in of each."""


@dataclass(frozen=True, slots=True)
class FirstPerson:
    """What is asked about one of the first people."""

    name: str
    post: str
    username: str
    password: str


def set_up_of(installation: Installation, clock: Clock) -> SetUp:
    """Return the set-up of an installation."""
    return SetUp(installation.secrets, clock)


def issue_code(installation: Installation, *, clock: Clock) -> str:
    """Return a new one-time code. Raises SetUpRefusedError: the office has a head whose sign-in is confirmed."""
    head = first_people()[RoleName.HEAD]
    if head is not None and head.sign_in is SignIn.CONFIRMED:
        raise SetUpRefusedError(
            "This office is set up: its head signs in.",
            advice="Whoever is entered signs in; a forgotten password is set anew on the page of the person.",
        )
    return set_up_of(installation, clock).issue_code()


def first_people() -> dict[RoleName, PersonView | None]:
    """Return who has each of the first roles; None where nobody has."""
    people = queries.people()
    return {role: next((one for one in people if role in one.roles), None) for role in FIRST_ROLES}


def enter_first_people(given: Mapping[RoleName, FirstPerson], *, clock: Clock) -> None:
    """Enter the first people, all or none. Raises SetUpRefusedError: a role is held already; whatever `add_person` raises."""
    with transaction.atomic():
        _require_none(given)
        for role, one in given.items():
            services.add_person(
                one.name,
                post=one.post,
                roles=[role],
                username=one.username,
                password=one.password,
                **_acting(clock),
            )


def give_password(role: RoleName, password: str, *, clock: Clock) -> None:
    """Give one of the first people another first password. Raises SetUpRefusedError: they chose one of their own already."""
    person = _find_first(role)
    if person.sign_in is not SignIn.GIVEN:
        raise SetUpRefusedError("This person chose a password already.", advice="They sign in with it.")
    services.set_password(person.id, password, **_acting(clock))


def confirm_first(role: RoleName, *, clock: Clock) -> None:
    """Enter that a signed paper confirms the sign-in of one of the first people. Raises SetUpRefusedError, SignInRefusedError."""
    by = _find_first(CONFIRMED_BY[role])
    services.confirm_sign_in(_find_first(role).id, **_acting(clock), confirmed_by=str(by.id))


def _find_first(role: RoleName) -> PersonView:
    person = first_people()[role]
    if person is None:
        raise SetUpRefusedError("Nobody is entered with this role yet.")
    return person


def _require_none(given: Mapping[RoleName, FirstPerson]) -> None:
    held = first_people()
    if any(held[role] is not None for role in given):
        raise SetUpRefusedError(
            "The first people are entered already.", advice="Others are entered on the page People."
        )


def _acting(clock: Clock) -> Acting:
    return {"clock": clock, "actor": ACTOR}
