"""The verifier as the one file that lies in every package: the modules of `rejent.evidence.verifier` one behind the other."""

import ast
from functools import cache
from importlib import resources

MODULES = (
    "findings", "ed25519", "notes", "archive", "trees", "bag", "layout", "hashing", "package", "words", "command",
)  # fmt: skip
"""Each behind those that it imports."""
_OWN = "rejent.evidence.verifier"
_HEAD = '''#!/usr/bin/env python3
"""Checks the evidence package in whose folder it lies: python3 verify.py --help. Python 3.8 or newer, nothing else.

A package can be changed together with what lies in it. Take this file from the office, not from the package, where that matters.
"""

from __future__ import annotations

'''


@cache
def single_file() -> bytes:
    """Return the verifier as one file."""
    names: dict[str, set[str]] = {}
    bodies = []
    for module in MODULES:
        lines = resources.files(_OWN).joinpath(f"{module}.py").read_text(encoding="utf-8").splitlines()
        tree = ast.parse("\n".join(lines))
        for node in (
            tree.body[0],
            *(each for each in tree.body if isinstance(each, ast.Import | ast.ImportFrom)),
        ):
            lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or 0) - node.lineno + 1)
            if isinstance(node, ast.Import):
                names |= {alias.name: set() for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith(
                (_OWN, "__future__")
            ):
                names.setdefault(f"from {node.module}", set()).update(alias.name for alias in node.names)
        bodies.append("\n".join(lines).strip())
    imports = [
        f"{module} import {', '.join(sorted(taken))}" if taken else f"import {module}"
        for module, taken in sorted(names.items())
    ]
    return (_HEAD + "\n".join(imports) + "\n\n\n" + "\n\n\n".join(bodies) + "\n").encode()
