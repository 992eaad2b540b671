"""What the ledger says of telephone numbers: enough to notice that one was changed, nothing to learn it by.

The salt stands beside the numbers and goes with them; without it the few possible numbers cannot be tried one by one.
"""

from rejent.ledger.commitment import commitment_of, new_salts
from rejent.ledger.errors import RecordRefusedError


def new_salt() -> str:
    """A salt by chance, hexadecimal."""
    return new_salts(1)[0].hex()


def commitment(salt: str, *numbers: str) -> str:
    """What is entered of these numbers, as `canonical_number` gives them, hexadecimal; nothing where the salt is none of ours."""
    try:
        return commitment_of(bytes.fromhex(salt), "\n".join(numbers)).hex()
    except (ValueError, RecordRefusedError):
        return ""
