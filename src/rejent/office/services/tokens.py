"""Bearer tokens of the HTTP interface; what opens is shown once, only its digest is stored."""

import secrets
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from rejent.kernel.clock import Clock
from rejent.office.acts import TOKEN_CREATED, TOKEN_REVOKED
from rejent.office.errors import NoSuchTokenError, PersonRefusedError
from rejent.office.models import Person, Token
from rejent.office.queries import token_digest
from rejent.office.services.changing import locked_person
from rejent.registers.guard.rows import matching, verified
from rejent.registers.services import enter

MARK = "rejent_"
"""The beginning of a token, by which a leaked one is recognised."""


def create_token(person_id: UUID | str, *, label: str, days: int, clock: Clock, actor: str) -> str:
    """Create a token for a person and return it; it is shown this once. Raises NoSuchPersonError, PersonRefusedError."""
    if not 1 <= days <= 366:
        raise PersonRefusedError("A token is valid for 1 to 366 days, not {days}.", days=days)
    text = MARK + secrets.token_urlsafe(32)
    until = clock.now() + timedelta(days=days)
    with transaction.atomic():
        person = locked_person(person_id)
        if person.left_on is not None:
            raise PersonRefusedError("Who has left gets no token.")
        token = Token.objects.create(
            person=person,
            label=label[:80],
            digest=token_digest(text),
            created_at=clock.now(),
            expires_at=until,
        )
        record = {
            "token": token.pk,
            "person": str(person.pk),
            "until": until.isoformat(),
            "digest": token.digest,
        }
        subject = f"person:{person.pk}"
        enter(TOKEN_CREATED, actor=actor, subject=subject, record=record, at=clock.now(), row=token)
    return text


def revoke_token(token_id: int, *, clock: Clock, actor: str) -> None:
    """Let a token open nothing any more. Raises NoSuchTokenError."""
    with transaction.atomic():
        token = (
            Token.objects.select_for_update(no_key=True).filter(pk=token_id, revoked_at__isnull=True).first()
        )
        if token is None:
            raise NoSuchTokenError("There is no token {token}.", token=token_id)
        _revoke(verified(token), clock, actor)


def revoke_tokens_of(person: Person, *, clock: Clock, actor: str) -> None:
    """Revoke every token of a person in the transaction in which they leave; one that was planted opens nothing anyway."""
    rows = Token.objects.select_for_update(no_key=True).filter(person=person, revoked_at__isnull=True)
    for token in matching(rows):
        _revoke(token, clock, actor)


def _revoke(token: Token, clock: Clock, actor: str) -> None:
    token.revoked_at = clock.now()
    token.save(update_fields=["revoked_at"])
    record, subject = {"token": token.pk, "person": str(token.person_id)}, f"person:{token.person_id}"
    enter(TOKEN_REVOKED, actor=actor, subject=subject, record=record, at=clock.now(), row=token)
