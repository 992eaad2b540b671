"""Rendering of a document in a child process that may fail or hang without harm to its caller."""

import json
import subprocess
import sys
import threading

from rejent.documents.errors import DocumentError
from rejent.documents.papers import Paper, template_data

LONGEST_S = 60
"""Seconds after which a document is given up; the largest book takes a small part of that (docs/ref/documents.md)."""
_COMMAND = (sys.executable, "-I", "-m", "rejent.documents.typesetting")
_ONE_AT_A_TIME = threading.Lock()
"""A large book takes some hundred megabytes while it is set; two at once would take twice that."""


def render_pdf(paper: Paper) -> bytes:
    """Return the document as PDF/A-2a and PDF/UA-1; the same paper gives the same bytes, whenever and wherever.

    Raises `DocumentError` if it could not be made, or not in time.
    """
    order = {
        "template": paper.template,
        "made_at": int(paper.letterhead.made_at.timestamp()),
        "content": template_data(paper),
    }
    if not _ONE_AT_A_TIME.acquire(timeout=LONGEST_S):
        raise DocumentError("Another document is being made.", advice="Try again in a minute.")
    try:
        made = subprocess.run(
            _COMMAND,
            input=json.dumps(order).encode(),
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
    return made
