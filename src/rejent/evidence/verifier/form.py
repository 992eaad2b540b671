"""The one form of a list of contents and of what a proof states, as data, and the one way in which a value from outside is printed.

The page in the package reads the same table (`viewer/table.js` is made of it), so its patterns keep to what Python and browsers both read.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, List

FORMAT = "rejent-evidence-1"
LANGUAGES = ("en", "pl")
CHUNK = 4 << 20
"""Bytes of a file that the browser hashes at once."""
CONTENTS, LABEL, CUSTODY = "data/contents.json", "data/label.pdf", "data/custody.pdf"
EMBEDDED = "viewer/evidence.js"

Form = List[Any]
_UNPLAIN = (
    "\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff"
)
"""Control characters, ends of lines, marks of direction and of no width, halves of pairs: what moves a cursor or hides a text."""
LONGEST_PRINTED = 200
"""Characters of one value on a terminal: a sentence of a gap's cause has some 120; what is longer fills the screen."""
LONGEST_SENTENCE = 4000
LONGEST_NUMBER, DEEPEST = 32, 100
"""Signs of a number, and values within each other, in a record: one of the program's own has 17 and 5. What Python reads at all has 4300."""
_LARGEST_INTEGER = 2**53 - 1
"""Largest integer that is the same everywhere (RFC 7493 §2.2)."""


def _text(most: int) -> Form:
    return ["text", f"[^{_UNPLAIN}]{{1,{most}}}"]


_DIGEST: Form = ["text", "[0-9a-f]{64}"]
_COUNT: Form = ["integer", 0, _LARGEST_INTEGER]
_NUMBER: Form = ["text", "[A-Z]{1,4}-[0-9]{4}-[1-9][0-9]{0,8}"]
_NAME = "(?!(?:[Cc][Oo][Nn]|[Pp][Rr][Nn]|[Aa][Uu][Xx]|[Nn][Uu][Ll]|(?:[Cc][Oo][Mm]|[Ll][Pp][Tt])[0-9])(?:[.]|$))[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
"""Of a file; no device of Windows (Microsoft, "Naming Files, Paths, and Namespaces")."""
_RECORDING = f"data/(?:originals|derived)/{_NAME}"
_OWN_FILE = (
    f"data/(?:label|custody)[.]pdf|data/ro-crate-metadata[.]json|index[.]html|verify[.]py|viewer/{_NAME}"
)
_MEDIA_TYPE: Form = ["text", "[a-z]+/[a-z0-9.+-]{1,60}(?:; charset=utf-8)?"]
_INSTANT: Form = [
    "text",
    "[12][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9][.][0-9]{6}Z",
]
_BETWEEN = {"start": _INSTANT, "end": _INSTANT}
_SENTENCE: Form = ["object", {language: _text(LONGEST_SENTENCE) for language in LANGUAGES}]
_MISSING: Form = ["list", ["object", {"cause": _SENTENCE, **_BETWEEN}]]
CONTENTS_FORM: Form = [
    "object",
    {
        "format": ["text", FORMAT],
        "number": _NUMBER,
        "office": _text(LONGEST_PRINTED),
        "kind": ["object", {language: _text(LONGEST_PRINTED) for language in LANGUAGES}],
        "source": _text(LONGEST_PRINTED),
        "interval": ["object", _BETWEEN],
        "language": ["text", "|".join(LANGUAGES)],
        "zone": ["text", "Europe/Warsaw"],
        "made_at": _INSTANT,
        "recordings": [
            "list",
            ["object", {"file": ["text", _RECORDING], "media_type": _MEDIA_TYPE, "act": _COUNT, **_BETWEEN}],
        ],
        "playable": [
            "list",
            [
                "object",
                {
                    "file": ["text", f"{_RECORDING}|data/viewing/{_NAME}"],
                    "media_type": _MEDIA_TYPE,
                    **_BETWEEN,
                },
            ],
        ],
        "gaps": _MISSING,
        "gone": _MISSING,
        "clock": [
            "object",
            {
                "sentence": _SENTENCE,
                "offset_ms": ["maybe", ["integer", -_LARGEST_INTEGER, _LARGEST_INTEGER]],
                "uncertainty_ms": ["maybe", _COUNT],
            },
        ],
        "acts": ["list", ["object", {"index": _COUNT, "sentence": _SENTENCE}]],
        "erased": ["list", _COUNT],
        "derived": ["maybe", ["object", {"number": _NUMBER, "digest": _DIGEST, "plan": _DIGEST}]],
        "files": [
            "list",
            [
                "object",
                {
                    "path": [
                        "text",
                        f"{_RECORDING}|data/viewing/{_NAME}|{_OWN_FILE}",
                    ],
                    "bytes": _COUNT,
                    "sha256": _DIGEST,
                    "sha512": ["text", "[0-9a-f]{128}"],
                    "chunks": ["list", _DIGEST],
                },
            ],
        ],
    },
]
KEY_FORM: Form = ["text", "[!-*,-~]{1,200}[+][0-9a-f]{8}[+][A-Za-z0-9+/]{44}"]
"""Name, identifier and key of an office (C2SP signed-note), with no blank before, within or behind."""
_BASE64: Form = ["text", "[A-Za-z0-9+/]+={0,2}"]
ERASED_FORM: Form = ["object", {"key": KEY_FORM, "leaf": _BASE64}]
"""Of what a proof states of an act whose record the office erased."""
STATED_FORM: Form = [
    "object",
    {**ERASED_FORM[1], "record": ["text", "[^\x00\ud800-\udfff]+"], "salt": _BASE64},
]
"""Of what a proof states of any other act."""


