"""A message sealed to two roles, one within the other: neither opens it without the other (docs/design/0026).

Within: the envelope's length in four bytes, the envelope as JSON, the message byte for byte. Around it an age file for the keys of
the role of control, around that one for the keys of the role of the case.
"""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from typing import Generic

from rejent.formats.errors import ContentError
from rejent.streams.mail.messages.content import C_co, Content
from rejent.vault.age import HeadOpener, Identity, Recipient, SharedHead

MOST_UNDER_A_HEAD = 64
"""Messages that share the heads of their age files."""
_LENGTH = struct.Struct(">I")
_PIECE = 1 << 18
"""Bytes of a long message that are sealed at once."""


class KeyRole(StrEnum):
    """Role whose keys a message is sealed to; both are needed to open it."""

    CASE = "case"
    """Whoever conducts the case."""
    CONTROL = "control"
    """Whoever watches over it: the data protection officer, or somebody appointed."""


RoleRecipients = dict[KeyRole, list[Recipient]]
RoleIdentities = dict[KeyRole, Identity]


@dataclass(frozen=True, slots=True)
class EnvelopedMessage(Generic[C_co]):
    """A message with the envelope it came in."""

    sender: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    content: C_co = field(repr=False)


class OpenedMessage(EnvelopedMessage[bytes]):
    """A message that lies in memory."""

    __slots__ = ()


class MessageSealer:
    """Seals messages to every key of each role. Raises ValueError: a role has no key.

    Messages that come one behind another share the heads of their age files, and so two exchanges of keys: whoever may open one
    of them may open the others.
    """

    def __init__(self, recipients: RoleRecipients) -> None:
        self.recipients = recipients
        self._left = 0

    def seal(self, message: EnvelopedMessage[Content]) -> bytes:
        """Seal a message."""
        if not self._left:
            self._within = SharedHead(self.recipients[KeyRole.CONTROL])
            self._around = SharedHead(self.recipients[KeyRole.CASE])
            self._left = MOST_UNDER_A_HEAD
        self._left -= 1
        *envelope, content = _plain_parts(message)
        return self._around.seal(self._within.seal(b"".join((*envelope, content[:]))))

    def seal_long(self, message: EnvelopedMessage[Content]) -> tuple[Iterator[bytes], int]:
        """Return a message that is sealed while it is read, under heads of its own, and the bytes that makes."""
        within, around = (
            SharedHead(self.recipients[KeyRole.CONTROL]),
            SharedHead(self.recipients[KeyRole.CASE]),
        )
        *envelope, content = _plain_parts(message)
        pieces = (content[start : start + _PIECE] for start in range(0, len(content), _PIECE))
        size = around.sealed_length(within.sealed_length(sum(map(len, envelope)) + len(content)))
        return around.seal_parts(within.seal_parts(chain(envelope, pieces))), size


def _plain_parts(message: EnvelopedMessage[C_co]) -> tuple[bytes, bytes, C_co]:
    envelope = json.dumps({"from": message.sender, "to": message.recipients}, ensure_ascii=False).encode()
    return _LENGTH.pack(len(envelope)), envelope, message.content


class MessageOpener:
    """Opens messages by a key of each role; what follows under the same heads costs no exchange of keys."""

    def __init__(self, identities: RoleIdentities) -> None:
        self._around = HeadOpener([identities[KeyRole.CASE]])
        self._within = HeadOpener([identities[KeyRole.CONTROL]])

    def open(self, sealed: bytes) -> OpenedMessage:
        """Open a message. Raises NoMatchError, ContentError."""
        plain = self._within.unseal(self._around.unseal(sealed))
        try:
            (length,) = _LENGTH.unpack_from(plain)
            envelope = json.loads(plain[_LENGTH.size : _LENGTH.size + length])
            return OpenedMessage(
                str(envelope["from"]), tuple(map(str, envelope["to"])), plain[_LENGTH.size + length :]
            )
        except (struct.error, ValueError, KeyError, TypeError):
            raise ContentError("The archive holds what is no message.") from None
