"""Who gives which key: whoever has the post that holds it, by name; where nobody has it, whoever does the work of its role."""

from datetime import date

from rejent.access.rules.decision import may_administer
from rejent.office import queries as office
from rejent.office.views import PersonView
from rejent.streams.mail.messages.scope import folded
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.records.openings import AGREE, ASK
from rejent.streams.mail.records.role_keys import RoleKeyView

WORK = {KeyRole.CASE: ASK, KeyRole.CONTROL: AGREE}
"""Act of administration that belongs to the work of a role."""


def holders_of(key: RoleKeyView, today: date) -> list[PersonView]:
    """Return the people whose post holds a key, by name; nobody where no post is called so."""
    post = folded(key.holder)
    found = (each for each in office.people() if each.post and folded(each.post) == post)
    return sorted((each for each in found if each.active(today)), key=lambda each: each.name)


def may_give(person: PersonView, key: RoleKeyView, today: date) -> bool:
    """Return whether it is for a person to give a key."""
    known = {each.id for each in holders_of(key, today)}
    return person.id in known if known else may_administer(person.roles, WORK[key.role]).allowed
