"""Find the messages of Django templates: translate, blocktranslate, and ``_("…")`` in any tag or filter."""

import re
from collections.abc import Iterator

from django.template.base import Lexer, Token, TokenType
from django.utils.text import smart_split
from django.utils.translation import trim_whitespace
from messages_in_python import Spoken

_MARKED = re.compile(r"""\b_\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\)""")
_QUOTED = re.compile(r"""^("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def messages_in_template(source: str) -> Iterator[Spoken]:
    """The messages of one template, as Django will ask for them."""
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type not in {TokenType.BLOCK, TokenType.VAR}:
            continue
        bits = list(smart_split(token.contents))
        first = bits[0] if bits and token.token_type is TokenType.BLOCK else ""
        if first in {"trans", "translate"} and (quoted := _QUOTED.match(bits[1])):
            yield Spoken(_plain(quoted[1]).replace("%", "%%"), "", _context(bits), token.lineno or 0)
        elif first in {"blocktrans", "blocktranslate"}:
            yield _block(tokens, bits, token.lineno or 0)
            continue
        for marked in _MARKED.findall(token.contents):
            yield Spoken(_plain(marked).replace("%", "%%"), "", "", token.lineno or 0)


def _block(tokens: Iterator[Token], bits: list[str], line: int) -> Spoken:
    forms = [""]
    for token in tokens:
        if token.token_type is TokenType.VAR:
            forms[-1] += f"%({token.contents.strip()})s"
        elif token.token_type is TokenType.TEXT:
            forms[-1] += token.contents.replace("%", "%%")
        elif token.contents.strip() == "plural":
            forms.append("")
        elif token.contents.strip().startswith("endblocktrans"):
            break
    if "trimmed" in bits:
        forms = [trim_whitespace(form) for form in forms]
    return Spoken(forms[0], forms[1] if len(forms) > 1 else "", _context(bits), line)


def _context(bits: list[str]) -> str:
    return _plain(bits[bits.index("context") + 1]) if "context" in bits[:-1] else ""


def _plain(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted[1:-1])
