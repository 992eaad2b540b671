"""Sessions in the database under a digest of the browser's key, and signed for that browser alone.

Django keeps the key as in the cookie and signs the content without it: whoever reads the database could take over a
session, whoever writes it could put somebody else's content into their own.
"""

from hashlib import sha256
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

_LENGTH = 40
"""Signs that Django's table keeps of a key: 160 bits of the digest."""


def kept_as(key: str) -> str:
    """Return the stored form of a session's key, in the table of sessions and with what was opened in it."""
    return sha256(key.encode()).hexdigest()[:_LENGTH]


class SessionStore(db.SessionStore):
    """Django's sessions in the database, without anything in it that opens one."""

    @property
    def key_salt(self) -> str:
        """The salt of the content's signature: this session and no other."""
        return f"rejent.web.signing_in.sessions:{self.session_key}"

    def exists(self, session_key: str) -> bool:
        """Return whether there is such a session."""
        return super().exists(kept_as(session_key))

    async def aexists(self, session_key: str) -> bool:
        """Return the same, awaited."""
        return await super().aexists(kept_as(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """Return the row of the session as it stands."""
        key = self._get_or_create_session_key()  # type: ignore[attr-defined]  # of Django's base class; its types leave it out
        kept: AbstractBaseSession = self.model(
            session_key=kept_as(key), session_data=self.encode(data), expire_date=self.get_expiry_date()
        )
        return kept

    async def acreate_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """Return the same, awaited."""
        return await sync_to_async(self.create_model_instance)(data)

    def delete(self, session_key: str | None = None) -> None:
        """End a session, this one where none is named."""
        if key := session_key or self.session_key:
            super().delete(kept_as(key))

    async def adelete(self, session_key: str | None = None) -> None:
        """The same, awaited."""
        await sync_to_async(self.delete)(session_key)

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        """Return the row of the session; None where there is none, or it ran out by the time that Django wrote into it."""
        running = self.model.objects.filter(expire_date__gt=timezone.now())
        row: AbstractBaseSession | None = running.filter(session_key=kept_as(self.session_key or "")).first()
        if row is None:
            self._session_key = None
        return row

    async def _aget_session_from_db(self) -> AbstractBaseSession | None:
        return await sync_to_async(self._get_session_from_db)()


def standing_of(person_id: UUID) -> tuple[str, ...]:
    """Return what sessions of a person's accounts must hold to count: another once a password was changed, or others ended them."""
    accounts = get_user_model().objects.filter(person_id=person_id, is_active=True).order_by("pk")
    return tuple(each.get_session_auth_hash() for each in accounts)


def is_running(kept: str) -> bool:
    """Return whether the session of a stored form was not signed out of and has not run out; `standing_of` tells whether it still counts."""
    rows = SessionStore.get_model_class().objects
    return bool(kept) and rows.filter(session_key=kept, expire_date__gt=timezone.now()).exists()
