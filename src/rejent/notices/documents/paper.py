"""A document as it is printed."""

from datetime import UTC, datetime, time
from io import BytesIO
from typing import Literal

import segno
from django.utils import translation
from django.utils.translation import gettext

from rejent.documents.papers import Letterhead, Notice, NoticePart, Paper, PlateSheet
from rejent.notices.documents.views import Document, DocumentKind

Size = Literal["A3", "A4", "A5"]
SIZES: tuple[Size, ...] = ("A3", "A4", "A5")
"""Sizes of plates."""
DIGEST_SIGNS = 12
"""How much of a document's digest its foot shows: enough to tell versions apart."""
_ROOM = {DocumentKind.ASSESSMENT: 3}
"""Lines left for each answer; one where a word is missing."""


def paper_of(document: Document, *, size: Size = "A4", test: bool = False) -> Paper:
    """Return the paper of a document; the same document makes the same file, byte by byte. ``size`` is that of a plate; all others are A4."""
    with translation.override(document.language):
        if document.kind is DocumentKind.PLATE:
            return _plate(document, size, test=test)
        return Notice(
            letterhead=_letterhead(document, test=test),
            opening=document.opening,
            sections=tuple(
                NoticePart(each.title, each.text, each.points, each.facts, each.asks)
                for each in document.sections
            ),
            ask=ask_words(document),
            room=_ROOM.get(document.kind, 1),
            closing=document.closing,
            signatures=document.signatures,
        )


def ask_words(document: Document) -> str:
    """Return the words before what somebody must add to a document."""
    if document.kind is DocumentKind.ASSESSMENT:
        return gettext("To be answered:")
    return gettext("To be completed:")


def _letterhead(document: Document, *, test: bool) -> Letterhead:
    made_of = gettext(
        "Made from version {version} of the regulation, in force from {day}; digest {digest}"
    ).format(
        version=document.version,
        day=f"{document.in_force_from:%d.%m.%Y}",
        digest=document.digest[:DIGEST_SIGNS],
    )
    return Letterhead(
        language=document.language,
        office=document.office,
        title=document.title,
        made_at=datetime.combine(document.in_force_from, time(), UTC),
        marks=(made_of,),
        page=gettext("page {page} of {pages}"),
        warning=gettext("Test installation. Not for use.") if test else "",
    )


def _plate(document: Document, size: Size, *, test: bool) -> PlateSheet:
    lines, more = [], document.section("more")
    for section in document.sections:
        if section.key not in {"pictogram", "more"}:
            lacking = tuple(f"[{ask_words(document)} {ask}]" for ask in section.asks)
            lines.append((section.title, (*section.text, *lacking)))
    return PlateSheet(
        letterhead=_letterhead(document, test=test),
        size=size,
        pictogram=document.pictogram,
        pictogram_words=gettext("camera pictogram"),
        opening=document.opening,
        lines=tuple(lines),
        more_title=more.title if more else "",
        more=more.text if more else (),
        code=_drawn(document.address) if document.address else "",
        code_words=gettext("QR code: {address}").format(address=document.address),
    )


def _drawn(address: str) -> str:
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", border=0, xmldecl=False, dark="#14233c"
    )
    return drawn.getvalue().decode()
