"""Two keys from two desks: what waits for them, the first given, the second given, and what both open."""

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from uuid import UUID

from django.conf import settings

from rejent.access import queries as access
from rejent.access.errors import NoSuchViewingError
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock, civil_date
from rejent.office import queries as office
from rejent.office.people.duplicate_persons import shared
from rejent.office.people.standing import on_duty_if_known
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.streams.mail.messages import reading
from rejent.streams.mail.messages.first_keys import (
    FirstKeys,
    GivenKey,
    Lost,
    LostKey,
    require_apart,
)
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.messages.workspace import Proposal, Workspace
from rejent.streams.mail.records.acts import ROLE_KEY_GIVEN
from rejent.streams.mail.records.errors import NoOpeningError, RoleKeyRefusedError
from rejent.streams.mail.records.key_holders import may_give
from rejent.streams.mail.records.openings import STREAM, opening_of
from rejent.streams.mail.records.role_keys import RoleKeyView, open_role_key, role_keys
from rejent.vault.age import Identity
from rejent.web.signing_in.attempts import Attempts
from rejent.web.signing_in.sessions import is_running, standing_of


def is_theirs(given: GivenKey) -> bool:
    """Return whether a key that was given would still be for its giver to give, in the session in which they gave it."""
    today = civil_date(settings.CLOCK.now())
    person = on_duty_if_known(office.person(given.person_id), clock=settings.CLOCK)
    key = next((each for each in role_keys() if each.id == given.number), None)
    return (
        key is not None
        and person.active(today)
        and may_give(person, key, today)
        and standing_of(person.id) == given.standing
    )


FIRST_KEYS = FirstKeys(reading.is_over, is_running, is_theirs, lambda: settings.CLOCK)
_ONE_PASSPHRASE = threading.Lock()
"""One is tried at a time: each takes 256 MiB for a second."""
OPENING = "opening"
"""Name of what is asked where no proposal is: that the messages be opened."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """That a viewing waits for keys.

    Attributes:
        proposal: what is proposed of messages that are set aside; None while nothing is opened.
        first: the key that was given; ``lost``: one that was, and is gone.
    """

    workspace: Workspace | None
    proposal: Proposal | None
    first: GivenKey | None
    lost: LostKey | None

    @property
    def asked(self) -> str:
        """Return the name of what is asked."""
        return self.proposal.name if self.proposal is not None else OPENING

    @property
    def missing(self) -> list[KeyRole]:
        """Return the roles whose keys are missing."""
        return [role for role in KeyRole if self.first is None or role is not self.first.role]

    def find_keys_of(self, person: PersonView, now: datetime) -> list[RoleKeyView]:
        """Return the keys that are for a person to give now."""
        if self.first is not None and self.first.person_id == person.id:
            return []
        return [
            key for key in role_keys() if key.role in self.missing and may_give(person, key, civil_date(now))
        ]


def waiting(viewing: ViewingView, clock: Clock) -> Waiting | None:
    """Return what a viewing waits for; None where it waits for no key. Raises NoOpeningError."""
    workspace = reading.opened(viewing, clock)
    proposal = workspace.proposal if workspace is not None else None
    if workspace is not None and proposal is None:
        return None
    first = FIRST_KEYS.of(viewing.id)
    found = Waiting(workspace, proposal, first, FIRST_KEYS.lost(viewing.id))
    if first is not None and first.asked != found.asked:
        FIRST_KEYS.forget(viewing.id)
        return Waiting(workspace, proposal, None, None)
    if first is None and found.lost is None:
        return Waiting(workspace, proposal, None, _find_lost(viewing))
    return found


def _find_lost(viewing: ViewingView) -> LostKey | None:
    """Return the key that an earlier process had, as the ledger tells; None where this one was the last to get one."""
    page = registers.acts(
        names=(ROLE_KEY_GIVEN.name,), subject=f"source:{viewing.source_id}", since=viewing.opened_at, limit=20
    )
    for act in page.acts:
        if act.facts and act.facts.get("viewing") == viewing.number:
            if act.facts.get("process") == FIRST_KEYS.process:
                return None
            return LostKey(UUID(act.actor), act.at, Lost.RESTARTED)
    return None


def open_readings(clock: Clock) -> list[ViewingView]:
    """Return everybody's viewings of messages that are open."""
    return [
        each
        for each in access.open_viewings(clock=clock)
        if catalog.verified_stream_of(each.source_id) == STREAM
    ]


