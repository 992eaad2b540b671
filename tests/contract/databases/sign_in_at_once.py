"""People who change in one moment how others sign in, each a thread with a connection of its own.

``python -m tests.contract.databases.sign_in_at_once ROUNDS`` makes an office, lets everybody go so many rounds, each begun by all at
once, and prints what broke off with an error that is not the program's own, and what fsck finds of people and their accounts.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from threading import Barrier, Thread
from uuid import UUID

import django
from django.conf import settings

from tests.waiting import CEILING_S

settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
django.setup()

from allauth.mfa.models import Authenticator  # noqa: E402 - models need Django's setup
from django.db import connection, transaction  # noqa: E402 - likewise

from rejent.kernel.clock import Clock, ManualClock  # noqa: E402 - likewise
from rejent.kernel.errors import RejentError  # noqa: E402 - likewise
from rejent.office import checks, services  # noqa: E402 - likewise
from rejent.office.models import Account  # noqa: E402 - likewise
from rejent.office.regulation.loading import example  # noqa: E402 - likewise
from rejent.office.services.changing import end_sessions  # noqa: E402 - likewise
from rejent.office.sign_in import history as sign_in_history  # noqa: E402 - likewise
from tests.people import add_person  # noqa: E402 - likewise

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
PASSWORD = "a long and quiet river"
Act = Callable[[int], None]


def prepare() -> dict[str, str]:
    """An office with a head, an administrator, two viewers and two contractors; their identifiers by user name."""
    clock = ManualClock(NOON)
    services.activate_regulation(example("pleszew"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    roles = {
        "head": "head",
        "iod": "iod",
        "administrator": "administrator",
        "viewer": "viewer",
        "clerk": "viewer",
    }
    roles |= {"firm": "contractor", "other": "contractor"}
    return {
        name: str(
            add_person(
                name, post="", roles=[role], username=name, password=PASSWORD, clock=clock, actor=""
            ).id
        )
        for name, role in roles.items()
    }


@dataclass(frozen=True, slots=True)
class Doings:
    """What is done at once, each of it to the same viewer but for the last ones; each takes the number of its round."""

    people: dict[str, str]
    clock: Clock

    def reset(self, _: int) -> None:
        """The administrator sets the viewer's password and takes the rest off."""
        services.set_password(
            self.people["viewer"], PASSWORD, clock=self.clock, actor=self.people["administrator"], without_second_step=True
        )  # fmt: skip

    def choose(self, number: int) -> None:
        """The viewer changes it."""
        account = Account.objects.get(person_id=self.people["viewer"])
        services.change_own_password(account, f"{PASSWORD} {number}", clock=self.clock)

    def confirm(self, _: int) -> None:
        """The data protection officer confirms what is shown."""
        seen = sign_in_history.digest_of_ways(UUID(self.people["viewer"]))
        services.confirm_sign_in(self.people["viewer"], clock=self.clock, actor=self.people["iod"], seen=seen)

    def link(self, number: int) -> None:
        """The administrator links the viewer with an identity, and takes it off."""
        self._link("viewer", number)

    def link_other(self, number: int) -> None:
        """The same identity, linked with somebody else."""
        self._link("clerk", number)

    def _link(self, name: str, number: int) -> None:
        person, actor = self.people[name], self.people["administrator"]
        if number % 2:
            services.unlink_identity(person, "oidc", clock=self.clock, actor=actor)
        else:
            known = {"way": "oidc", "issuer": "https://provider", "subject": "same"}
            services.link_identity(person, **known, clock=self.clock, actor=actor)

    def off(self, _: int) -> None:
        """The administrator turns the viewer's password off."""
        services.turn_password_off(
            self.people["viewer"], clock=self.clock, actor=self.people["administrator"]
        )

    def step(self, number: int) -> None:
        """The viewer exchanges their second step."""
        person, account = self.people["viewer"], Account.objects.get(person_id=self.people["viewer"])
        with services.entering_authenticators(person, clock=self.clock, actor=person):
            Authenticator.objects.filter(user=account).delete()
            kind = Authenticator.Type.RECOVERY_CODES
            Authenticator.objects.create(user=account, type=kind, data={"seed": f"{number}"})

    def give(self, number: int) -> None:
        """The administrator gives the viewer a role and takes it away."""
        roles = ["viewer", "clerk"] if number % 2 else ["viewer"]
        services.set_roles(self.people["viewer"], roles, clock=self.clock, actor=self.people["administrator"])

    def come(self, _: int) -> None:
        """The viewer signs in, and gets a token."""
        services.note_signed_in(self.people["viewer"], clock=self.clock)
        services.create_token(self.people["viewer"], label="", days=1, clock=self.clock, actor="cli")

    def end_all(self, number: int) -> None:
        """Every session of everybody ends."""
        with transaction.atomic():
            end_sessions(sorted(map(UUID, self.people.values()), reverse=bool(number % 2)))

    def end_all_again(self, number: int) -> None:
        """The same from the other end."""
        self.end_all(number + 1)

    def all(self) -> list[Act]:
        """Every one of them."""
        mine = [self.reset, self.choose, self.confirm, self.link, self.link_other, self.off, self.step]
        return [*mine, self.give, self.come, self.end_all, self.end_all_again]


def race(rounds: int, wanted: list[Act]) -> list[str]:
    """Do it all at once, round by round; what broke off otherwise than by a refusal."""
    broken: list[str] = []
    together = Barrier(len(wanted))

    def go(act: Act) -> None:
        for number in range(rounds):
            together.wait(CEILING_S)
            try:
                act(number)
            except RejentError:
                pass
            except Exception as error:  # noqa: BLE001 - whatever breaks off is told
                broken.append(f"{act.__name__}: {type(error).__name__}: {error}")
        connection.close()

    threads = [Thread(target=go, args=(act,)) for act in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return broken


def main(rounds: int) -> None:
    """Do what the test asks for."""
    broken = race(rounds, Doings(prepare(), ManualClock(NOON)).all())
    found = [finding.sentence() for finding in checks.findings(ManualClock(NOON))]
    sys.stdout.write(json.dumps({"broken": broken, "found": found}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
