"""Look for secrets in the files that git knows: keys, tokens, passwords, and text that is too random to be words.

    python tools/scan_secrets.py           fails if anything is found that is not in .secrets.baseline
    python tools/scan_secrets.py --accept  writes .secrets.baseline anew, for whoever has looked at each finding

Tests and benchmarks make up passwords by their nature: there only the shapes of real keys and tokens are looked for.
What was looked at and is none is kept by file, kind and hash, not by line, so that moving it is no finding.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from detect_secrets.core import scan
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.settings import transient_settings

BASELINE = ".secrets.baseline"
MADE_UP = ("tests/", "benchmarks/")
GUESSES = {"BasicAuthDetector", "Base64HighEntropyString", "HexHighEntropyString", "KeywordDetector"}
UNREAD = (".po", ".txt", ".png", ".woff2", BASELINE)
"""Translations repeat what sources say; the locks are hashes."""
Finding = tuple[str, str, str]


def findings(root: Path) -> Iterator[tuple[Finding, int]]:
    """File, kind and hash of everything that looks like a secret, with its line."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True)
    files = [name for name in listed.stdout.split("\0") if name and not name.endswith(UNREAD)]
    for guessing in (True, False):
        with transient_settings({"plugins_used": list(_detectors(guessing=guessing))}):
            for name in files:
                if name.startswith(MADE_UP) is guessing or not (root / name).is_file():
                    continue
                for secret in scan.scan_file(str(root / name)):
                    yield (name, secret.type, secret.secret_hash), secret.line_number


def _detectors(*, guessing: bool) -> Iterator[dict[str, object]]:
    for detector in get_mapping_from_secret_type_to_class().values():
        if detector.__name__ == "IPPublicDetector" or (detector.__name__ in GUESSES and not guessing):
            continue
        limits = {"Base64HighEntropyString": {"limit": 4.5}, "HexHighEntropyString": {"limit": 3.0}}
        yield {"name": detector.__name__} | limits.get(detector.__name__, {})


def main(root: Path = Path(), *, accept: bool = False) -> int:
    """Compare what is found with what was looked at."""
    found = sorted(findings(root))
    if accept:
        known = [list(finding) for finding in sorted({finding for finding, _ in found})]
        (root / BASELINE).write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
        return 0
    accepted = {tuple(each) for each in json.loads((root / BASELINE).read_text(encoding="utf-8"))}
    new = [(finding, line) for finding, line in found if finding not in accepted]
    for (name, kind, _), line in new:
        print(f"{name}:{line}: {kind}")
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main(accept="--accept" in sys.argv[1:]))
