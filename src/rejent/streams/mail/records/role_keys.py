"""Keys of the two roles: made with a passphrase of their holder, ended, opened for a viewing."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rejent.kernel.clock import Clock
from rejent.kernel.views import view_of
from rejent.registers.guard.rows import matching, verified
from rejent.registers.services import enter
from rejent.streams.mail.messages.scope import folded
from rejent.streams.mail.messages.sealing import KeyRole, RoleRecipients
from rejent.streams.mail.models import RoleKey
from rejent.streams.mail.records.acts import ROLE_KEY_ENDED, ROLE_KEY_MADE
from rejent.streams.mail.records.errors import RoleKeyRefusedError
from rejent.vault.age import Identity, Passphrase, Recipient, seal, unseal
from rejent.vault.errors import KeyTextError, SealedObjectError


@dataclass(frozen=True, slots=True)
class RoleKeyView:
    """A key of a role; ``holder``: the post of who holds its passphrase."""

    id: int
    role: KeyRole
    holder: str
    recipient: str
    since: datetime
    ended_at: datetime | None


def make_role_key(role: KeyRole, holder: str, passphrase: str, *, clock: Clock, actor: str) -> int:
    """Make a key of a role, its private half sealed to a passphrase; return its number. Raises RoleKeyRefusedError.

    Nobody holds keys of both roles, and no passphrase opens two keys: it is tried on those that are there, at what a try costs anybody, so that
    nothing is stored by which it could be guessed cheaper.
    """
    if not holder.strip():
        raise RoleKeyRefusedError(
            "State who holds the key.", advice="Name the post, such as: data protection officer."
        )
    _require_another(role, holder, passphrase)
    made = Identity.generate()
    sealed = seal(made.text.encode(), [Passphrase(passphrase)])
    with transaction.atomic():
        row = RoleKey(
            role=role.value,
            holder=holder.strip(),
            recipient=made.recipient.text,
            identity=sealed,
            since=clock.now(),
        )
        row.save()
        record = {"key": row.pk, "role": role.value, "recipient": row.recipient}
        enter(ROLE_KEY_MADE, actor=actor, subject=f"mail-key:{row.pk}", record=record, at=row.since, row=row)
    return row.pk


def _require_another(role: KeyRole, holder: str, passphrase: str) -> None:
    """See that holder and passphrase are not those of a key that is there. Raises RoleKeyRefusedError."""
    rows = list(matching(RoleKey.objects.order_by("pk")))
    who = folded(holder)
    if any(row.role != role.value and folded(row.holder) == who for row in rows):
        raise RoleKeyRefusedError(
            "{holder} holds a key of the other role.",
            holder=holder.strip(),
            advice="Two people open a message together: name another post, of somebody else.",
        )
    if any(_opens(row, passphrase) for row in rows):
        raise RoleKeyRefusedError(
            "This passphrase opens a key that is there already.",
            advice="Each holder chooses a passphrase of their own, and tells it nobody.",
        )


def _opens(row: RoleKey, passphrase: str) -> bool:
    try:
        unseal(bytes(row.identity), [Passphrase(passphrase)])
    except SealedObjectError:
        return False
    return True


def end_role_key(number: int, *, clock: Clock, actor: str) -> None:
    """Seal nothing to a key any more; it opens what was sealed to it. Raises RoleKeyRefusedError."""
    with transaction.atomic():
        found = RoleKey.objects.select_for_update().filter(pk=number, ended_at__isnull=True).first()
        if found is None:
            raise RoleKeyRefusedError(
                "No key {key} stands.",
                key=number,
                advice="The page Keys to messages lists them, and: rejent mail keys DIR",
            )
        row = verified(found)
        if not matching(RoleKey.objects.filter(role=row.role, ended_at__isnull=True).exclude(pk=row.pk)):
            raise RoleKeyRefusedError(
                "This is the only key of its role: nothing could be received without it.",
                advice="Make another first, on the page Keys to messages.",
            )
        row.ended_at = clock.now()
        row.save()
        record = {"key": row.pk, "role": row.role}
        enter(
            ROLE_KEY_ENDED, actor=actor, subject=f"mail-key:{row.pk}", record=record, at=row.ended_at, row=row
        )


def role_key(number: int) -> RoleKeyView:
    """Return a key as it was entered. Raises RoleKeyRefusedError: there is none."""
    found = next((each for each in role_keys() if each.id == number), None)
    if found is None:
        raise RoleKeyRefusedError("There is no key {key}.", key=number)
    return found


def role_keys() -> list[RoleKeyView]:
    """Return every key that is as it was entered, in the order they were made."""
    return [
        view_of(RoleKeyView, row, role=KeyRole(row.role)) for row in matching(RoleKey.objects.order_by("pk"))
    ]


def role_recipients() -> RoleRecipients:
    """Return what messages are sealed to; a key that was planted or altered seals nothing."""
    standing = [key for key in role_keys() if key.ended_at is None]
    return {
        role: [Recipient.parse(key.recipient) for key in standing if key.role is role] for role in KeyRole
    }


def open_role_key(number: int, passphrase: str) -> tuple[KeyRole, Identity]:
    """Return the role and the private half of a key. Raises RoleKeyRefusedError: the passphrase does not open it."""
    rows = matching(RoleKey.objects.filter(pk=number))
    try:
        text = unseal(bytes(rows[0].identity), [Passphrase(passphrase)])
        return KeyRole(rows[0].role), Identity.parse(text.decode())
    except (IndexError, ValueError, SealedObjectError, KeyTextError):
        raise RoleKeyRefusedError(
            "The key and the passphrase do not belong together. Nothing was opened.",
            advice="Each holder types the passphrase of their own key.",
        ) from None