def fits(value: Any, form: Form) -> bool:
    """Return whether a JSON value has a form: no member more or less, each text by its pattern."""
    kind = form[0]
    if kind == "text":
        return isinstance(value, str) and re.fullmatch(form[1], value) is not None
    if kind == "integer":
        return type(value) is int and form[1] <= value <= form[2]
    if kind == "maybe":
        return value is None or fits(value, form[1])
    if kind == "list":
        return isinstance(value, list) and all(fits(each, form[1]) for each in value)
    members: dict[str, Form] = form[1]
    if not isinstance(value, dict) or set(value) != set(members):
        return False
    return all(fits(value[name], each) for name, each in members.items())


def canonical(value: Any) -> str:
    """Return the canonical text of a JSON value without fractions, whose names are ASCII (RFC 8785)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_number(digits: str | bytes) -> int:
    """Read a number from outside. Raises ValueError: it is none, or longer than any."""
    if len(digits) > LONGEST_NUMBER:
        raise ValueError("a number longer than any")
    return int(digits)


def is_whole(contents: dict[str, Any]) -> bool:
    """Return whether a list of contents that has its form is whole: in order, each file it names listed, no time before its beginning.

    Raises ValueError: an instant that no calendar has.
    """
    files = contents["files"]
    paths, acts = [each["path"] for each in files], [each["index"] for each in contents["acts"]]
    parts = [part for name in ("recordings", "playable", "gaps", "gone") for part in contents[name]]
    named = {LABEL, CUSTODY, *(part["file"] for part in parts if "file" in part)}
    return (
        all(instant(part["start"]) <= instant(part["end"]) for part in (contents["interval"], *parts))
        and _ascends(paths)
        and len({path.lower() for path in paths}) == len(paths)
        and EMBEDDED not in paths
        and named <= set(paths)
        and _ascends(acts)
        and _ascends(contents["erased"])
        and set(contents["erased"]) <= set(acts)
        and instant(contents["made_at"]) is not None
        and all(
            len(each["chunks"]) == -(-each["bytes"] // CHUNK)
            and (len(each["chunks"]) != 1 or each["chunks"][0] == each["sha256"])
            for each in files
        )
    )


def instant(text: str) -> datetime:
    """Read an instant as packages write it, in UTC. Raises ValueError: it is written otherwise, or no calendar has it."""
    if not fits(text, _INSTANT):
        raise ValueError("no instant")
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007 - all are of UTC


def plain(value: object, most: int = LONGEST_PRINTED) -> str:
    """Return a value as it may stand in a line: nothing in it moves a cursor, ends the line, turns its direction or fills the screen."""
    text = re.sub(f"[{_UNPLAIN}]", "\ufffd", re.sub(r"\s+", " ", str(value)).strip())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def form_script() -> str:
    """Return the table as a script of the page."""
    forms = {"contents": CONTENTS_FORM, "key": KEY_FORM, "stated": STATED_FORM, "erased": ERASED_FORM, "instant": _INSTANT}  # fmt: skip
    limits = {"longest_number": LONGEST_NUMBER, "deepest": DEEPEST}
    return f'"use strict";\n// The forms that verify.py demands, out of the same table.\nconst FORMS = {json.dumps({**forms, **limits}, sort_keys=True, indent=1)};\n'


def _ascends(values: list[Any]) -> bool:
    return all(one < other for one, other in zip(values, values[1:]))
