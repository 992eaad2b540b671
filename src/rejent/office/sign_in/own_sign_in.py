"""States of a person's sign-in: is it known that only the person uses it?

Who sets somebody's password or links somebody with an identity could sign in as them. So what a person may see rests from
then on, until somebody else, who decides or supervises, has confirmed that the means are the person's own: the binding of
means to a person that NIST SP 800-63B §4.1 asks of more than the one who sets them up.
"""

from collections.abc import Collection
from enum import StrEnum

from rejent.office.people.duties import Duty
from rejent.office.regulation.vocabulary import RoleName


class SignIn(StrEnum):
    """State of a person's means of sign-in."""

    CONFIRMED = "confirmed"
    GIVEN = "given"
    """The password was set by somebody else, who knows it."""
    CHOSEN = "chosen"
    """The given password was changed by who signed in with it; nobody has confirmed yet who that was."""
    LINKED = "linked"
    """Somebody else linked an identity that signs in."""


CONFIRMERS = frozenset({RoleName.HEAD, Duty.ACTING_HEAD, Duty.ISSUER, RoleName.PROTECTION_OFFICER})
"""Roles and duties that may confirm: those that authorise and those that supervise."""


def as_written(word: str | None) -> SignIn:
    """Return a row's state; an unknown word confirms nothing."""
    return SignIn(word) if word in set(SignIn) else SignIn.GIVEN


def after_choosing(before: str) -> SignIn:
    """Return the state once the signed-in person chose a password."""
    return SignIn.CHOSEN if before == SignIn.GIVEN else as_written(before)


def after_linking(before: str) -> SignIn:
    """Return the state once somebody else linked an identity; a given password stays known to who gave it."""
    return SignIn.GIVEN if before == SignIn.GIVEN else SignIn.LINKED


def after_password_off(before: str) -> SignIn:
    """Return the state once no password opens the account and a linked identity is left."""
    return SignIn.CONFIRMED if before == SignIn.CONFIRMED else SignIn.LINKED


def may_confirm(carried: Collection[str]) -> bool:
    """Return whether somebody with these roles and duties confirms whom an account belongs to."""
    return not CONFIRMERS.isdisjoint(carried)
