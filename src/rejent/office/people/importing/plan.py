"""What an import changes: people added, changed, unchanged and left, and the lines that cannot be taken; pure."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from rejent.kernel.sentences import Sentence
from rejent.office.people.duties import may_change
from rejent.office.people.importing.lines import BadLine, ImportLine, Lines
from rejent.office.views import PersonView

_COMPARED = {"name": "name", "first": "name", "last": "name", "post": "post", "engagement": "engagement", "email": "email", "extension": "extension", "roles": "roles"}  # fmt: skip
"""By a column of the file: the detail of a person that it sets."""


@dataclass(frozen=True, slots=True)
class Change:
    """A person whose details the file gives otherwise; ``fields`` are the names of those that change."""

    line: ImportLine
    person: PersonView
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do; of a file nothing is applied while a line is bad, of a directory the others are taken."""

    added: list[ImportLine] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    unchanged: list[PersonView] = field(default_factory=list)
    left: list[PersonView] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)

    @property
    def does_nothing(self) -> bool:
        """Return whether nothing would change."""
        return not (self.added or self.changed or self.left)

    def digest(self) -> str:
        """Return the SHA-256 of what would be done: what is confirmed is just what was shown."""
        summary = [
            [repr(each) for each in self.added],
            [[str(each.person), each.fields, repr(each.line)] for each in self.changed],
            sorted(str(one.id) for one in self.left),
            len(self.bad),
        ]
        return sha256(json.dumps(summary, default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Acting:
    """Who imports: their own identifier, roles and duties, and the roles that the regulation entrusts; None for the command line."""

    person: str
    roles: Collection[str] | None
    by_regulation: Collection[str]

    def may_touch(self, roles: Collection[str]) -> bool:
        """Return whether people with these roles are theirs to enter, change or let leave."""
        return self.roles is None or may_change(self.roles, roles, self.by_regulation)


def plan_import(
    lines: Lines,
    people: Collection[PersonView],
    linked: Mapping[str, PersonView],
    leavers: Collection[PersonView],
    acting: Acting,
) -> Plan:
    """Return what lines change.

    ``linked`` are people by the directory's identifier of their entry; ``leavers`` have left unless a line names them. Whose entry cannot be
    taken has not left; where nobody knows whose one is, nobody has.
    """
    plan = Plan(bad=list(lines.bad))
    by_name = {one.username.casefold(): one for one in people}
    named: set[object] = {linked[bad.subject].id for bad in lines.bad if bad.subject in linked}
    for line in lines.good:
        person = linked.get(line.subject) or by_name.get(line.username.casefold())
        if person is not None:
            named.add(person.id)
        _sort(line, person, plan, acting)
    for person in () if linked and not all(bad.subject for bad in lines.bad) else leavers:
        if person.id in named or person.left_on is not None or str(person.id) == acting.person:
            continue
        if acting.may_touch(person.roles):
            plan.left.append(person)
        else:
            plan.bad.append(BadLine(0, person.name, _NOT_THEIRS, Sentence("The head of the office enters that this person left.")))  # fmt: skip
    plan.bad.sort(key=lambda each: each.number)
    return plan


_NOT_THEIRS = Sentence("Who decides or supervises is not the IT administrator's to enter, change or close.")


def _sort(line: ImportLine, person: PersonView | None, plan: Plan, acting: Acting) -> None:
    if person is not None and person.left_on is not None:
        text = Sentence("The account of this user name is of somebody who has left.")
        remedy = Sentence("Give a new user name: an account is never handed on.")
        plan.bad.append(BadLine(line.number, line.name, text, remedy))
        return
    if not acting.may_touch(line.roles | (person.roles if person else frozenset())) and (
        person is None or list(_fields(line, person))
    ):
        plan.bad.append(
            BadLine(line.number, line.name, _NOT_THEIRS, Sentence("Take the line out, or let the head of the office import it."))
        )  # fmt: skip
    elif person is None:
        plan.added.append(line)
    elif fields := tuple(dict.fromkeys(_fields(line, person))):
        plan.changed.append(Change(line, person, fields))
    else:
        plan.unchanged.append(person)


def _fields(line: ImportLine, person: PersonView) -> Iterator[str]:
    for column, name in _COMPARED.items():
        if column not in line.given or (name == "roles" and not line.roles):
            continue
        if getattr(line, name) != getattr(person, name):
            yield name
