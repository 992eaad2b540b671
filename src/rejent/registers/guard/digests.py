"""The digest of what the ledger binds of a row: of JSON values, and of those that columns have besides. Pure."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import blake2b
from uuid import UUID


def digest_of(written: Sequence[object], salt: bytes) -> bytes:
    """Return the digest of values: BLAKE2b keyed with the salt, so that no guess can be tested without it."""
    return blake2b(encode(written).encode(), key=salt, digest_size=32).digest()


def encode(value: object) -> str:
    """Return values as the text of which the digest is taken."""
    return _ENCODER.encode(value)


def _write_value(value: object) -> dict[str, str]:
    """Return the form of a value that JSON does not know: none that a text has, so that a cell left as it stands is not taken for its value."""
    match value:
        case datetime():
            utc = value if value.tzinfo is UTC else value.astimezone(UTC)
            return {"instant": utc.isoformat(timespec="microseconds")}
        case date():
            return {"date": value.isoformat()}
        case UUID():
            return {"uuid": value.hex}
        case bytes() | memoryview() | bytearray():
            return {"bytes": bytes(value).hex()}
    raise TypeError(type(value).__name__)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_write_value)
