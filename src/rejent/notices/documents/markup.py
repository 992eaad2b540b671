"""A document as accessible HTML: headings, lists and terms, no script."""

from collections.abc import Iterable

from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from rejent.notices.documents.paper import ask_words
from rejent.notices.documents.views import Document, Section


def article(document: Document, *, level: int = 1) -> SafeString:
    """Return a document as an ``article`` in its language, its title as a heading of a level."""
    with translation.override(document.language):
        inside = [
            format_html("<h{}>{}</h{}>", level, document.title, level),
            *((format_html("<p>{}</p>", document.opening),) if document.opening else ()),
            *(_section(document, each, level + 1) for each in document.sections),
            *((format_html("<p>{}</p>", document.closing),) if document.closing else ()),
            _listed("ul", document.signatures, "signatures"),
        ]
    return format_html('<article class="told" lang="{}">{}</article>', document.language, _joined(inside))


_STYLE = (
    "body{font:1.0625rem/1.55 system-ui,sans-serif;color:#14233c;background:#fff;margin:0}main{max-width:44rem;margin:auto;padding:1.5rem}"
    "h1,h2{line-height:1.2}dl>div{margin:.5rem 0}dt{font-weight:600}dd{margin:0}.to-complete{border-left:4px solid #8a5a00;padding-left:.75rem}"
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
            format_html('<p class="to-complete"><strong>{}</strong> {}</p>', ask_words(document), ask)
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
