"""What is published of the documents of a day, and the digests by which an older edition is known."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from rejent.notices.documents.views import Document, DocumentKind

PUBLIC = (DocumentKind.CLAUSE, DocumentKind.ANNOUNCEMENT, DocumentKind.OUTGOING)
"""Documents that everybody may read; the others are for staff and for the office itself."""


def public(documents: Iterable[Document]) -> list[Document]:
    """Return the documents that are published, in the order of their kinds."""
    return sorted(
        (each for each in documents if each.kind in PUBLIC), key=lambda each: PUBLIC.index(each.kind)
    )


def edition_of(documents: Iterable[Document]) -> str:
    """Return the digest of what is published of documents; empty where there is nothing."""
    told = sorted(f"{each.name} {each.language} {each.digest}" for each in public(documents))
    return sha256("\n".join(told).encode()).hexdigest() if told else ""


def editions(documents: Sequence[Document]) -> Mapping[str, str]:
    """Return the digest of what is published about each stream."""
    streams = sorted({each.stream for each in public(documents) if each.stream})
    return {stream: edition_of(each for each in documents if each.stream == stream) for stream in streams}


def plate_digests(documents: Iterable[Document]) -> Mapping[str, frozenset[str]]:
    """Return the digests of the plates that should hang, by their buildings."""
    found: dict[str, set[str]] = {}
    for each in documents:
        if each.kind is DocumentKind.PLATE:
            found.setdefault(each.building, set()).add(each.digest)
    return {building: frozenset(digests) for building, digests in found.items()}


def area_names(documents: Iterable[Document]) -> frozenset[str]:
    """Return the names under which documents tell of areas, alone and after their buildings."""
    areas = [area for each in documents for area in each.areas]
    return frozenset(name for area in areas for name in (area.name, f"{area.building} {area.name}"))
