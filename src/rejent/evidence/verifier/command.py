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
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Sequence

from rejent.evidence.verifier.archive import Finding, UnreadableError
from rejent.evidence.verifier.form import LONGEST_SENTENCE, instant, plain
from rejent.evidence.verifier.package import (
    STAMP_NO,
    STAMP_TOOL,
    STAMP_YES,
    Verdict,
    check_package,
)
from rejent.evidence.verifier.trees import Archive, Folder
from rejent.evidence.verifier.words import SENTENCES, office_time

SHOWN, ALTERED, MISUSED, ORIGIN_OPEN, INCOMPLETE, STAMP_UNPROVEN = 0, 1, 2, 3, 4, 5
STATUSES = """Checks an evidence package, in a folder or a ZIP file, with nothing but its files and the key that you give. Statuses:
0 intact, from this office, complete; 1 altered, from another office, or unreadable; 2 misused; 3 intact, origin not shown,
because no key was given; 4 intact and from this office, but silent about a part of its time; 5 the same as 0 or 4, but the time
stamp that you asked for with --stamp-root is not there, or cannot be checked here."""
_MOST_NAMED = 200
_LARGEST_ROOTS = 1 << 20
"""Bytes of a file of certificates in which one must begin; all roots of a browser take some 200 KB."""


def status(verdict: Verdict) -> int:
    """Return the status of a verdict, which the last line and the JSON say, too: nothing that is not shown counts as passed."""
    if not verdict.intact or verdict.origin is False or verdict.stamp_answer[0] == STAMP_NO:
        return ALTERED
    if verdict.origin is None:
        return ORIGIN_OPEN
    if verdict.stamp_asked and verdict.stamp_answer[0] != STAMP_YES:
        return STAMP_UNPROVEN
    return INCOMPLETE if verdict.unaccounted else SHOWN


def check_path(path: Path, *, stated_key: str = "", number: str = "") -> Verdict:
    """Check a package in a folder or a ZIP file; what cannot be read is a finding."""
    try:
        if path.is_dir():
            return check_package(Folder(path), stated_key=stated_key, number=number)
        with path.open("rb") as file:
            return check_package(Archive(file), stated_key=stated_key, number=number)
    except UnreadableError as error:
        return Verdict(findings=[error.finding])
    except OSError as error:
        return Verdict(findings=[Finding("unreadable-file", error.strerror or type(error).__name__)])


def report(verdict: Verdict, language: str) -> list[str]:
    """Return the lines of a verdict: what it is, the four answers, what was found, the result. What a package states is in them as `plain` makes it."""
    words, contents = SENTENCES[language], verdict.contents
    lines = [_headline(words, contents)]
    answers = _answers(verdict, words)
    lines += [f"{words[name]}: {answers[name]}" for name in ("intact", "origin", "complete", "made")]
    lines += [f"  - {words[each.code]}{_named(each.what)}" for each in verdict.findings[:_MOST_NAMED]]
    if verdict.intact and contents is not None:
        lines += _origin_and_clock(contents, words, language)
        for begin, end in verdict.unaccounted:
            lines.append(f"  - {office_time(begin)} - {office_time(end)}: ?")
        for each in sorted([*contents["gaps"], *contents["gone"]], key=lambda part: str(part["start"])):
            times = [office_time(instant(each[name])) for name in ("start", "end")]
            lines.append(f"  - {' - '.join(times)}: {plain(each['cause'][language])}")
    return [*lines, words[f"verdict-{status(verdict)}"]]


def _origin_and_clock(contents: dict[str, Any], words: dict[str, str], language: str) -> list[str]:
    """Return the lines on what the package was derived from, and on the clocks."""
    lines = []
    if contents["derived"] is not None:
        lines.append(words["derived"].format(**contents["derived"]))
    clock = contents["clock"]
    sentence = plain(clock["sentence"][language], LONGEST_SENTENCE)
    if clock["offset_ms"] is not None:
        known = "clock-offset" if clock["uncertainty_ms"] is not None else "clock-offset-alone"
        seconds = {name: (clock[f"{name}_ms"] or 0) / 1000 for name in ("offset", "uncertainty")}
        sentence = f"{sentence} {words[known].format(**seconds)}"
    return [*lines, sentence]


