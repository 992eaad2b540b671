"""Finishing segments that a crash cut short: sealed again, whole, under the same day key, with an index of what they hold."""

from datetime import timedelta

from django.db import transaction

from rejent.capture.video.mp4.boxes import TIMESCALE
from rejent.capture.video.mp4.errors import MovieError, ParameterSetError
from rejent.capture.video.mp4.parameters import describe
from rejent.capture.video.mp4.reader import BytesSource, initialisation_of, parameters_of
from rejent.capture.video.mp4.recovery import RecoveredSource, recover
from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.catalog.views import SegmentView
from rejent.kernel.errors import RejentError
from rejent.registers.services import enter
from rejent.retention.acts import SEGMENT_MENDED
from rejent.retention.keeping import Keeping, Round
from rejent.retention.models import Mending
from rejent.vault.age import CHUNK, Identity, Recipient, SealedReader, SealWriter
from rejent.vault.errors import (
    KeyDestroyedError,
    KeyUnknownError,
    ObjectMissingError,
    PayloadError,
    SealedObjectError,
)


def mend(keeping: Keeping, done: Round) -> None:
    """Finish every segment that was booked as cut short and has not been looked at; what cannot be mended is left as it is."""
    waiting = catalog.cut_short()
    looked_at = set(Mending.objects.filter(segment__in=waiting).values_list("segment", flat=True))
    for segment_id in waiting:
        if segment_id in looked_at:
            continue
        segment = catalog.segment(segment_id)
        try:
            _mend(keeping, segment)
            done.mended += 1
        except (SealedObjectError, ObjectMissingError, MovieError, KeyDestroyedError, KeyUnknownError):
            Mending.objects.create(segment=segment_id, at=keeping.clock.now(), mended=False)
        except RejentError as error:
            done.failed.append(f"mending: {error}")


def _mend(keeping: Keeping, segment: SegmentView) -> None:
    identity = keeping.keys.identity_for(segment.recipient)
    content = BytesSource(_sound_content(keeping, segment, identity))
    recovery = recover(content)
    if recovery.pictures == 0:
        raise MovieError("The recording holds no whole picture.")
    seal = _sealed_anew(keeping, segment, RecoveredSource(content, recovery))
    now = keeping.clock.now()
    end = segment.start + timedelta(seconds=recovery.index.end / TIMESCALE)
    record = {
        "source": segment.source_id,
        "segment": str(segment.id),
        "start": segment.start.isoformat(),
        "end": end.isoformat(),
        "object": segment.object_name,
        "was": segment.sha256,
        "bytes": seal.size,
        "sha256": seal.sha256.hex(),
        "pictures": recovery.pictures,
        "lost_bytes": recovery.lost,
    }
    with transaction.atomic():
        catalog_services.note_mended(
            segment.id,
            end=end,
            bytes=seal.size,
            sha256=seal.sha256.hex(),
            frames=recovery.pictures,
            index=recovery.index.encode(),
            clock=keeping.clock,
            traits=_traits(content),
        )
        Mending.objects.create(segment=segment.id, at=now, mended=True)
        enter(SEGMENT_MENDED, actor="", subject=f"source:{segment.source_id}", record=record, at=now)
    keeping.store.remove_tail(segment.object_name)


def _sealed_anew(keeping: Keeping, segment: SegmentView, recovered: RecoveredSource) -> SealWriter:
    with keeping.store.replace(segment.object_name) as writer:
        seal = SealWriter(writer.write, [Recipient.parse(segment.recipient)])
        for part in recovered.parts():
            seal.write(part)
        seal.finish()
        writer.commit()
    return seal


def _traits(content: BytesSource) -> dict[str, str | int]:
    """Codec and size by the head of the file; the recorder that began it is gone, and could not open it again."""
    try:
        form = describe(parameters_of(initialisation_of(content)))
    except ParameterSetError:
        return {}
    return {"codec": form.codec_string, "width": form.width, "height": form.height}


def _sound_content(keeping: Keeping, segment: SegmentView, identity: Identity) -> bytes:
    """Everything that opens, from the beginning; in memory only."""
    with keeping.store.open(segment.object_name) as sealed:
        tail = keeping.store.open_tail(segment.object_name)
        try:
            reader = SealedReader(sealed, [identity], truncated=True, tail=tail)
            sound = bytearray()
            try:
                while piece := reader.read(len(sound), CHUNK):
                    sound += piece
            except PayloadError:
                pass
            return bytes(sound)
        finally:
            if tail is not None:
                tail.close()
