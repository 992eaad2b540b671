"""Reading the tables of a TOML file into the classes of `rejent.office.regulation.provisions`.

The reader follows the classes' own types, so a new parameter is one new field. It never stops at the first problem:
what cannot be read is left out and its path noted, so that checks which need it can be skipped.
"""

import difflib
import re
import types
from collections.abc import Collection, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from rejent.kernel.errors import InputRefusedError
from rejent.kernel.sentences import Sentence
from rejent.kernel.terms import LONGEST_COUNT, Length, RetentionRule
from rejent.office.regulation.findings import Problem
from rejent.office.regulation.law import (
    FORBIDDEN_BIOMETRICS,
    FORBIDDEN_EMOTIONS,
    FORBIDDEN_SPYING,
    FORMAT,
    Rule,
)
from rejent.office.regulation.provisions import Regulation
from rejent.office.regulation.toml_lines import Path

LONGEST_TEXT = 4_000
_WHOLE_OR_NOTHING = (Length, RetentionRule)
_UNREADABLE = object()
_FORBIDDEN: tuple[tuple[re.Pattern[str], Rule], ...] = (
    (
        re.compile(
            r"^faces?$|fac(e|ial)(recogn|detect|match|ident|print)|biometr|voiceprint|(voice|speaker)(recognition|identification)"
        ),
        FORBIDDEN_BIOMETRICS,
    ),
    (re.compile(r"emotion|mood|(performance|productivity)scor|scor(e|ing)"), FORBIDDEN_EMOTIONS),
    (
        re.compile(
            r"keystroke|keylog|clipboard|screen(record|captur|shot)|microphone|hidden|stealth|covert|wiretap"
        ),
        FORBIDDEN_SPYING,
    ),
)
_SEPARATORS = re.compile(r"[-_ .]+")


@dataclass(slots=True)
class Read:
    """The result of reading: the regulation, the problems, and the paths that were left out (``failed``)."""

    regulation: Regulation
    problems: list[Problem] = field(default_factory=list)
    failed: set[Path] = field(default_factory=set)

    def sound(self, path: Path) -> bool:
        """Return whether nothing at, below or above a path was left out."""
        return not any(path[: len(lost)] == lost or lost[: len(path)] == path for lost in self.failed)


def read(document: Mapping[str, Any], streams: Collection[str]) -> Read:
    """Read a parsed TOML document that may provide for these streams."""
    reader = _Reader(streams)
    regulation = reader.table(Regulation, document, ())
    return Read(regulation, reader.problems, reader.failed)


