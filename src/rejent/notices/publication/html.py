"""Pages of the bundle: plain, accessible HTML without scripts; the same facts give the same bytes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.translation import get_language, gettext

STYLE = """\
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 46rem; padding: 1rem; font: 1.0625rem/1.55 system-ui, sans-serif; color: #14213d; background: #fff; }
a { color: #123f8c; text-underline-offset: .2em; }
a:focus-visible { outline: 3px solid #123f8c; outline-offset: 2px; }
h1 { line-height: 1.2; } h2 { margin-top: 2rem; line-height: 1.3; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
nav a { display: inline-block; padding: .6rem 0; }
header { border-bottom: 1px solid #5b6785; } footer { border-top: 1px solid #5b6785; margin-top: 3rem; }
dt { font-weight: 600; margin-top: .75rem; } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid #c3cad9; }
.scroll { overflow-x: auto; } pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .875rem; }
.warning { border: 2px solid #8a4b00; padding: .5rem 1rem; }
.skip { position: absolute; left: -100vw; } .skip:focus { position: static; }
@media (prefers-color-scheme: dark) { body { color: #e6eaf3; background: #10141f; } a { color: #9dc1ff; } a:focus-visible { outline-color: #9dc1ff; } .warning { border-color: #ffb961; } }
@media print { nav, .skip { display: none; } body { max-width: none; } }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every page of one language shares.

    ``links``: file name and words of each page, in order; ``other``: folder of the other language, seen from a page, and its name in that
    language, with its code; ``root``: from a page to the folder of the style.
    """

    office: str
    links: Sequence[tuple[str, str]]
    other: tuple[str, str, str]
    root: str
    warning: str
    foot: str


def page(frame: Frame, file: str, title: str, body: Iterable[str], *, headed: bool = True) -> bytes:
    """Return a whole page; one that is not ``headed`` has its heading in its body."""
    language = "pl" if (get_language() or "").startswith("pl") else "en"
    folder, named, code = frame.other
    links = "".join(
        f'<li><a href="{escape(name)}"{_here(name == file)}>{escape(words)}</a></li>'
        for name, words in frame.links
    )
    warning = f'<p class="warning"><strong>{escape(frame.warning)}</strong></p>' if frame.warning else ""
    lines = [
        "<!doctype html>",
        f'<html lang="{language}">',
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<title>{escape(title)} – {escape(frame.office)}</title><link rel="stylesheet" href="{frame.root}style.css"></head>',
        "<body>",
        f'<a class="skip" href="#main">{escape(gettext("Skip to the content"))}</a>',
        (
            f'<header><p><strong>{escape(frame.office)}</strong></p><nav aria-label="{escape(gettext("Pages"))}"><ul>{links}'
            f'<li><a href="{folder}{escape(file)}" lang="{code}" hreflang="{code}">{escape(named)}</a></li></ul></nav></header>'
        ),
        f'<main id="main">{warning}',
        *([f"<h1>{escape(title)}</h1>"] if headed else []),
        *body,
        f"</main><footer><p>{escape(frame.foot)}</p></footer>",
        "</body></html>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _here(current: bool) -> str:
    return ' aria-current="page"' if current else ""


def paragraph(text: str) -> str:
    """Return a paragraph."""
    return f"<p>{_lines(text)}</p>"


def heading(text: str, level: int = 2) -> str:
    """Return a heading of a part."""
    return f"<h{level}>{escape(text)}</h{level}>"


def bullets(points: Iterable[str]) -> str:
    """Return a list; nothing for no points."""
    items = "".join(f"<li>{_lines(point)}</li>" for point in points)
    return f"<ul>{items}</ul>" if items else ""


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Return labels with what belongs to them; nothing for none."""
    rows = "".join(f"<dt>{escape(label)}</dt><dd>{_lines(value)}</dd>" for label, value in pairs)
    return f"<dl>{rows}</dl>" if rows else ""


def link(address: str, words: str) -> str:
    """Return a paragraph with a link."""
    return f'<p><a href="{escape(address)}">{escape(words)}</a></p>'


def table(caption: str, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table that scrolls by itself on a narrow screen."""
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in titles)
    body = "".join("<tr>" + "".join(f"<td>{_lines(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(caption)}"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def verbatim(text: str) -> str:
    """Return a text as it stands."""
    return f"<pre>{escape(text)}</pre>"


def _lines(text: str) -> str:
    return "<br>".join(map(escape, text.splitlines()))
