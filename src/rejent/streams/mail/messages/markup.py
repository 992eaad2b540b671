"""HTML of a message: its text, and how it looked, made anew from what is allowed: no script, nothing from elsewhere, no address that can be called. Pure.

Nothing of the original is passed on: of each known element a new one is written with the attributes that are known, each value
by a pattern, all text escaped. One pass, with a bounded nesting, whatever stands in it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape

from rejent.streams.mail.messages.syntax import unescape_references

MOST_NESTED = 200
MOST_PICTURES = 20
_MOST_TAGS = 100_000
"""Tags of one document that are read, what is behind them counts as text; newsletters have some thousands, a sheet as HTML 50 000."""
_LONGEST_STYLE = 4000
_MOST_ATTRIBUTES = 50
_LONGEST_ADDRESS = 300


def _named(names: str) -> frozenset[str]:
    return frozenset(names.split())


_PLAIN = _named(
    "abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em"
    " figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i ins kbd li main mark nav ol p pre q s samp section small span"
    " strike strong sub sup table tbody td tfoot th thead tr tt u ul var wbr"
)
_OF_PICTURES = frozenset({"width", "height", "style", "align"})
_EMPTY = frozenset({"br", "hr", "col", "wbr"})
_SILENT = {
    name: re.compile(f"(?i)</{name}(?=[\\s/>])")
    for name in _named("script style title iframe noembed noframes template")
}
"""Elements of which the content is not shown either, as by a mail program, and what ends them: none runs scripts, so that ``noscript`` is shown."""
_TABLE = frozenset({"table", "tbody", "tfoot", "thead", "tr", "td", "th", "caption"})
_CELLS = frozenset({"table", "td", "th", "caption"})
"""What is inside ends nothing outside but another part of a table."""
_EDGES = _named(
    "address article aside blockquote body caption center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head"
    " header hr li main nav ol p pre section table tr ul"
)
"""Elements of which text begins, and ends, a line."""
_APART = _named("p h1 h2 h3 h4 h5 h6 blockquote table ul ol")
"""Those of them with an empty line around."""
_CLOSED_BY = {
    "p": _named("p div table ul ol h1 h2 h3 h4 h5 h6 blockquote pre hr center"),
    "li": _named("li"),
    "dt": _named("dt dd"),
    "dd": _named("dt dd"),
    "td": _named("td th tr tbody tfoot"),
    "th": _named("td th tr tbody tfoot"),
    "tr": _named("tr tbody tfoot"),
}
"""What ends an element that nobody ended."""
_VALUE = r"[\w#%.,+ -]{1,60}"
_ATTRIBUTES = {
    name: re.compile(pattern)
    for pattern, names in {
        _VALUE: "align valign width height border cellpadding cellspacing bgcolor color face size dir lang type",
        r"[0-9]{1,3}": "colspan rowspan span start",
    }.items()
    for name in names.split()
}
_STYLES = _named(
    "background background-color border border-bottom border-collapse border-color border-left border-radius border-right"
    " border-spacing border-style border-top border-width clear color direction display float font font-family font-size font-style"
    " font-variant font-weight height letter-spacing line-height list-style-type margin margin-bottom margin-left margin-right"
    " margin-top max-height max-width min-height min-width padding padding-bottom padding-left padding-right padding-top"
    " table-layout text-align text-decoration text-indent text-transform vertical-align white-space width word-break"
    " word-spacing word-wrap"
)
_STYLE_VALUE = re.compile(r"(?:[\w\s#%.,'\"+!-]|(?:rgb|hsl)a?\([\d\s.,%]{1,40}\)){1,200}")
_NAME = re.compile(r"(/?)([A-Za-z][^\s/>]{0,60})")
_BETWEEN = re.compile(r"[\s/]*")
_ATTRIBUTE = re.compile(r"(=?[^\s/>=]+|=)(\s*=\s*)?")
_UNQUOTED = re.compile(r"[^\s>]*")
_BLANKS = re.compile(r"\s+")
_GAPS = re.compile(r"[ \n\f]+")
_CALLS = re.compile(r"(?i)url\s*\(|@import|image-set")
_UNSEEN = {
    ord(each): None
    for each in map(
        chr, (*range(9), 11, 12, *range(14, 32), 127, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    )
}
"""Control characters, those among them that turn the direction of what follows."""


@dataclass(frozen=True, slots=True)
class Words:
    """What stands in a message for what is not shown, in the reader's language.

    ``counted`` says how much of it lies elsewhere, ``failed`` stands for a message that cannot be shown at all.
    """

    elsewhere: str
    missing: str
    failed: str
    counted: Callable[[int], str]


@dataclass(slots=True)
class SanitisedMarkup:
    """A message as it looked."""

    body: str = field(default="", repr=False)
    elsewhere: int = 0


def sanitised(markup: str, picture: Callable[[str], str], words: Words) -> SanitisedMarkup:
    """Return what is shown of HTML.

    ``picture`` returns, of the address of a picture that the message itself has, its content as ``data:``; empty where
    that is none.
    """
    made = _Making(picture, words)
    for text, tag in _pieces(markup):
        made.text(text)
        if tag is not None:
            made.tag(*tag)
    return made.done()


def text_of(markup: str) -> str:
    """Return the text of HTML that a reader would see, with what stands for its pictures; parts of a line of a table are apart."""
    found: list[str] = []
    for text, tag in _pieces(markup):
        if text:
            found.append(_BLANKS.sub(" ", unescape_references(text)))
        if tag is None:
            continue
        name, given = tag
        if name in _EDGES:
            found.append("\f\f" if name in _APART else "\f")
        elif name == "br":
            found.append("\n")
        elif name in _CELLS:
            found.append(" ")
        elif name == "img" and given and (described := given.get("alt", "").strip()):
            found.append(f" {_BLANKS.sub(' ', described)} ")
    return _GAPS.sub(_line_ends, "".join(found)).strip()


def _line_ends(gap: re.Match[str]) -> str:
    if "\f\f" in gap[0] or gap[0].count("\n") > 1:
        return "\n\n"
    return "\n" if "\f" in gap[0] or "\n" in gap[0] else " "


class _Making:
    """A document that is made anew."""

    def __init__(self, picture: Callable[[str], str], words: Words) -> None:
        self._picture, self._words = picture, words
        self._made: list[str] = []
        self._open: list[str] = []
        self._links: list[str] = []
        self._pictures = self._elsewhere = 0

    def text(self, text: str) -> None:
        """Write text."""
        if text:
            self._made.append(escape(unescape_references(text).translate(_UNSEEN)))

    def tag(self, name: str, given: dict[str, str] | None) -> None:
        """Write a tag: one that begins an element, or where nothing is given ends it."""
        name = "div" if name == "body" else name
        if given is None:
            self._end(name)
        elif name in {"img", "a"} or name in _PLAIN:
            self._begin(name, given)

    def done(self) -> SanitisedMarkup:
        """Return the document, with whatever is open ended."""
        while self._open:
            self._close()
        return SanitisedMarkup("".join(self._made), self._elsewhere)

    def _begin(self, name: str, given: dict[str, str]) -> None:
        while self._open and name in _CLOSED_BY.get(self._open[-1], ()):
            self._close()
        self._elsewhere += bool(given.get("background")) + bool(_CALLS.search(given.get("style", "")))
        if name == "img":
            self._put_picture(given)
        elif name in _EMPTY:
            self._made.append(f"<{name}{_written(given)}>")
        elif len(self._open) < MOST_NESTED:
            if name == "a":
                if "a" in self._open:
                    self._end("a")
                self._links.append(given.get("href", ""))
            self._open.append(name)
            self._made.append(
                f'<span class="link"{_written(given)}>' if name == "a" else f"<{name}{_written(given)}>"
            )

    def _end(self, name: str) -> None:
        for each in reversed(self._open):
            if each == name:
                while self._close() != name:
                    pass
                return
            if each in _CELLS and name not in _TABLE:
                return

    def _close(self) -> str:
        name = self._open.pop()
        if name != "a":
            self._made.append(f"</{name}>")
            return name
        address = self._links.pop()
        self._made.append("</span>")
        if address.strip() and not address.startswith("#"):
            self._made.append(f' <bdi class="address" dir="ltr">&lt;{_spelled(address)}&gt;</bdi>')
        return name

    def _put_picture(self, given: dict[str, str]) -> None:
        source, described = (
            given.get("src", "").strip(),
            given.get("alt", "").translate(_UNSEEN)[:_LONGEST_ADDRESS],
        )
        own = source[:5].lower() == "data:" or source[:4].lower() == "cid:"
        sized = {name: value for name, value in given.items() if name in _OF_PICTURES}
        tried = own and self._pictures < MOST_PICTURES
        self._pictures += tried
        if tried and (content := self._picture(source)):
            self._made.append(f'<img src="{escape(content)}" alt="{escape(described)}"{_written(sized)}>')
            return
        self._elsewhere += not own and bool(source or given.get("srcset"))
        reason = self._words.missing if own else self._words.elsewhere
        self._made.append(
            f'<span class="left-out">{escape(f"{reason}: {described}" if described else reason)}</span>'
        )


def _pieces(markup: str) -> Iterator[tuple[str, tuple[str, dict[str, str] | None] | None]]:
    """Yield what stands between tags, each with the tag after it: its name, and its attributes where it begins an element.

    Comments, and elements of which nothing is shown, are left out.
    """
    at = begins = tags = 0
    while (place := markup.find("<", at)) >= 0 and tags < _MOST_TAGS:
        tags += 1
        if markup.startswith("<!--", place):
            end = markup.find("-->", place + 2)
            tag, at = None, end + 3 if end >= 0 else len(markup)
        elif markup[place + 1 : place + 2] in {"!", "?"}:
            end = markup.find(">", place)
            tag, at = None, end + 1 if end >= 0 else len(markup)
        elif named := _NAME.match(markup, place + 1):
            given, at = _attributes(markup, named.end())
            tag = (named[2].lower(), None if named[1] else given)
        else:
            at = place + 1
            continue
        yield markup[begins:place], tag
        if tag is not None and tag[1] is not None and tag[0] in _SILENT:
            ends = _SILENT[tag[0]].search(markup, at)
            at = ends.start() if ends else len(markup)
        begins = at
    yield markup[begins:], None


def _attributes(markup: str, at: int) -> tuple[dict[str, str], int]:
    """Return the attributes of a tag, the first of each name, and where it ends.

    As in browsers a quotation that nobody ended reaches to the end.
    """
    given: dict[str, str] = {}
    while True:
        at = _BETWEEN.match(markup, at).end()  # type: ignore[union-attr]  # it matches nothing too
        found = _ATTRIBUTE.match(markup, at)
        if found is None:
            return given, at + 1
        at, value = found.end(), ""
        if found[2] is not None:
            if (quote := markup[at : at + 1]) in {'"', "'"}:
                end = markup.find(quote, at + 1)
                if end < 0:
                    return {}, len(markup)
                value, at = markup[at + 1 : end], end + 1
            else:
                plain = _UNQUOTED.match(markup, at)
                value = plain[0] if plain else ""
                at += len(value)
        if len(given) < _MOST_ATTRIBUTES:
            given.setdefault(found[1].lower(), unescape_references(value))


def _written(given: dict[str, str]) -> str:
    kept = [
        (name, value.strip())
        for name, value in given.items()
        if name in _ATTRIBUTES and _ATTRIBUTES[name].fullmatch(value.strip())
    ]
    if style := _style(given.get("style", "")):
        kept.append(("style", style))
    return "".join(f' {name}="{escape(value)}"' for name, value in kept)


def _style(stated: str) -> str:
    kept = []
    for each in stated[:_LONGEST_STYLE].split(";"):
        name, _, value = each.partition(":")
        if name.strip().lower() in _STYLES and _STYLE_VALUE.fullmatch(value.strip()):
            kept.append(f"{name.strip().lower()}:{value.strip()}")
    return ";".join(kept)


def _spelled(address: str) -> str:
    """Return an address as it is called, whatever it looks like."""
    plain = "".join(address.split()).translate(_UNSEEN)
    return escape(plain if len(plain) <= _LONGEST_ADDRESS else plain[:_LONGEST_ADDRESS] + "…")
