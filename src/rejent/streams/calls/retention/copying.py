"""State what a copy of a call is: its parties' numbers for label and register, and the type of its content."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rejent.cases.copies.errors import UndecodablePartError
from rejent.cases.copies.redaction import SOUND, axis_length, kept_plan
from rejent.cases.copies.stream_parts import CopyForm, PlayableForm, Redacted, Redacting
from rejent.formats.matroska.container import MEDIA_TYPE
from rejent.formats.matroska.manifest import nanoseconds
from rejent.formats.source import Source
from rejent.kernel.intervals import Interval
from rejent.office.regulation.vocabulary import CopyColumn
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog.turns import CALLED, CALLER, JOINED, readable_turns
from rejent.streams.calls.player.errors import UndecodableSoundError
from rejent.streams.calls.player.workshop import derived_workshop, workshop
from rejent.streams.calls.receiving.imported.wav_head import mended_wav, read_wav_head
from rejent.streams.calls.retention.objects import part_shown

_EBML = b"\x1aE\xdf\xa3"
_BEGINNINGS = (
    (_EBML, MEDIA_TYPE),
    (b"RIFF", "audio/wav"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
)
_UNKNOWN = "application/octet-stream"
_SYNC = 0xFFE0


def _media_type(head: bytes) -> str:
    for begins, media_type in _BEGINNINGS:
        if head.startswith(begins):
            return media_type
    return "audio/mpeg" if int.from_bytes(head[:2]) & _SYNC == _SYNC else _UNKNOWN


def _numbers(call_id: str) -> Mapping[str, str]:
    if not call_id:
        return {}
    call = call_queries.call(call_id)
    columns = {CopyColumn.CALLER_NUMBER: CALLER, CopyColumn.CALLED_NUMBER: CALLED}
    turns = {side: call.turns(side) for side in columns.values()}
    turns[CALLED] += tuple(one for one in call.later if one.side == JOINED)
    known = {column.value: readable_turns(turns[side]) for column, side in columns.items()}
    return {column: numbers for column, numbers in known.items() if numbers}


def _ended(call_id: str) -> datetime | None:
    """Return when a call ended, as its row was entered; nothing of one that runs, or whose row was altered."""
    if not call_id or not call_queries.is_as_entered(call_id):
        return None
    return call_queries.call(call_id).end


def _needs_wav(content: Source) -> bool:
    """Return True for an object of ours, and for a WAV of an exchange that players would play by a head that lies."""
    head = read_wav_head(content) if content.size <= _MENDED_IN_MEMORY else None
    return _is_matroska(content) or (head is not None and head.fault is not None)


def _is_matroska(content: Source) -> bool:
    return content.read(0, len(_EBML)) == _EBML


def _as_wav(content: Source) -> bytes:
    whole = content.read()
    return workshop().as_wav([whole]).content if _is_matroska(content) else mended_wav(whole)


def _cut(content: Source, held: Interval, shown: Interval) -> bytes:
    return workshop().cut_wav(content.read(), nanoseconds(held.start), _instants(shown))


def _instants(interval: Interval) -> tuple[int, int]:
    return nanoseconds(interval.start), nanoseconds(interval.end)


@dataclass
class RedactedCall(Redacted):
    """An object of a call under redaction, in one piece."""

    units: int = 1

    def pieces(self) -> Iterator[tuple[bytes, float]]:
        """Yield the file; UndecodablePartError: it cannot be decoded, or is too long for one file. SoundError: not in time."""
        if self.shown.length > _LONGEST:
            raise UndecodablePartError("A recording of the copy is too long.")
        try:
            made = derived_workshop().redacted(
                self.content.read(),
                plan=kept_plan(self.plan),
                length=axis_length(self.axis),
                begins=nanoseconds(self.axis.start),
                begun=nanoseconds(self.held.start),
                shown=_instants(self.shown),
                remark=self.remark,
            )
        except UndecodableSoundError as error:
            raise UndecodablePartError("A recording of the copy cannot be decoded.") from error
        yield made, 1.0


_LONGEST = timedelta(hours=3)
"""Of a recording of which a file is made in memory."""
_WAV = "audio/wav"
_MENDED_IN_MEMORY = 256 << 20
"""Bytes: two hours of both sides at 8 kHz and 16 bits; of a longer one the exchange's own file is played as it is."""
COPIES = CopyForm(
    media_type=_media_type,
    details=_numbers,
    ended=_ended,
    playable=PlayableForm(_needs_wav, _WAV, _as_wav, _cut),
    redacting=Redacting(SOUND, _WAV, RedactedCall),
    shown=part_shown,
)
