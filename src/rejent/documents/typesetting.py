"""The child process that sets documents: orders come in, a line of JSON each; each file goes out after its length.

The content reaches the templates as data and is never read as Typst's own language, so that no name can bring markup,
code or files in.
"""

import json
import resource
import sys
from pathlib import Path

import typst

TEMPLATES = Path(__file__).parent / "templates"
LENGTH = 8
"""Bytes before each file, with its length."""
_MEMORY = 4 << 30
"""Bytes of address space; threads reserve more than they use."""


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
            format="pdf",
            sys_inputs={"content": json.dumps(order["content"])},
            pdf_standards=["a-2a", "ua-1"],
            timestamp=order["made_at"],
        )
        sys.stdout.buffer.write(len(made).to_bytes(LENGTH, "big") + made)


if __name__ == "__main__":
    main()