def open_reading(viewing_id: UUID, clock: Clock) -> ViewingView:
    """Return an open viewing of messages, whosever it is. Raises NoSuchViewingError."""
    for each in open_readings(clock):
        if each.id == viewing_id:
            return each
    raise NoSuchViewingError(
        "This reading is over, or there is none.", advice="Nothing waits for a key in it any more."
    )


def waiting_for(person: PersonView, clock: Clock) -> list[tuple[ViewingView, Waiting]]:
    """Return the viewings that wait for a key which is for this person to give."""
    found = []
    for each in open_readings(clock):
        with suppress(NoOpeningError):
            asked = waiting(each, clock)
            if asked is not None and asked.find_keys_of(person, clock.now()):
                found.append((each, asked))
    return found


def give(
    viewing: ViewingView,
    number: int,
    passphrase: str,
    asked: str,
    *,
    person: PersonView,
    session: str,
    clock: Clock,
) -> bool:
    """Give a key from one's own session; with the second one what was asked is done. Return whether it is.

    ``asked`` names what the giver has read. Entered. Raises RoleKeyRefusedError, NoOpeningError, and as `reading.unseal` does.
    """
    waits = waiting(viewing, clock)
    if waits is None or waits.asked != asked:
        raise RoleKeyRefusedError(
            "What is asked has changed since this page was opened.", advice="Read what it asks now."
        )
    key = next((each for each in role_keys() if each.id == number), None)
    if key is not None and waits.first is not None:
        require_apart(waits.first, key.role, person.id, session)
        _require_two(waits.first, person)
    if key is None or not may_give(person, key, civil_date(clock.now())):
        raise RoleKeyRefusedError(
            "This key is not yours to give.", advice="Its holder gives it from their own session."
        )
    role, identity = _try(number, passphrase, person, clock)
    given = GivenKey(role, number, identity, person.id, session, asked, clock.now(), standing_of(person.id))
    enter_given(viewing, given, clock)
    first = FIRST_KEYS.beside(viewing.id, given)
    if first is None:
        return False
    _require_two(first, person)
    _do(viewing, waits, {each.role: each for each in (first, given)}, clock, str(person.id))
    FIRST_KEYS.forget(viewing.id)
    return True


def _require_two(first: GivenKey, person: PersonView) -> None:
    """See that the accounts of both givers share nothing by which they are one human's. Raises RoleKeyRefusedError."""
    if shared(first.person_id, person.id):
        raise RoleKeyRefusedError(
            "Your account and that of who gave the first key share an address, codes or a passkey. Two people open together.",
            advice="The holder of the other key gives it from their own account.",
        )


def _try(number: int, passphrase: str, person: PersonView, clock: Clock) -> tuple[KeyRole, Identity]:
    """Return what a passphrase opens; wrong ones make wait as at sign-in. Raises RoleKeyRefusedError."""
    attempts = Attempts(f"mail-key:{number}", str(person.id), clock)
    if not attempts.begin():
        raise RoleKeyRefusedError(
            "Too many wrong passphrases. Try again in {seconds} s.", seconds=max(1, ceil(attempts.wait_s))
        )
    with _ONE_PASSPHRASE:
        found = open_role_key(number, passphrase)
    attempts.succeeded()
    return found


def forget(viewing_id: UUID) -> None:
    """Forget what was opened in a viewing, and the key that waits in it."""
    reading.WORKSPACES.forget(viewing_id)
    FIRST_KEYS.forget(viewing_id)


def enter_given(viewing: ViewingView, given: GivenKey, clock: Clock) -> None:
    """Enter that somebody gave a key. Raises NoOpeningError."""
    record = {
        "opening": opening_of(viewing, clock).number,
        "role": given.role.value,
        "key": given.number,
        "process": FIRST_KEYS.process,
    }
    reading.enter_of(ROLE_KEY_GIVEN, viewing, record, clock, str(given.person_id))


def _do(
    viewing: ViewingView, waits: Waiting, keys: Mapping[KeyRole, GivenKey], clock: Clock, actor: str
) -> None:
    if waits.workspace is not None and waits.proposal is not None:
        reading.judge(viewing, waits.workspace, waits.proposal, keys, clock=clock, actor=actor)
    else:
        reading.unseal(viewing, keys, clock=clock, actor=actor)
