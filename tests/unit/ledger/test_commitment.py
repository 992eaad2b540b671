"""Commitments: bound to record and salt."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from rejent.ledger.canonical import canonical_json
from rejent.ledger.commitment import canonical_record, commitment_of, new_salts
from rejent.ledger.errors import RecordRefusedError

AT = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_known_answer():
    """The commitment is HMAC-SHA256 with the salt as key (RFC 2104, checked with the openssl program)."""
    made = commitment_of(b"s" * 32, '{"a":1}')
    assert made.hex() == "88f0659297da0cf59f01f53a6a17ca54d361d2edbf24c29fe9e56b0228cdb292"


def test_other_salt_or_record_gives_another_commitment():
    """Neither the record nor the salt can be exchanged."""
    salt, other = new_salts(2)
    assert len({commitment_of(salt, "a"), commitment_of(other, "a"), commitment_of(salt, "b")}) == 3


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_salt_has_one_length(length):
    """A salt of another length would share its key with a different one."""
    with pytest.raises(RecordRefusedError):
        commitment_of(b"s" * length, "{}")


def test_text_that_is_not_unicode_is_refused():
    """Half a surrogate pair cannot be committed to."""
    with pytest.raises(RecordRefusedError):
        commitment_of(b"s" * 32, canonical_record(act="a", actor="\ud800", subject="", at=AT, facts="{}"))


def test_full_record_is_canonical():
    """The record put together from its parts is the canonical JSON of the whole."""
    whole = {
        "act": "source.added",
        "actor": "p1",
        "at": "2026-10-25T01:30:00.000000Z",
        "digest": None,
        "facts": {"n": "ż"},
        "subject": 'a"b',
        "thing": None,
    }
    made = canonical_record(
        act="source.added", actor="p1", subject='a"b', at=AT, facts=canonical_json(whole["facts"])
    )
    assert made == canonical_json(whole)


def test_instants_are_written_in_utc():
    """The same instant gives the same record, whatever zone it came in."""
    local = AT.astimezone(timezone(timedelta(hours=1)))
    given = {"act": "a", "actor": "", "subject": "", "facts": "{}"}
    assert canonical_record(at=local, **given) == canonical_record(at=AT, **given)
