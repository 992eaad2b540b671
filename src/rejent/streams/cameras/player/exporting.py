"""A camera's recording in the ONVIF Export File Format, for systems that read it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from rejent.cases.copies.stream_parts import Exporting
from rejent.formats.mp4.boxes import TIMESCALE
from rejent.formats.mp4.export_format import ExportFacts, ExportSigner, exported
from rejent.formats.mp4.reader import fragment_at, initialisation_of
from rejent.formats.source import Source

_PIECE = 1 << 20


def _made(source: Source, facts: ExportFacts, signer: ExportSigner | None) -> Iterator[bytes]:
    """Yield the file; the origin of its media timeline is as long before its first picture as that picture's time says."""
    first = fragment_at(source, len(initialisation_of(source)))
    lead = timedelta(seconds=min(first.presentation_times()) / TIMESCALE) if first else timedelta()
    pieces = (source.read(at, min(_PIECE, source.size - at)) for at in range(0, source.size, _PIECE))
    return exported(pieces, replace(facts, start=facts.start - lead), signer)


EXPORTING = Exporting("ONVIF Export File Format", "mp4", _made)
