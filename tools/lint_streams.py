"""Fail where a folder below ``streams`` names a kind of stream: a string that is one, or a member of `StreamName`.

    python tools/lint_streams.py

The regulation's closed list of words (`office/regulation/vocabulary.py`) is the one place that spells them; the registry names the folders.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "src" / "rejent"
SPELLED = PACKAGE / "office" / "regulation" / "vocabulary.py"
LEFT_OUT = (PACKAGE / "streams",)
FIELDS = (
    PACKAGE / "formats" / "matroska" / "manifest.py",
    PACKAGE / "office" / "sign_in" / "directory.py",
)
"""Sealed objects, and entries of a directory, have a field of that name."""


def names(vocabulary: Path = SPELLED) -> dict[str, str]:
    """Return the members of ``StreamName`` with their values."""
    for node in ast.parse(vocabulary.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name == "StreamName":
            return {
                target.id: each.value.value
                for each in node.body
                if isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant)
                for target in each.targets
                if isinstance(target, ast.Name)
            }
    raise SystemExit(f"{vocabulary} has no StreamName")


def findings(source: str, streams: dict[str, str]) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of each stream that a module names."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and node.value in streams.values():
            yield node.lineno, str(node.value)
        elif isinstance(node, ast.Attribute) and node.attr in streams and _is_vocabulary(node.value):
            yield node.lineno, node.attr


def _is_vocabulary(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "StreamName"


def main() -> int:
    """Print each finding; the exit status says whether there are any."""
    streams, found = names(), 0
    for path in sorted(PACKAGE.rglob("*.py")):
        if path == SPELLED or path in FIELDS or any(folder in path.parents for folder in LEFT_OUT):
            continue
        for line, name in findings(path.read_text(encoding="utf-8"), streams):
            print(f"{path.relative_to(PACKAGE.parent.parent)}:{line}: names the stream {name}")
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
