"""The one tree of errors.

Every error says what happened, to what, and what the reader can do. The sentence is a template in English that pages
translate; its parameters never carry a secret, a phone number, a person's name or a secret place.
"""

from collections.abc import Callable


class RejentError(Exception):
    """Something the reader should know, in one line.

    Args:
        template: an English sentence with ``{named}`` places, translated as it stands.
        advice: what the reader can do, likewise a template; may be empty.
        **facts: what fills the named places.
    """

    code = "rejent"
    """Stable, dotted name of the kind of error, for logs, the API and metrics."""

    def __init__(self, template: str, /, *, advice: str = "", **facts: object) -> None:
        super().__init__(template)
        self.template = template
        self.advice = advice
        self.facts = facts

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """The sentence and its advice in the reader's language, on one line."""
        parts = [translate(part).format(**self.facts) for part in (self.template, self.advice) if part]
        return " ".join(" ".join(parts).split())

    def __str__(self) -> str:
        return self.sentence()


class InputRefusedError(RejentError):
    """What the person or program gave cannot be taken as it is."""

    code = "input"


class NotFoundError(RejentError):
    """What was asked for is not there."""

    code = "not-found"


class ConflictError(RejentError):
    """Somebody else changed or holds it."""

    code = "conflict"


class IntegrityError(RejentError):
    """Stored material is not what it was when it was stored."""

    code = "integrity"