class _Reader:
    def __init__(self, streams: Collection[str]) -> None:
        self._names = streams
        self.problems: list[Problem] = []
        self.failed: set[Path] = set()

    def table(self, kind: type, given: Mapping[str, Any], path: Path) -> Any:
        """Return an instance of a dataclass; unreadable fields are ``None`` and noted, or the whole is left out."""
        hints = get_type_hints(kind)
        known = {_key(member): member for member in fields(kind)}
        self._refuse_unknown(given, known, path)
        values: dict[str, Any] = {}
        unreadable = False
        for key, member in known.items():
            if key in given:
                value = self.value(hints[member.name], given[key], (*path, key))
            elif _required(member):
                value = self._lost((*path, key), Sentence("The key {key} is missing.", {"key": key}))
            else:
                continue
            unreadable = unreadable or value is _UNREADABLE
            values[member.name] = None if value is _UNREADABLE else value
        if unreadable and kind in _WHOLE_OR_NOTHING:
            self.failed.add(path)
            return _UNREADABLE
        try:
            return kind(**values)
        except InputRefusedError as refused:
            facts = {
                name: fact if isinstance(fact, int) else str(fact) for name, fact in refused.facts.items()
            }
            return self._lost(path, Sentence(refused.template, facts))

    def value(self, kind: Any, given: Any, path: Path) -> Any:
        """Return a value of a type as the classes state it, or the mark of an unreadable one."""
        origin = get_origin(kind)
        if origin in (Union, types.UnionType):
            (kind,) = (part for part in get_args(kind) if part is not types.NoneType)
            return self.value(kind, given, path)
        if origin is tuple:
            return self._list(get_args(kind)[0], given, path)
        if origin is Mapping:
            return self._streams(get_args(kind)[1], given, path)
        if is_dataclass(kind):
            if not isinstance(given, dict):
                return self._wrong(path, Sentence("a table"), given)
            return self.table(kind, given, path)  # type: ignore[arg-type]  # a dataclass type, not an instance
        return self._scalar(kind, given, path)

    def _scalar(self, kind: type, given: Any, path: Path) -> Any:
        if issubclass(kind, StrEnum):
            return self._word(kind, given, path)
        if kind is bool:
            return given if isinstance(given, bool) else self._wrong(path, Sentence("true or false"), given)
        if kind is int:
            return self._number(given, path)
        if kind is date:
            is_day = isinstance(given, date) and not isinstance(given, datetime)
            return given if is_day else self._wrong(path, Sentence("a date such as 2026-11-21"), given)
        return self._text(given, path)

    def _number(self, given: Any, path: Path) -> Any:
        if not isinstance(given, int) or isinstance(given, bool):
            return self._wrong(path, Sentence("a whole number"), given)
        if not 0 <= given <= LONGEST_COUNT:
            return self._lost(
                path, Sentence("The number must lie from 0 to {longest}.", {"longest": LONGEST_COUNT})
            )
        return given

    def _text(self, given: Any, path: Path) -> Any:
        if not isinstance(given, str):
            return self._wrong(path, Sentence("text"), given)
        text = given.strip()
        if len(text) > LONGEST_TEXT or any(not (sign.isprintable() or sign in "\n\t") for sign in text):
            return self._lost(
                path,
                Sentence(
                    "Text here is printable and at most {longest} characters long.", {"longest": LONGEST_TEXT}
                ),
            )
        return text

    def _word(self, kind: type[StrEnum], given: Any, path: Path) -> Any:
        if not isinstance(given, str):
            return self._wrong(path, Sentence("text"), given)
        words = [member.value for member in kind]
        if given in words:
            return kind(given)
        forbidden = _forbidden_function(given)
        if forbidden is not None:
            return self._forbidden(path, given, forbidden)
        facts = {"word": _short(given), "words": ", ".join(words)}
        return self._lost(path, Sentence("“{word}” is none of: {words}.", facts))

    def _list(self, kind: Any, given: Any, path: Path) -> Any:
        if not isinstance(given, list):
            return self._wrong(path, Sentence("a list"), given)
        found: list[Any] = []
        for index, element in enumerate(given):
            value = self.value(kind, element, (*path, index))
            if value is _UNREADABLE:
                continue
            if value in found:
                self._lost((*path, index), Sentence("The same is listed twice."))
                continue
            found.append(value)
        return tuple(found)

    def _streams(self, kind: type, given: Any, path: Path) -> Any:
        if not isinstance(given, dict):
            return self._wrong(path, Sentence("a table"), given)
        self._refuse_unknown(given, self._names, path)
        found = {}
        for name in self._names:
            if name in given:
                value = self.value(kind, given[name], (*path, name))
                if value is not _UNREADABLE:
                    found[name] = value
        return types.MappingProxyType(found)

    def _refuse_unknown(self, given: Mapping[str, Any], known: Any, path: Path) -> None:
        for key in given:
            if key in known:
                continue
            forbidden = _forbidden_function(key)
            if forbidden is not None:
                self._forbidden((*path, key), key, forbidden)
                continue
            similar = difflib.get_close_matches(key, list(known), n=1)
            statement = (
                Sentence(
                    "There is no key {key}; perhaps {similar}?", {"key": _short(key), "similar": similar[0]}
                )
                if similar
                else Sentence("There is no key {key} here.", {"key": _short(key)})
            )
            self.problems.append(Problem((*path, key), FORMAT, statement))

    def _forbidden(self, path: Path, word: str, rule: Rule) -> Any:
        return self._lost(
            path,
            Sentence("The program has no such function as {word}, and never will.", {"word": _short(word)}),
            rule,
        )

    def _wrong(self, path: Path, wanted: Sentence, given: Any) -> Any:
        facts = {"wanted": wanted, "given": Sentence(_KINDS.get(type(given), "a time"))}
        return self._lost(path, Sentence("Here stands {given}; it must be {wanted}.", facts))

    def _lost(self, path: Path, statement: Sentence, rule: Rule = FORMAT) -> Any:
        self.problems.append(Problem(path, rule, statement))
        self.failed.add(path)
        return _UNREADABLE


_KINDS = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a fraction",
    list: "a list",
    dict: "a table",
    date: "a date",
}


def _key(member: Field[Any]) -> str:
    return str(member.metadata.get("key", member.name))


def _required(member: Field[Any]) -> bool:
    return member.default is MISSING and member.default_factory is MISSING


def _short(text: str) -> str:
    shown = text if text.isprintable() else ascii(text)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _forbidden_function(word: str) -> Rule | None:
    """Return the provision against a function that a key or value names (R-OPEN-12), or None."""
    plain = _SEPARATORS.sub("", word.lower())
    for pattern, rule in _FORBIDDEN:
        if pattern.search(plain):
            return rule
    return None
