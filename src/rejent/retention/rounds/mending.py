"""Finish segments that a crash cut short: sealed again, whole, under the same day key, with an index of what they hold."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import Any

from django.db import transaction

from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.catalog.acts import SEGMENT_SEALED
from rejent.catalog.views import SegmentView
from rejent.formats.content_tree import read_tree, unchanged
from rejent.formats.errors import ContentError
from rejent.kernel.errors import RejentError
from rejent.registers.queries import committed_facts, entered_naming
from rejent.registers.services import enter
from rejent.retention.acts import SEGMENT_MENDED
from rejent.retention.errors import NotCutShortError
from rejent.retention.models import Mending
from rejent.retention.rounds.round import Keeping, Round
from rejent.retention.stream_parts import OBJECTS
from rejent.vault.age import CHUNK, Identity, Recipient, SealedReader, SealWriter
from rejent.vault.errors import (
    KeyDestroyedError,
    KeyUnknownError,
    ObjectMissingError,
    PayloadError,
    SealedObjectError,
)

UNMENDABLE = (
    SealedObjectError,
    ObjectMissingError,
    ContentError,
    KeyDestroyedError,
    KeyUnknownError,
)
"""Faults of a segment that hardly any later attempt mends: keys or an object put back from a copy."""
TRIED_AGAIN = timedelta(days=1)
"""After such a fault it is tried once more."""


def mend(keeping: Keeping, done: Round) -> None:
    """Finish every segment that was booked as cut short and has not been looked at; what cannot be mended is left as it is.

    Raises:
        FolderMismatchError: the store is another, or its disk is not mounted.
        StorageError: it does not answer.
    """
    waiting, now = catalog.cut_short(), keeping.clock.now()
    looked_at = Mending.objects.filter(segment__in=waiting).exclude(mended=False, at__lte=now - TRIED_AGAIN)
    settled = set(looked_at.values_list("segment", flat=True))
    left = [each for each in waiting if each not in settled]
    if left:
        keeping.require_store()
    for segment_id in left:
        segment = catalog.segment(segment_id)
        try:
            _mend(keeping, segment)
            done.mended += 1
        except UNMENDABLE:
            keeping.require_store()
            Mending.objects.update_or_create(segment=segment_id, defaults={"at": now, "mended": False})
        except RejentError as error:
            done.failed.append(f"mending: {error}")


def _mend(keeping: Keeping, segment: SegmentView) -> None:
    identity = keeping.keys.identity_by_recipient(segment.recipient)
    sound, secret = _sound_content(keeping, segment, identity)
    sealed_as = _require_cut_short(segment)
    form = OBJECTS.of(catalog.stream_of(segment.source_id))
    whole = form.mended(segment, sound)
    seal = _sealed_anew(keeping, segment, whole.content)
    now, start = keeping.clock.now(), whole.start or segment.start
    record = {
        "source": segment.source_id,
        "segment": str(segment.id),
        "start": start.isoformat(),
        "end": whole.end.isoformat(),
        "object": segment.object_name,
        "was": segment.sha256,
        "bytes": seal.size,
        "sha256": seal.sha256.hex(),
        "units": whole.units,
        "lost_bytes": whole.lost,
    }
    with keeping.store.open(segment.object_name) as sealed:
        content, places = SealedReader(sealed, [identity]), whole.index.places
        record |= read_tree(content.content_secret, content, places, form.framed).whole().facts()
        record["unchanged"] = unchanged(sealed_as, secret, content, places, form.framed)
    if whole.item:
        record["run"] = whole.item
    with transaction.atomic():
        row = catalog_services.note_mended(
            segment.id,
            start=start,
            end=whole.end,
            bytes=seal.size,
            sha256=seal.sha256.hex(),
            head=seal.head_sha256.hex(),
            units=whole.units,
            index=whole.index.encode(),
            clock=keeping.clock,
            traits=whole.traits,
            item=whole.item,
        )
        Mending.objects.update_or_create(segment=segment.id, defaults={"at": now, "mended": True})
        subject = f"source:{segment.source_id}"
        enter(SEGMENT_MENDED, actor="", subject=subject, record=record, at=now, row=row)
        if whole.enter_item is not None:
            whole.enter_item(keeping.clock)
    keeping.store.remove_companions(segment.object_name)


def _require_cut_short(segment: SegmentView) -> Mapping[str, Any]:
    """See that what is sealed anew is what was booked as cut short, and was not mended before; return what the act of its sealing says.

    Raises `NotCutShortError`: it is not, by the word of the ledger: a row alone lets nobody put another recording in the place of one.
    """
    facts, own = committed_facts(segment.entry, SEGMENT_SEALED.name), str(segment.id)
    cut_short = facts.get("recovered") is True
    mended = any((act.facts or {}).get("segment") == own for act in entered_naming(SEGMENT_MENDED.name, own))
    if facts.get("object") != segment.object_name or mended or not cut_short:
        raise NotCutShortError(
            "The row of a segment says that it was cut short, and the ledger does not: {object}.",
            object=segment.object_name,
            advice="Run rejent fsck.",
        )
    return facts


def _sealed_anew(keeping: Keeping, segment: SegmentView, parts: Iterable[bytes]) -> SealWriter:
    with keeping.store.replace(segment.object_name) as writer:
        seal = SealWriter(writer.write, [Recipient.parse(segment.recipient)])
        for part in parts:
            seal.write(part)
        seal.finish()
        writer.commit()
    return seal


def _sound_content(keeping: Keeping, segment: SegmentView, identity: Identity) -> tuple[bytes, bytes]:
    """Return everything that opens, from the beginning, in memory only; and the secret of the content."""
    with ExitStack() as opened:
        sealed = opened.enter_context(keeping.store.open(segment.object_name))
        tails = [opened.enter_context(tail) for tail in keeping.store.open_companions(segment.object_name)]
        reader = SealedReader(sealed, [identity], truncated=True, tails=tails)
        sound = bytearray()
        with suppress(PayloadError):
            while piece := reader.read(len(sound), CHUNK):
                sound += piece
        return bytes(sound), reader.content_secret
