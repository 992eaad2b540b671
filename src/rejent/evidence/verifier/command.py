"""The verifier's command: ``python3 verify.py [--key KEY] [--number NUMBER] [--lang pl] [PACKAGE]``."""

from __future__ import annotations

import argparse
import json
import locale
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Sequence

from rejent.evidence.verifier.archive import Finding, UnreadableError
from rejent.evidence.verifier.package import Verdict, check_package, instant
from rejent.evidence.verifier.trees import Archive, Folder
from rejent.evidence.verifier.words import SENTENCES, office_time

SHOWN, ALTERED, ORIGIN_OPEN, INCOMPLETE = 0, 1, 3, 4
STATUSES = """Checks an evidence package, in a folder or a ZIP file, with nothing but its files and the key that you give. Statuses:
0 intact, from this office, complete; 1 altered, from another office, or unreadable; 2 misused; 3 intact, origin not shown,
because no key was given; 4 intact and from this office, but silent about a part of its time."""
_MOST_NAMED = 200


def status(verdict: Verdict) -> int:
    """Return the status of a verdict: nothing that is not shown counts as passed."""
    if not verdict.intact or verdict.origin is False:
        return ALTERED
    if verdict.origin is None:
        return ORIGIN_OPEN
    return INCOMPLETE if verdict.unaccounted else SHOWN


def check_path(path: Path, *, stated_key: str = "", number: str = "") -> Verdict:
    """Check a package in a folder or a ZIP file; what cannot be read is a finding."""
    try:
        if path.is_dir():
            return check_package(Folder(path), stated_key=stated_key, number=number)
        with path.open("rb") as file:
            return check_package(Archive(file, path.name), stated_key=stated_key, number=number)
    except UnreadableError as error:
        return Verdict(findings=[error.finding])
    except OSError as error:
        return Verdict(findings=[Finding("unreadable-file", error.strerror or type(error).__name__)])


def report(verdict: Verdict, language: str, stamp: tuple[str, str] = ("stamp-open", "")) -> list[str]:
    """Return the lines of a verdict: what it is, the four answers, what was found, the result."""
    words, contents = SENTENCES[language], verdict.contents
    lines = [_headline(words, contents)]
    answers = _answers(verdict, words, stamp)
    lines += [f"{words[name]}: {answers[name]}" for name in ("intact", "origin", "complete", "made")]
    lines += [f"  - {words[each.code]}{_named(each.what)}" for each in verdict.findings[:_MOST_NAMED]]
    if verdict.intact and contents is not None:
        zone = contents["zone"]
        lines += _origin_and_clock(contents, words)
        for begin, end in verdict.unaccounted:
            lines.append(f"  - {office_time(begin, zone)} - {office_time(end, zone)}: ?")
        for each in sorted([*contents["gaps"], *contents["gone"]], key=lambda part: str(part["start"])):
            times = [office_time(instant(each[name]), zone) for name in ("start", "end")]
            lines.append(f"  - {' - '.join(times)}: {_plain(each['cause'])}")
    return [*lines, words[f"verdict-{status(verdict)}"]]


def _origin_and_clock(contents: dict[str, Any], words: dict[str, str]) -> list[str]:
    """Return the lines on what the package was derived from, and on the clocks."""
    lines = []
    if contents["derived"] is not None:
        origin = {name: _plain(str(value)) for name, value in contents["derived"].items()}
        lines.append(words["derived"].format(**origin))
    clock = contents["clock"]
    sentence = _plain(clock["sentence"])
    if clock["offset_ms"] is not None:
        known = "clock-offset" if clock["uncertainty_ms"] is not None else "clock-offset-alone"
        seconds = {name: (clock[f"{name}_ms"] or 0) / 1000 for name in ("offset", "uncertainty")}
        sentence = f"{sentence} {words[known].format(**seconds)}"
    return [*lines, sentence]


