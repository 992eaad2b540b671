"""A message sealed to two roles, one within the other: neither opens it without the other (docs/design/0026).

Within: the envelope's length in four bytes, the envelope as JSON, the message byte for byte. Around it an age file for the keys of
the role of control, around that one for the keys of the role of the case.
"""

import json
import struct
from dataclasses import dataclass, field
from enum import StrEnum

from rejent.formats.errors import ContentError
from rejent.vault.age import Identity, Recipient, seal, unseal

_LENGTH = struct.Struct(">I")


class KeyRole(StrEnum):
    """Role whose keys a message is sealed to; both are needed to open it."""

    CASE = "case"
    """Whoever conducts the case."""
    CONTROL = "control"
    """Whoever watches over it: the data protection officer, or somebody appointed."""


RoleRecipients = dict[KeyRole, list[Recipient]]
RoleIdentities = dict[KeyRole, Identity]


@dataclass(frozen=True, slots=True)
class OpenedMessage:
    """A message with the envelope it came in."""

    sender: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    content: bytes = field(repr=False)


def seal_message(message: OpenedMessage, recipients: RoleRecipients) -> bytes:
    """Seal a message to every key of each role. Raises ValueError: a role has no key."""
    envelope = json.dumps({"from": message.sender, "to": message.recipients}, ensure_ascii=False).encode()
    plain = _LENGTH.pack(len(envelope)) + envelope + message.content
    return seal(seal(plain, recipients[KeyRole.CONTROL]), recipients[KeyRole.CASE])


def open_message(sealed: bytes, identities: RoleIdentities) -> OpenedMessage:
    """Open a message by a key of each role.

    Raises:
        NoMatchError: one of the keys is not one that it was sealed to.
        ContentError: what is within is no message.
    """
    plain = unseal(unseal(sealed, [identities[KeyRole.CASE]]), [identities[KeyRole.CONTROL]])
    try:
        (length,) = _LENGTH.unpack_from(plain)
        envelope = json.loads(plain[_LENGTH.size : _LENGTH.size + length])
        return OpenedMessage(
            str(envelope["from"]), tuple(map(str, envelope["to"])), plain[_LENGTH.size + length :]
        )
    except (struct.error, ValueError, KeyError, TypeError):
        raise ContentError("The recording holds what is no message.") from None