def check_stamp(verdict: Verdict, root: Path) -> None:
    """Have the openssl program check the time stamp under a root certificate, and note what came of it.

    The authority's certificates are judged as they were at the time that the stamp names, since they end long before a package does;
    whether one was revoked is not asked. The time counts once the signature over it holds.
    """
    program = shutil.which("openssl")
    verdict.stamp_asked = True
    if verdict.stamp is None:
        return
    if program is None:
        verdict.stamp_answer = (STAMP_TOOL, None)
        return
    verdict.stamp_answer = (STAMP_NO, None)
    with tempfile.TemporaryDirectory() as folder:
        stamp, data = Path(folder, "stamp"), Path(folder, "checkpoint")
        stamp.write_bytes(verdict.stamp)
        data.write_bytes(verdict.checkpoint.encode())
        printed = subprocess.run(
            [program, "ts", "-reply", "-in", str(stamp), "-text"], capture_output=True, check=False
        )
        at = _stamped_at(printed.stdout.decode(errors="replace"))
        if at is None:
            return
        seconds = str((at - datetime(1970, 1, 1)) // timedelta(seconds=1))  # noqa: DTZ001 - of UTC, as all here
        verify = [program, "ts", "-verify", "-data", str(data), "-in", str(stamp), "-CAfile", str(root)]
        checked = subprocess.run([*verify, "-attime", seconds], capture_output=True, check=False)
    if checked.returncode == 0:
        verdict.stamp_answer = (STAMP_YES, at)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _stamped_at(printed: str) -> datetime | None:
    """Return the time that openssl prints of a stamp, ``Time stamp: Nov 25 10:00:00.5 2026 GMT``; nothing where it prints none."""
    found = re.search(
        r"^Time stamp: ([A-Z][a-z]{2}) +([0-9]{1,2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.][0-9]+)? ([12][0-9]{3}) GMT$",
        printed,
        re.MULTILINE,
    )
    if found is None or found.group(1) not in _MONTHS:
        return None
    day, hour, minute, second, year = (int(found.group(place)) for place in range(2, 7))
    try:
        return datetime(year, _MONTHS.index(found.group(1)) + 1, day, hour, minute, second)  # noqa: DTZ001 - of UTC
    except ValueError:
        return None


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
    if given.stamp_root is not None and not is_certificate(given.stamp_root):
        parser.error("--stamp-root names no file with a certificate in PEM")
    verdict = check_path(given.package, stated_key=stated_key(given.key), number=given.number)
    if given.stamp_root is not None:
        check_stamp(verdict, given.stamp_root)
    print(as_json(verdict, given.lang) if given.json else "\n".join(report(verdict, given.lang)))  # noqa: T201 - what the command says
    return status(verdict)


def is_certificate(path: Path) -> bool:
    """Return whether a file holds a certificate in PEM."""
    try:
        with path.open("rb") as file:
            return b"-----BEGIN " in file.read(_LARGEST_ROOTS)
    except OSError:
        return False


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


def as_json(verdict: Verdict, language: str) -> str:
    """Return a verdict as one JSON object."""
    contents, packed = verdict.contents or {}, verdict.packed
    vouched = verdict.stamp_answer[1]
    value = {
        "number": contents.get("number"),
        "status": status(verdict),
        "intact": verdict.intact,
        "from_this_office": verdict.origin,
        "complete": not verdict.unaccounted if verdict.intact else None,
        "made_at": (packed.record or {}).get("at") if packed and verdict.intact and verdict.origin else None,
        "stamp": {
            "there": verdict.stamp is not None,
            "asked_for": verdict.stamp_asked,
            "vouched_at": None if vouched is None else f"{vouched.isoformat()}Z",
        },
        "fingerprint": verdict.key.fingerprint if verdict.key else None,
        "findings": [{"code": each.code, "what": plain(each.what)} for each in verdict.findings],
        "sentences": report(verdict, language),
    }
    return json.dumps(value, ensure_ascii=False, indent=2)


def _headline(words: dict[str, str], contents: dict[str, Any] | None) -> str:
    if contents is None:
        return words["no-package"]
    stated = {name: plain(contents[name]) for name in ("number", "office", "source")}
    times = {name: office_time(instant(contents["interval"][name])) for name in ("start", "end")}
    return words["package"].format(**stated, **times)


def _answers(verdict: Verdict, words: dict[str, str]) -> dict[str, str]:
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
        at = office_time(instant((packed.record or {})["at"]))
        made = words["made-clock" if verdict.origin else "made-said"]
        answers["made"] = made.format(at=at, index=packed.index, stamp=_stamp_words(verdict, words))
    return answers


def _stamp_words(verdict: Verdict, words: dict[str, str]) -> str:
    if verdict.stamp is None:
        return words["stamp-missing" if verdict.stamp_asked else "stamp-none"]
    code, at = verdict.stamp_answer
    return words[code].format(at="" if at is None else office_time(at))


def _named(what: str) -> str:
    return f": {plain(what)}" if what else ""


def _language() -> str:
    try:
        spoken = locale.setlocale(locale.LC_CTYPE, "").lower()
    except locale.Error:
        spoken = ""
    return "pl" if spoken.startswith(("pl", "polish")) else "en"


if __name__ == "__main__":
    sys.exit(main())
