"""People whose accounts are settled: their own password, confirmed to be theirs.

``python -m tests.people DIR USERNAME ROLE PASSWORD`` enters one in an office on disk.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rejent.kernel.clock import Clock
from rejent.office.views import PersonView
from tests.passphrases import hash_quickly


@contextmanager
def quick_passwords() -> Iterator[None]:
    """Hash quickly in this block."""
    with pytest.MonkeyPatch.context() as patched:
        hash_quickly(patched)
        yield


def add_person(
    name: str, *, post: str, roles: Iterable[str], username: str, password: str, clock: Clock, actor: str
) -> PersonView:
    """Enter a person as `rejent.office.services.add_person` does; they choose their password, and it is confirmed to be they."""
    from rejent.office import queries, services
    from rejent.office.models import Account

    with quick_passwords():
        made = services.add_person(
            name, post=post, roles=roles, username=username, password=password, clock=clock, actor=actor
        )
        services.change_own_password(Account.objects.get(person_id=made.id), password, clock=clock)
    services.confirm_sign_in(made.id, clock=clock, actor="")
    return queries.person(made.id)


def carry_codes(account: Any, secret: str) -> None:
    """Give an account an application's codes, as the page of its own person does."""
    from allauth.mfa.totp.internal.auth import TOTP
    from django.conf import settings

    from rejent.office import services

    person = str(account.person_id)
    with services.entering_authenticators(person, clock=settings.CLOCK, actor=person):
        TOTP.activate(account, secret)


def enter(directory: Path, username: str, role: str, password: str) -> None:
    """Enter somebody in an office on disk."""
    from rejent.cli.command_setup import open_installation, program_clock

    open_installation(directory)
    add_person(
        f"Osoba {username}", post="", roles=[role], username=username, password=password, clock=program_clock(), actor="cli"
    )  # fmt: skip


if __name__ == "__main__":
    enter(Path(sys.argv[1]), *sys.argv[2:])
