"""Ask the package index whether anything that is pinned has a known vulnerability or was taken back by who made it.

    python tools/audit_dependencies.py [LOCK …]

Fails if something that offices run has one; of what only developers run it is told. An index that does not answer fails nothing: how
many pins could not be asked is told, for an audit that asked nothing has found nothing out. That every file has the
hash it was locked with is seen to by `pip install --require-hashes`, each time.

Pins are asked about by pip-audit. Where an index knows no single releases, its answer about the whole project is taken, which speaks of
the newest release only: a pin that is older stays unasked. Of those it is told at least whether a later release of their own series
is out, for that is how holes of older series are mended.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from packaging.version import Version
from pip_audit._service import PyPIService, ResolvedDependency, ServiceError

LOCKS = Path(__file__).parent.parent / "requirements"
DEVELOPERS_ONLY = "dev.txt"
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
ACCEPTED: dict[str, str] = {}
"""Vulnerabilities that do not reach us, by identifier, each with the reason."""
TIMEOUT_S = 15
OFFLINE_AFTER = 3
"""Pins in a row without an answer after which the index counts as away."""


@dataclass
class Audit:
    """What came of it.

    Attributes:
        findings: pins that something is known of, as lines.
        told: the same, of what only developers run.
        unasked: pins that the index said nothing of.
        later: of those, the release of their own series that came after.
    """

    findings: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)
    later: dict[str, str] = field(default_factory=dict)
    pins: int = 0

    def lines(self) -> Iterator[str]:
        """The report."""
        yield from self.findings
        yield from (f"{line} (developers only)" for line in self.told)
        if self.unasked:
            named = ", ".join(self.unasked[:8]) + (" …" if len(self.unasked) > 8 else "")
            yield f"The index said nothing of {len(self.unasked)} of {self.pins} pins: {named}"
        yield from (f"{name}: {version} of its series is out" for name, version in self.later.items())
        yield f"{self.pins - len(self.unasked)} of {self.pins} pins asked about, {len(self.findings)} found."


class ReleaseQuestions:
    """The index, asked about releases: the answers that pip-audit reads, and which releases were taken back."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.taken_back: set[str] = set()
        self.later: dict[str, str] = {}

    def get(self, url: str, timeout: int | None) -> requests.Response:
        """The answer about a release, or about its project if that speaks of the release."""
        answer = self._session.get(url=url, timeout=timeout)
        if answer.status_code == requests.codes.ok:
            self._note(url, answer.json().get("urls", []))
            return answer
        project, version = url.removesuffix("/json").rsplit("/", 1)
        whole = self._session.get(url=f"{project}/json", timeout=timeout)
        if whole.status_code != requests.codes.ok:
            return answer
        told = whole.json()
        self._note(url, told.get("releases", {}).get(version, []))
        if later := _later(Version(version), told.get("releases", {})):
            self.later[project.rsplit("/", 1)[1]] = later
        return whole if told["info"]["version"] == version else answer

    def _note(self, url: str, files: list[dict[str, Any]]) -> None:
        if files and all(file.get("yanked") for file in files):
            self.taken_back.add(url.removesuffix("/json").rsplit("/", 2)[1])


def _later(pinned: Version, releases: dict[str, list[dict[str, Any]]]) -> str:
    """The newest release of a pin's series that came after it; empty where there is none."""
    known = [
        Version(one)
        for one, files in releases.items()
        if files and not all(file.get("yanked") for file in files)
    ]
    series = [one for one in known if one.release[:2] == pinned.release[:2] and not one.is_prerelease]
    newest = max(series, default=pinned)
    return str(newest) if newest > pinned else ""


def audit(locks: list[Path], session: Any = None) -> Audit:
    """Ask about every pin of the locks, once."""
    service = PyPIService(timeout=TIMEOUT_S)
    service.session = questions = ReleaseQuestions(session or service.session)
    found, silent = Audit(), 0
    for name, version, shipped in pins(locks):
        found.pins += 1
        if silent >= OFFLINE_AFTER:
            found.unasked.append(name)
            continue
        try:
            spec, known = service.query(ResolvedDependency(name=name, version=Version(version)))
        except (ServiceError, requests.RequestException):
            silent += 1
            found.unasked.append(name)
            continue
        silent = 0
        if spec.is_skipped():
            found.unasked.append(name)
            found.later |= {name: questions.later[name]} if name in questions.later else {}
        lines = [
            f"{name} {version}: {one.id} {one.description[:160]}" for one in known if one.id not in ACCEPTED
        ]
        if name in questions.taken_back:
            lines.append(f"{name} {version}: taken back by who made it")
        (found.findings if shipped else found.told).extend(lines)
    return found


def pins(locks: list[Path]) -> Iterator[tuple[str, str, bool]]:
    """Name, version and whether offices run it, of every pin once."""
    shipped: dict[tuple[str, str], bool] = {}
    for lock in locks:
        for name, version in PIN.findall(lock.read_text(encoding="utf-8")):
            shipped[name, version] = shipped.get((name, version), False) or lock.name != DEVELOPERS_ONLY
    yield from ((name, version, runs) for (name, version), runs in sorted(shipped.items()))


def main() -> int:
    """Print what was found; 1 if anything that offices run is touched."""
    found = audit([Path(each) for each in sys.argv[1:]] or sorted(LOCKS.glob("*.txt")))
    for line in found.lines():
        print(line)
    return 1 if found.findings else 0


if __name__ == "__main__":
    sys.exit(main())
