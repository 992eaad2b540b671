"""The child process that sets a document: an order as JSON comes in, the file goes out.

The content reaches the templates as data and is never read as Typst's own language, so that no name can bring markup,
code or files in.
"""

import json
import resource
import sys
from pathlib import Path

import typst

TEMPLATES = Path(__file__).parent / "templates"
_MEMORY = 4 << 30
"""Bytes of address space; threads reserve more than they use."""


def main() -> None:
    """Carry out one order from standard input; a failure ends the process with its code."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    order = json.load(sys.stdin.buffer)
    made = typst.compile(
        TEMPLATES / f"{order['template']}.typ",
        root=TEMPLATES,
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"content": json.dumps(order["content"])},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=order["made_at"],
    )
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
