"""Salted commitments: the entries of the ledger, from which nothing about a record can be learnt.

With the record and its salt, kept beside the ledger, anyone can recompute the commitment; once both are erased, it is 32
bytes that say nothing, and the ledger stays whole.
"""

import hmac
import secrets
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring

from rejent.ledger.errors import RecordRefusedError

SALT_BYTES = 32


def new_salts(count: int) -> list[bytes]:
    """Return ``count`` salts of 32 unpredictable bytes."""
    drawn = secrets.token_bytes(SALT_BYTES * count)
    return [drawn[at : at + SALT_BYTES] for at in range(0, len(drawn), SALT_BYTES)]


def commitment_of(salt: bytes, record: str) -> bytes:
    """Return the HMAC-SHA256 (RFC 2104) of a canonical record, keyed with its salt: hiding, and binding to both.

    Raises `RecordRefusedError`: not Unicode, or a salt of another length, which would let two salts mean one key.
    """
    if len(salt) != SALT_BYTES:
        raise RecordRefusedError("The salt of a record has the wrong length.")
    try:
        return hmac.digest(salt, record.encode(), "sha256")
    except UnicodeEncodeError as error:
        raise RecordRefusedError("A record holds text that is not Unicode.") from error


def canonical_record(
    *,
    act: str,
    actor: str,
    subject: str,
    at: datetime,
    facts: str,
    thing: str | None = None,
    digest: bytes | None = None,
) -> str:
    """Return the canonical record of an act: what was done, by whom, to what, when, and the facts (canonical JSON) of it.

    ``thing`` is the row that the act describes, such as ``viewing:7f3a``, and ``digest`` the salted digest of its guarded columns; none
    where the row is gone after the act. An empty ``actor`` is the system. Raises `RecordRefusedError`: the instant has no offset.
    """
    if at.tzinfo is None:
        raise RecordRefusedError("The instant of an act has no offset.")
    return (
        f'{{"act":{encode_basestring(act)},"actor":{encode_basestring(actor)},"at":"{_written(at.astimezone(UTC))}",'
        f'"digest":{_hexadecimal(digest)},"facts":{facts},"subject":{encode_basestring(subject)},'
        f'"thing":{"null" if thing is None else encode_basestring(thing)}}}'
    )


def _hexadecimal(digest: bytes | None) -> str:
    return "null" if digest is None else f'"{digest.hex()}"'


@lru_cache(maxsize=16)
def _written(utc: datetime) -> str:
    """Write an instant to the microsecond; acts entered together share one, and only in UTC are equal times one instant."""
    return utc.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
