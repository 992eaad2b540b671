"""Rendering of a document in a child process that may fail or hang without harm to its caller."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence

from rejent.documents.errors import DocumentError
from rejent.documents.papers import Paper, template_data

LONGEST_S = 60
"""Seconds after which a document is given up; the largest book takes a small part of that (docs/ref/documents.md)."""
LENGTH = 8
"""Bytes before each file, with its length; as in `rejent.documents.typesetting`, which only the child process loads."""
_COMMAND = (sys.executable, "-I", "-m", "rejent.documents.typesetting")
_ONE_AT_A_TIME = threading.Lock()
"""A large book takes some hundred megabytes while it is set; two at once would take twice that."""


def render_pdf(paper: Paper) -> bytes:
    """Return the document as PDF/A-2a and PDF/UA-1; the same paper gives the same bytes, whenever and wherever.

    Raises `DocumentError` if it could not be made, or not in time.
    """
    (made,) = render_pdfs([paper])
    return made


def render_pdfs(papers: Sequence[Paper]) -> list[bytes]:
    """Return documents as `render_pdf` does, in one child process: what it takes to begin is paid once."""
    return _carry_out(b"".join(map(_order, papers)))


def render_pictures(paper: Paper) -> list[bytes]:
    """Return the pages of a document as PNG, for a look at it on a page; errors as of `render_pdf`."""
    return _carry_out(_order(paper, "png"))


def _carry_out(orders: bytes) -> list[bytes]:
    if not _ONE_AT_A_TIME.acquire(timeout=LONGEST_S):
        raise DocumentError("Another document is being made.", advice="Try again in a minute.")
    try:
        made = subprocess.run(
            _COMMAND,
            input=orders,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            timeout=LONGEST_S,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        raise DocumentError("The document could not be made.", advice="Tell the IT administrator.") from None
    finally:
        _ONE_AT_A_TIME.release()
    return list(_files(made))


def _order(paper: Paper, made_as: str = "pdf") -> bytes:
    order = {
        "format": made_as,
        "template": paper.template,
        "made_at": int(paper.letterhead.made_at.timestamp()),
        "content": template_data(paper),
    }
    return json.dumps(order).encode() + b"\n"


def _files(made: bytes) -> Iterator[bytes]:
    begin = 0
    while begin < len(made):
        start = begin + LENGTH
        begin = start + int.from_bytes(made[begin:start], "big")
        yield made[start:begin]
