"""Walks a demo's pages as each of its people, and prints what a reader of Polish should not meet: ``python -m tests.demo.crawl DIR``.

A line is a page, what is wrong with it, and the text: an English word, which is one of the program's English messages that no Polish text
has, or a number of seven digits and more that stands in no groups.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from babel.messages.pofile import read_po

PACKAGE = Path(__file__).parents[2] / "src" / "rejent"
ALIKE = 1
"""Pages walked of those whose addresses differ by numbers and identifiers alone, for each person."""
WORD = re.compile(r"[^\W\d_]+")
DIGITS = re.compile(r"(?<![\w.,:/@-])\+?\d{7,}(?!\w)")
UNSEEN = re.compile(
    r"<(script|style|svg|code|pre)\b.*?</\1>|<(\w+)[^>]*\slang=\"en\"[^>]*>.*?</\2>", re.DOTALL
)
SAID = re.compile(r"\s(?:aria-label|aria-valuetext|title|placeholder|alt|data-title|data-words)=\"([^\"]*)\"")
AS_THEY_ARE = re.compile(r"ONVIF Export File Format|\{\w+\}|(?<!\w)/[\w/.-]+|\b[0-9a-f]{16,}\b|https?://\S+")
"""A format's own name, names of gaps in the office's wordings, addresses of pages, digests."""
LINK = re.compile(r"href=\"([^\"#]+)|<form[^>]* action=\"([^\"]+/csv[^\"]*)")
"""Where a link leads, or the form that hands out a table."""


def english() -> set[str]:
    """Words of English messages that stand in no Polish one, nor in the text of a regulation."""
    known, polish = set(), set()
    for path in PACKAGE.rglob("*.po"):
        with path.open("rb") as opened:
            for message in read_po(opened):
                known |= set(_words(message.id))
                polish |= set(_words(message.string))
    for path in (PACKAGE / "office/regulation/seeds").glob("*.toml"):
        texts = re.findall(r'"([^"]*)"', path.read_text(encoding="utf-8"))
        polish |= set(_words([text for text in texts if re.search(r"[ ąćęłńóśźż]", text)]))
    return {word for word in known if len(word) > 2 and word.isascii()} - polish


def _words(text: object) -> Iterator[str]:
    for one in text if isinstance(text, list | tuple) else [text]:
        yield from WORD.findall(re.sub(r"%\(\w+\)[sd]|\{[^}]*\}", "", str(one)).lower())


def texts_of(content_type: str, content: str) -> Iterator[str]:
    """Yield what a person reads or hears of a page; of a table as a file, its head."""
    if content_type.startswith("text/csv"):
        yield from content.split("\n", 1)[0].split(";")
        return
    html = UNSEEN.sub("", content)
    yield from map(unescape, SAID.findall(html))
    yield from filter(None, map(str.strip, unescape(re.sub(r"<[^>]*>", "\n", html)).splitlines()))


def wrong_with(texts: Iterator[str], words: set[str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a text, and the text."""
    for text in texts:
        left = AS_THEY_ARE.sub(" ", text)
        if found := [word for word in WORD.findall(left) if word.lower() in words]:
            yield f"English: {', '.join(found)}", text
        if found := DIGITS.findall(left):
            yield f"no groups: {', '.join(found)}", text


def walk(directory: Path) -> Iterator[tuple[str, str, str]]:
    """Yield each page with what is wrong and the text. Raises whatever a page raises."""
    from rejent.cli.command_setup import open_installation

    open_installation(directory)
    from django.contrib.auth import get_user_model
    from django.test import Client

    words, told = english(), set()
    for user in get_user_model().objects.filter(is_active=True):
        client = Client(headers={"host": "127.0.0.1", "accept-language": "pl"})
        client.force_login(user)
        todo, seen, alike = ["/", "/nothing-here"], {"/"}, Counter[str]()
        for address in todo:
            answer = client.post(address) if "/csv" in address else client.get(address)
            kind = str(answer.get("Content-Type", ""))
            if not kind.startswith(("text/html", "text/csv")):
                continue
            content = b"".join(answer) if answer.streaming else answer.content
            html = content.decode("utf-8-sig")
            for what, text in wrong_with(texts_of(kind, html), words):
                if (what, text) not in told:
                    told.add((what, text))
                    yield address, what, text
            for to in _leading_on(address, html):
                form = re.sub(r"\d+", "0", re.sub(r"[0-9a-f-]{32,36}", "x", to))
                if to not in seen and alike[form] < ALIKE:
                    alike[form] += 1
                    seen.add(to)
                    todo.append(to)


def _leading_on(address: str, html: str) -> Iterator[str]:
    for pair in LINK.findall(html):
        link = unescape("".join(pair))
        to = address.partition("?")[0] + link if link.startswith("?") else link
        if to.startswith("/") and not to.startswith("/static/"):
            yield to


if __name__ == "__main__":
    sys.stdout.writelines(" | ".join(found) + "\n" for found in walk(Path(sys.argv[1])))
