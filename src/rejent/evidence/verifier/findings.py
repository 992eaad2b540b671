"""What a check found wrong: a code, which `words` puts into sentences, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or, where it is a mere ``remark``, that a bag should not have.

    Attributes:
        code: which, as `words.SENTENCES` lists them.
        what: the file, act or value that it is about.
    """

    code: str
    what: str = ""
    remark: bool = False


class UnreadableError(Exception):
    """A package cannot be read at all; the finding says why."""

    def __init__(self, code: str, what: str = "") -> None:
        super().__init__(code, what)
        self.finding = Finding(code, what)
