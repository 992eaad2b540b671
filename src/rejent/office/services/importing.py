"""Importing people: what is confirmed is applied whole, or nothing of it."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from rejent.kernel.clock import Clock, FrozenClock, civil_date
from rejent.kernel.sentences import Sentence
from rejent.office import queries
from rejent.office.acts import PEOPLE_IMPORTED
from rejent.office.errors import NoSuchPersonError
from rejent.office.models import Identity
from rejent.office.people import standing
from rejent.office.people.importing.lines import BadLine, ImportLine, ImportRefusedError, Lines, checked
from rejent.office.people.importing.plan import Acting, Change, Plan, plan_import
from rejent.office.services.identities import link_identity
from rejent.office.services.people import Details, add_person, change_person, person_left, set_roles
from rejent.office.sign_in.configured import LDAP
from rejent.office.views import PersonView
from rejent.registers.services import enter

if TYPE_CHECKING:
    from rejent.office.sign_in.directory import Listed

_PASSWORD_SIGNS = "abcdefghijkmnpqrstuvwxyz23456789"  # noqa: S105 - the signs of passwords, without those that look alike


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; ``passwords`` are the first ones by user name, shown this once."""

    plan: Plan
    passwords: dict[str, str]


def of_directory(entries: "Sequence[Listed]") -> Lines:
    """Return the entries of a directory as lines. Raises ImportRefusedError."""
    if not entries:
        raise ImportRefusedError(
            "The directory lists nobody.",
            advice="Look at its base, filter and rights: rejent identity check DIR",
        )
    given = frozenset({"name", "post", "email", "extension"})
    return checked(
        ImportLine(
            number, one.username, " ".join(one.name.split()), given, one.post, email=one.email,
            extension=one.extension, subject=one.subject,
        )
        if one.subject
        else BadLine(number, one.name or one.username, _UNIDENTIFIED, _READABLE)
        for number, one in enumerate(entries, start=1)
    )  # fmt: skip


_UNIDENTIFIED = Sentence("The entry shows no identifier, or several: nobody knows whose it is.")
_READABLE = Sentence("Let the account that looks people up read it, or leave the entry out by the filter.")


def import_plan(lines: Lines, *, whole: bool, clock: Clock, actor: str, directory: bool = False) -> Plan:
    """Return what an import would do.

    A ``whole`` file names everybody: who is not in it has left; with a ``directory``, who is linked with it and not
    among the lines.
    """
    people = queries.people(left=True)
    links = dict(Identity.objects.filter(way=LDAP).values_list("subject", "person_id")) if directory else {}
    by_id = {one.id: one for one in people}
    linked = {subject: by_id[person] for subject, person in links.items()}
    leavers: Collection[PersonView] = linked.values() if directory else people if whole else ()
    return plan_import(lines, people, linked, leavers, _acting(actor, clock))


def apply_import(
    lines: Lines, *, seen: str, whole: bool, clock: Clock, actor: str, directory: bool = False
) -> Imported:
    """Apply an import in one transaction: a file whole, of a directory all but the entries that cannot be taken. Raises ImportRefusedError."""
    clock = FrozenClock(clock)
    with transaction.atomic():
        plan = import_plan(lines, whole=whole, clock=clock, actor=actor, directory=directory)
        if plan.bad and not directory:
            raise ImportRefusedError(
                "A line cannot be taken, so nothing was applied.", advice="Mend it first."
            )
        if plan.digest() != seen:
            raise ImportRefusedError(
                "Something changed since this was shown.", advice="Look at it again; nothing was applied."
            )
        if plan.does_nothing:
            raise ImportRefusedError("Nothing would change.")
        passwords = dict(_add(line, clock, actor) for line in plan.added)
        for change in plan.changed:
            _change(change, clock, actor)
        for person in plan.left:
            person_left(person.id, clock=clock, actor=actor)
        record = {
            "added": len(plan.added),
            "changed": len(plan.changed),
            "left": len(plan.left),
            **standing.place_taken(actor, clock=clock),
        }
        enter(PEOPLE_IMPORTED, actor=actor, subject="", record=record, at=clock.now())
    return Imported(plan, {name: password for name, password in passwords.items() if password})


def _add(line: ImportLine, clock: Clock, actor: str) -> tuple[str, str]:
    """Enter one person; return their user name and first password, which is empty for who signs in by the directory."""
    password = "" if line.subject else "-".join(
        "".join(secrets.choice(_PASSWORD_SIGNS) for _ in range(4)) for _ in range(4)
    )  # fmt: skip
    details = Details(line.engagement, line.email, line.extension)
    person = add_person(
        line.name, post=line.post, roles=line.roles or {"employee"}, username=line.username, password=password,
        clock=clock, actor=actor, details=details, joined_on=line.joined_on,
    )  # fmt: skip
    if line.subject:
        link_identity(person.id, way=LDAP, issuer="", subject=line.subject, clock=clock, actor=actor)
    return line.username, password


def _change(change: Change, clock: Clock, actor: str) -> None:
    line, person = change.line, change.person
    new = {name: getattr(line, name) for name in change.fields if name != "roles"}
    if new:
        change_person(person.id, new, clock=clock, actor=actor)
    if "roles" in change.fields:
        set_roles(person.id, line.roles, clock=clock, actor=actor)


def _acting(actor: str, clock: Clock) -> Acting:
    day = civil_date(clock.now())
    try:
        roles = standing.current_roles(actor, clock=clock) or frozenset()
    except NoSuchPersonError:
        return Acting(actor, None, ())
    return Acting(str(UUID(actor)), roles, standing.entrusted_by_regulation(day))
