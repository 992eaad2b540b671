"""State what a copy of a call is: its parties' numbers for label and register, and the type of its content."""

from collections.abc import Mapping

from rejent.cases.copies.stream_parts import CopyForm, Heard
from rejent.formats.matroska.container import MEDIA_TYPE
from rejent.office.regulation.vocabulary import CopyColumn
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog.numbers.phone_numbers import readable_number
from rejent.streams.calls.player.workshop import workshop

_BEGINNINGS = (
    (b"\x1aE\xdf\xa3", MEDIA_TYPE),
    (b"RIFF", "audio/wav"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
)
_UNKNOWN = "application/octet-stream"
_SYNC = 0xFFE0
"""First bits of a frame of MPEG audio."""


def _media_type(head: bytes) -> str:
    """Return the type of what a recorder, or an exchange whose file was taken in, wrote."""
    for begins, media_type in _BEGINNINGS:
        if head.startswith(begins):
            return media_type
    return "audio/mpeg" if int.from_bytes(head[:2]) & _SYNC == _SYNC else _UNKNOWN


def _numbers(call_id: str) -> Mapping[str, str]:
    """Return who called and who was called; the call's own record forgets them with its last recording."""
    if not call_id:
        return {}
    call = call_queries.call(call_id)
    known = {CopyColumn.CALLER_NUMBER: call.caller, CopyColumn.CALLED_NUMBER: call.called}
    return {column.value: readable_number(number) for column, number in known.items() if number}


def _as_wav(content: bytes) -> bytes:
    """Return the sound of a content, both parties, taken apart in a workshop."""
    return workshop().as_wav([content]).content


_MATROSKA = frozenset(kind for _, kind in _BEGINNINGS if kind.endswith("matroska"))
COPIES = CopyForm(media_type=_media_type, details=_numbers, heard=Heard(_MATROSKA, "audio/wav", _as_wav))
