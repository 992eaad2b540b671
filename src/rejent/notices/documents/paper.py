"""A document as it is printed."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from io import BytesIO
from typing import Literal

import segno
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from rejent.documents.papers import Letterhead, Notice, NoticePart, Paper, PlateSheet
from rejent.notices.documents.asks import ask_words
from rejent.notices.documents.views import Document, DocumentKind, Section

Size = Literal["A3", "A4", "A5"]
SIZES: tuple[Size, ...] = ("A3", "A4", "A5")
"""Sizes of plates."""
DIGEST_SIGNS = 12
"""How much of a document's digest its foot shows: enough to tell versions apart."""
_ROOM = {DocumentKind.ASSESSMENT: 3}
"""Lines left for each answer; one where a word is missing."""


def paper_of(document: Document, *, size: Size = "A4", test: bool = False) -> Paper:
    """Return the paper of a document; the same document makes the same file, byte by byte.

    ``size`` is that of a plate; all others are A4.
    """
    with translation.override(document.language):
        if document.kind is DocumentKind.PLATE:
            return _plate(document, size, test=test)
        return Notice(
            letterhead=_letterhead(document, test=test),
            opening=document.opening,
            sections=tuple(
                NoticePart(each.title, each.text, each.points, each.facts, tuple(map(ask_words, each.asks)))
                for each in document.sections
            ),
            ask=before_asks(document),
            room=_ROOM.get(document.kind, 1),
            closing=document.closing,
            signatures=document.signatures,
        )


def before_asks(document: Document) -> str:
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
        draft=gettext("DRAFT") if document.missing else "",
        lacking=lacking_words(document),
    )


def lacking_words(document: Document) -> str:
    """Return what a draft says of itself; empty for a document that lacks nothing."""
    if not document.missing:
        return ""
    asks = dict.fromkeys(ask_words(ask) for item in document.missing for ask in item.asks)
    lacks = [*asks, *(item.demand for item in document.missing if not item.asks)]
    return gettext("Not to be used or published. Missing: {lacks}.").format(lacks="; ".join(lacks))


def _plate(document: Document, size: Size, *, test: bool) -> PlateSheet:
    lines, more = [], document.section("more")
    for section in document.sections:
        if section.key not in {"pictogram", "more"}:
            lacking = tuple(f"[{before_asks(document)} {ask_words(ask)}]" for ask in section.asks)
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


def article(document: Document, *, level: int = 1) -> SafeString:
    """Return a document as an ``article`` in its language, its title as a heading of a level."""
    with translation.override(document.language):
        inside = [
            *_draft(document),
            format_html("<h{}>{}</h{}>", level, document.title, level),
            *((format_html("<p>{}</p>", document.opening),) if document.opening else ()),
            *(_section(document, each, level + 1) for each in document.sections),
            *((format_html("<p>{}</p>", document.closing),) if document.closing else ()),
            _listed("ul", document.signatures, "signatures"),
        ]
    return format_html('<article class="told" lang="{}">{}</article>', document.language, _joined(inside))


def _draft(document: Document) -> Iterator[SafeString]:
    if document.missing:
        words = format_html("<strong>{}</strong> {}", gettext("DRAFT"), lacking_words(document))
        yield format_html('<p class="draft">{}</p>', words)


_STYLE = (
    "body{font:1.0625rem/1.55 system-ui,sans-serif;color:#14233c;background:#fff;margin:0}main{max-width:44rem;margin:auto;padding:1.5rem}"
    "h1,h2{line-height:1.2}dl>div{margin:.5rem 0}dt{font-weight:600}dd{margin:0}.to-complete{border-left:4px solid #8a5a00;padding-left:.75rem}.draft{border:3px solid #8a5a00;padding:.5rem .75rem}"
)


def page(document: Document) -> str:
    """Return a document as a page that needs nothing else."""
    frame = (
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>{} – {}</title><style>{}</style></head><body><main><p>{}</p>{}</main></body></html>\n"
    )
    style = mark_safe(_STYLE)  # noqa: S308 - our own
    return format_html(
        frame, document.language, document.title, document.office, style, document.office, article(document)
    )


def _section(document: Document, section: Section, level: int) -> SafeString:
    heading = format_html("<h{}>{}</h{}>", level, section.title, level) if section.title else ""
    inside = [
        heading,
        *(format_html("<p>{}</p>", line) for line in section.text),
        _listed("ul", section.points),
        _facts(section),
        *(
            format_html(
                '<p class="to-complete"><strong>{}</strong> {}</p>', before_asks(document), ask_words(ask)
            )
            for ask in section.asks
        ),
    ]
    return format_html('<section data-part="{}">{}</section>', section.key, _joined(inside))


def _facts(section: Section) -> SafeString:
    rows = [
        format_html(
            "<div><dt>{}</dt>{}</div>",
            label,
            format_html_join("", "<dd>{}</dd>", ((line or _by_hand(),) for line in lines)),
        )
        for label, lines in section.facts
    ]
    return format_html("<dl>{}</dl>", _joined(rows)) if rows else SafeString()


def _by_hand() -> SafeString:
    return format_html('<span class="blank">{}</span>', gettext("(filled in by hand)"))


def _listed(tag: str, lines: Iterable[str], name: str = "") -> SafeString:
    rows = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
    named = format_html(' class="{}"', name) if name else ""
    return format_html("<{}{}>{}</{}>", tag, named, rows, tag) if rows else SafeString()


def _joined(parts: Iterable[str]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308 - each part was made by format_html
