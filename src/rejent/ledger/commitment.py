"""What stands in the ledger for a record: a salted commitment, from which nothing about the record can be learnt.

The record and its salt are kept beside the ledger. With them anyone can recompute the commitment; once both are erased,
the commitment is 32 bytes that say nothing, and the ledger stays whole.
"""

import hmac
import secrets
from datetime import UTC, datetime

from rejent.ledger.canonical import canonical
from rejent.ledger.errors import RecordRefusedError

SALT_BYTES = 32


def new_salt() -> bytes:
    """32 unpredictable bytes."""
    return secrets.token_bytes(SALT_BYTES)


def committed(salt: bytes, record: str) -> bytes:
    """HMAC-SHA256 (RFC 2104) of the canonical record, keyed with its salt: hiding, and binding to both.

    Raises:
        RecordRefusedError: the salt has another length, which would let two salts mean the same key.
    """
    if len(salt) != SALT_BYTES:
        raise RecordRefusedError("The salt of a record has the wrong length.")
    return hmac.digest(salt, record.encode(), "sha256")


def full_record(*, act: str, actor: str, subject: str, at: datetime, facts: str) -> str:
    """The canonical record of an act: what was done, by whom, to what, when, and the facts of it.

    Args:
        act: the act's name.
        actor: a person's identifier; empty for the system itself.
        subject: identifier of what it was done to.
        at: the instant.
        facts: canonical JSON of the facts.
    """
    instant = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return (
        f'{{"act":{canonical(act)},"actor":{canonical(actor)},"at":"{instant}Z",'
        f'"facts":{facts},"subject":{canonical(subject)}}}'
    )
