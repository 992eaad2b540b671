"""What an attached file is by its content, and what is stated of containers that are not opened: TNEF, S/MIME, OpenPGP. Pure.

Sources: [MS-OXTNEF] §2.1, RFC 5652 §4, §6 (CMS), RFC 8551 §3.5 (S/MIME), RFC 9580 §6.2, RFC 3156 (OpenPGP).
"""

import re
import struct
from enum import StrEnum

from rejent.formats.file_types import GIF, MAIL, PICTURES, TEXT, XML, FileType, file_type
from rejent.formats.source import BytesSource
from rejent.streams.mail.messages.parts import Part

TNEF = FileType("application/ms-tnef", ("dat",))
"""A container of Outlook, mostly called winmail.dat."""
_TNEF_MAGIC = b"\x78\x9f\x3e\x22"
_TNEF_ATTRIBUTE = struct.Struct("<BII")
_TNEF_CHECKSUM = 2
_TITLE_OF_ATTACHMENT = 0x00018010
_MOST_ATTRIBUTES = 2000
_MOST_NAMES = 50
_LONGEST_NAME = 200
_CMS = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
"""The beginning of the identifiers of CMS content: signed, enveloped, encrypted."""
_SIGNED_DATA, _ENVELOPED_DATA, _ENCRYPTED_DATA = 2, 3, 6
_AUTH_ENVELOPED_DATA = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17"
_HEAD = 64
_OPENPGP = re.compile(r"(?m)^-----BEGIN PGP (?:(MESSAGE)|SIGNED MESSAGE)-----(?=\s*$)")
_SHOWN_AS_TEXT = frozenset({TEXT, XML, MAIL})
_PICTURES = PICTURES | {GIF}


class Protection(StrEnum):
    """What a message, or a part of it, claims to be; a claim alone, for nothing is verified or decrypted."""

    SMIME_SIGNED = "smime-signed"
    SMIME_ENCRYPTED = "smime-encrypted"
    OPENPGP_SIGNED = "openpgp-signed"
    OPENPGP_ENCRYPTED = "openpgp-encrypted"


class Preview(StrEnum):
    """How an attached file is shown."""

    NONE = ""
    PICTURE = "picture"
    TEXT = "text"


def type_of(content: bytes) -> FileType | None:
    """Return the type of a file by its content; None where it is not known."""
    return TNEF if content.startswith(_TNEF_MAGIC) else file_type(BytesSource(content))


def preview_of(found: FileType | None) -> Preview:
    """Return how a file of a type is shown; a PDF is not, for the program has nothing that draws one."""
    if found in _PICTURES:
        return Preview.PICTURE
    return Preview.TEXT if found in _SHOWN_AS_TEXT else Preview.NONE


def names_in_tnef(content: bytes) -> list[str]:
    """Return the names of the files in a container of Outlook, as far as it can be read."""
    found: list[str] = []
    at = len(_TNEF_MAGIC) + 2
    for _ in range(_MOST_ATTRIBUTES):
        if at + _TNEF_ATTRIBUTE.size > len(content) or len(found) == _MOST_NAMES:
            break
        _, name, length = _TNEF_ATTRIBUTE.unpack_from(content, at)
        at += _TNEF_ATTRIBUTE.size
        if name == _TITLE_OF_ATTACHMENT:
            title = content[at : at + min(length, _LONGEST_NAME)].partition(b"\0")[0]
            found.append(re.split(r"[\\/]", title.decode("cp1250", "replace"))[-1])
        at += length + _TNEF_CHECKSUM
    return [each for each in found if each]


def protection_of(part: Part) -> Protection | None:
    """Return what a part says of signing or encryption; None where it says nothing."""
    if part.kind in {"application/pgp-signature", "application/pgp-encrypted"}:
        return Protection.OPENPGP_SIGNED if part.kind.endswith("signature") else Protection.OPENPGP_ENCRYPTED
    if part.kind.endswith("pkcs7-signature") or part.kind.endswith("pkcs7-mime"):
        return _of_cms(part.content()[:_HEAD])
    if part.kind == "text/plain" and (marked := _OPENPGP.search(part.text())):
        return Protection.OPENPGP_ENCRYPTED if marked[1] else Protection.OPENPGP_SIGNED
    return None


def _of_cms(head: bytes) -> Protection | None:
    place = head.find(_CMS)
    kind = head[place + len(_CMS)] if 0 <= place < len(head) - len(_CMS) else 0
    if kind == _SIGNED_DATA:
        return Protection.SMIME_SIGNED
    if kind in {_ENVELOPED_DATA, _ENCRYPTED_DATA} or _AUTH_ENVELOPED_DATA in head:
        return Protection.SMIME_ENCRYPTED
    return None
