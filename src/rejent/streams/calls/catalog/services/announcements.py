"""Setting what callers of a line hear, and who plays it to them."""

from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import Max

from rejent.catalog.errors import SourceRefusedError
from rejent.catalog.models import Source
from rejent.catalog.services.sources import present_source
from rejent.kernel.clock import Clock
from rejent.registers.guard.rows import verified
from rejent.registers.services import enter
from rejent.streams.calls.catalog.acts import ANNOUNCEMENT_SET, ANNOUNCER_SET
from rejent.streams.calls.catalog.announcement_wav import samples_of
from rejent.streams.calls.catalog.errors import SoundRefusedError
from rejent.streams.calls.catalog.lines.addresses import CALLS
from rejent.streams.calls.catalog.lines.announcers import AnnouncerAddress
from rejent.streams.calls.catalog.models import Announcement, Announcer
from rejent.streams.calls.catalog.services.lines import require_free_to_announce
from rejent.streams.calls.catalog.views import NoticeKind

LONGEST_TEXT = 4000


def set_announcement(
    source_id: str,
    kind: str,
    *,
    text: str,
    sound: bytes,
    language: str,
    made_by: str,
    valid_from: datetime,
    clock: Clock,
    actor: str,
) -> int:
    """Let callers of a line hear this from an instant on, not before that of the last version, and give its version.

    ``kind`` is ``incoming`` or ``clause``; ``made_by`` is ``uploaded``, or the program that spoke the text.
    SourceRefusedError: it is no line, or kind or instant cannot be. SoundRefusedError: text or sound cannot be an
    announcement. NoSuchSourceError: there is no such source, or it was removed.
    """
    _require_sayable(kind, text, sound)
    with transaction.atomic():
        line = _line(source_id)
        version = _next_version(line, kind, valid_from)
        digest = sha256(sound).hexdigest()
        record = {
            "source": source_id,
            "kind": kind,
            "version": version,
            "language": language,
            "text_sha256": sha256(text.encode()).hexdigest(),
            "sound_sha256": digest,
            "made_by": made_by,
            "from": valid_from.isoformat(),
        }
        row = Announcement.objects.create(
            source=line,
            kind=kind,
            version=version,
            language=language,
            text=text,
            sound=sound,
            sha256=digest,
            made_by=made_by,
            valid_from=valid_from,
        )
        subject = f"source:{source_id}"
        enter(ANNOUNCEMENT_SET, actor=actor, subject=subject, record=record, at=clock.now(), row=row)
    return version


def _require_sayable(kind: str, text: str, sound: bytes) -> None:
    if kind not in {NoticeKind.INCOMING, NoticeKind.CLAUSE}:
        raise SourceRefusedError("An announcement with a sound is incoming or clause.")
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise SoundRefusedError(
            "The text has {bound} characters at most, and one at least.", bound=LONGEST_TEXT
        )
    samples_of(sound)


def _next_version(line: Source, kind: str, valid_from: datetime) -> int:
    known = Announcement.objects.filter(source=line, kind=kind)
    last = known.aggregate(version=Max("version"), start=Max("valid_from"))
    if last["start"] is not None and valid_from < last["start"]:
        raise SourceRefusedError(
            "A version that is heard later is set already.",
            advice="Give a later instant, or none for now.",
        )
    return int(last["version"] or 0) + 1


def set_announcer(source_id: str, address: AnnouncerAddress | None, *, clock: Clock, actor: str) -> None:
    """Answer a line's calls with its announcement at an address, or nowhere any more.

    SourceRefusedError: it is no line. AddressRefusedError: another line's calls are answered there, or a line's
    recording sessions taken. NoSuchSourceError: there is no such source, or it was removed.
    """
    with transaction.atomic():
        line = _line(source_id)
        held = Announcer.objects.filter(source=line).first()
        row = verified(held) if held else Announcer(source=line)
        if address is None:
            Announcer.objects.filter(source=line).delete()
        else:
            require_free_to_announce(address, source_id)
            row.address = address.text
            row.save()
        enter(
            ANNOUNCER_SET,
            actor=actor,
            subject=f"source:{source_id}",
            record={"source": source_id},
            at=clock.now(),
            row=row,
            gone=address is None,
        )


def _line(source_id: str) -> Source:
    row = present_source(source_id)
    if row.stream != CALLS:
        raise SourceRefusedError("This source is no line.", advice="Only calls are announced.")
    return row
