"""Commitments to telephone numbers in the ledger: enough to notice a change, nothing to learn them by.

The salt stands beside the numbers and goes with them; without it the few possible numbers cannot be tried one by one.
"""

from rejent.ledger.commitment import commitment_of, new_salts
from rejent.ledger.errors import RecordRefusedError


def new_salt() -> str:
    """A salt by chance, hexadecimal."""
    return new_salts(1)[0].hex()


def commitment(salt: str, *numbers: str) -> str:
    """Return the hexadecimal commitment to canonical numbers; empty where the salt is none of ours."""
    try:
        return commitment_of(bytes.fromhex(salt), "\n".join(numbers)).hex()
    except (ValueError, RecordRefusedError):
        return ""
