"""The child process that sets documents: orders come in, a line of JSON each; each file goes out after its length.

The content reaches the templates as data and is never read as Typst's own language, so that no name can bring markup,
code or files in.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

import typst

TEMPLATES = Path(__file__).parent / "templates"
LENGTH = 8
"""Bytes before each file, with its length."""
_MEMORY = 4 << 30
"""Bytes of address space; threads reserve more than they use."""

_OPTIONS: dict[str, dict[str, Any]] = {
    "pdf": {"format": "pdf", "pdf_standards": ["a-2a", "ua-1"]},
    "png": {"format": "png", "ppi": 96.0},
}
"""How each is made; a PNG is made of every page."""


def main() -> None:
    """Carry out the orders of standard input in their order; a failure ends the process with its code."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[TEMPLATES / "fonts"])
    for line in sys.stdin.buffer:
        order = json.loads(line)
        made = typst.compile(
            TEMPLATES / f"{order['template']}.typ",
            root=TEMPLATES,
            font_paths=fonts,
            sys_inputs={"content": json.dumps(order["content"])},
            timestamp=order["made_at"],
            **_OPTIONS[order["format"]],
        )
        for file in made if isinstance(made, list) else [made]:
            sys.stdout.buffer.write(len(file).to_bytes(LENGTH, "big") + file)


if __name__ == "__main__":
    main()