def check_stamp(verdict: Verdict, root: Path) -> tuple[str, str]:
    """Have the openssl program check the time stamp under a root certificate; the sentence's code, and the time."""
    program = shutil.which("openssl")
    if program is None or verdict.stamp is None:
        return "stamp-tool", ""
    with tempfile.TemporaryDirectory() as folder:
        stamp, data = Path(folder, "stamp"), Path(folder, "checkpoint")
        stamp.write_bytes(verdict.stamp)
        data.write_bytes(verdict.checkpoint.encode())
        verify = [program, "ts", "-verify", "-data", str(data), "-in", str(stamp), "-CAfile", str(root)]
        checked = subprocess.run(verify, capture_output=True, check=False)
        printed = subprocess.run(
            [program, "ts", "-reply", "-in", str(stamp), "-text"], capture_output=True, check=False
        )
    at = re.search(r"Time stamp: (.*)", printed.stdout.decode(errors="replace"))
    return ("stamp-no", "") if checked.returncode or at is None else ("stamp-yes", at.group(1).strip())


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a package and print the verdict; the status."""
    parser = argparse.ArgumentParser(
        prog="verify.py", description=STATUSES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package", nargs="?", type=Path, default=Path(sys.argv[0]).resolve().parent)
    parser.add_argument(
        "--key", default="", help="key or fingerprint that the office prints, or a file with it"
    )
    parser.add_argument("--number", default="", help="number that the package must have, as its label says")
    parser.add_argument("--stamp-root", type=Path, help="certificate of the time-stamping authority, PEM")
    parser.add_argument("--lang", choices=sorted(SENTENCES), default=_language())
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    verdict = check_path(given.package, stated_key=stated_key(given.key), number=given.number)
    stamp = (
        check_stamp(verdict, given.stamp_root) if given.stamp_root and verdict.stamp else ("stamp-open", "")
    )
    lines = report(verdict, given.lang, stamp)
    print(as_json(verdict, lines) if given.json else "\n".join(lines))  # noqa: T201 - what the command says
    return ALTERED if stamp[0] == "stamp-no" else status(verdict)


def stated_key(given: str) -> str:
    """Return the key that was given, read from a file where it names one."""
    try:
        path = Path(given)
        return (
            path.read_text(encoding="utf-8")
            if given and path.is_file() and path.stat().st_size < 4096
            else given
        )
    except (OSError, ValueError):
        return given


def as_json(verdict: Verdict, lines: list[str]) -> str:
    """Return a verdict as one JSON object."""
    contents, packed = verdict.contents or {}, verdict.packed
    value = {
        "number": contents.get("number"),
        "status": status(verdict),
        "intact": verdict.intact,
        "from_this_office": verdict.origin,
        "complete": not verdict.unaccounted if verdict.intact else None,
        "made_at": (packed.record or {}).get("at") if packed and verdict.intact and verdict.origin else None,
        "fingerprint": verdict.key.fingerprint if verdict.key else None,
        "findings": [{"code": each.code, "what": each.what} for each in verdict.findings],
        "sentences": lines,
    }
    return json.dumps(value, ensure_ascii=False, indent=2)


def _headline(words: dict[str, str], contents: dict[str, Any] | None) -> str:
    try:
        stated = {name: _plain(str((contents or {})[name])) for name in ("number", "office", "source")}
        interval, zone = (contents or {})["interval"], (contents or {})["zone"]
        times = {name: office_time(instant(interval[name]), zone) for name in ("start", "end")}
        return words["package"].format(**stated, **times)
    except (KeyError, TypeError, ValueError):
        return words["no-package"]


def _answers(verdict: Verdict, words: dict[str, str], stamp: tuple[str, str]) -> dict[str, str]:
    fingerprint = verdict.key.fingerprint if verdict.key else ""
    origin = {True: "origin-yes", False: "origin-no", None: "origin-open" if verdict.key else "origin-unread"}
    packed, contents = verdict.packed, verdict.contents
    answers = {
        "intact": words["intact-no"].format(count=len(verdict.findings) or 1),
        "origin": words[
            "origin-altered" if verdict.origin and not verdict.intact else origin[verdict.origin]
        ],
        "complete": words["complete-open"],
        "made": words["made-open"],
    }
    answers["origin"] = answers["origin"].format(fingerprint=fingerprint)
    if verdict.intact and packed is not None and contents is not None:
        answers["intact"] = words["intact-yes"].format(number=contents["number"], index=packed.index)
        missing = len(contents["gaps"]) + len(contents["gone"])
        recorded = "complete-told" if missing else "complete-yes"
        found = "complete-no" if verdict.unaccounted else recorded
        answers["complete"] = words[found].format(count=len(verdict.unaccounted) or missing)
        at = office_time(instant((packed.record or {})["at"]), contents["zone"])
        vouched = words[stamp[0] if verdict.stamp else "stamp-none"].format(at=stamp[1])
        made = words["made-clock" if verdict.origin else "made-said"]
        answers["made"] = made.format(at=at, index=packed.index, stamp=vouched)
    return answers


def _named(what: str) -> str:
    return f": {_plain(what)}" if what else ""


def _plain(text: str) -> str:
    """Return a text without what would move a terminal's cursor."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)


def _language() -> str:
    try:
        spoken = locale.setlocale(locale.LC_CTYPE, "").lower()
    except locale.Error:
        spoken = ""
    return "pl" if spoken.startswith(("pl", "polish")) else "en"


if __name__ == "__main__":
    sys.exit(main())
