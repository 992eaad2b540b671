"""Loads many modules without looking for garbage among them.

What is loaded stays until the process ends: searching it again and again while it grows is a good part of the time of a short
command (Python's `gc.freeze` was made for this).
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Let nothing made in this block ever be searched; garbage is collected as usual afterwards."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
