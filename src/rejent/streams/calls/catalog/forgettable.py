"""Guarded rows that lose their numbers and names without an act."""

import json
from typing import ClassVar

from django.db import models

from rejent.ledger.commitment import commitment_of, new_salts
from rejent.ledger.errors import RecordRefusedError
from rejent.registers.guard.model import GuardedModel


class ForgettableModel(GuardedModel):
    """A guarded row of which columns of text (``forgotten``) are blanked, for instance when the recording is destroyed.

    The ledger binds them, and ``bound_beside``, by a commitment under the row's own salt. They go together with the
    salt; the commitment stays, so that the row still verifies, and nothing that is left shows what they held.
    """

    forgotten: ClassVar[tuple[str, ...]] = ()
    bound_beside: ClassVar[tuple[str, ...]] = ()
    salt = models.CharField(max_length=64, blank=True)
    commitment = models.CharField(max_length=64, blank=True)

    class Meta:  # noqa: D106 - Django's
        abstract = True

    @classmethod
    def blanked(cls) -> dict[str, str]:
        """Return the columns of a row that says nothing any more."""
        return dict.fromkeys((*cls.forgotten, "salt"), "")

    def commit(self) -> None:
        """Bind the columns under a new salt; the row is to be entered next."""
        self.salt = new_salts(1)[0].hex()
        self.commitment = self._committed()

    def own_parts(self) -> dict[str, object]:
        """Return whether the columns are blank, or those of the commitment."""
        blank = not self.salt and not any(getattr(self, name) for name in self.forgotten)
        return {"committed": blank or self.commitment == self._committed()}

    def _committed(self) -> str:
        """Return the commitment to the columns; nothing where the salt is none of ours."""
        held = [getattr(self, name) for name in (*self.bound_beside, *self.forgotten)]
        try:
            return commitment_of(bytes.fromhex(self.salt), json.dumps(held)).hex()
        except (ValueError, RecordRefusedError):
            return ""
