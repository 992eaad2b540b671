"""The tree of errors.

Each says what happened, to what, and what the reader can do, as an English template that pages translate; its parameters
never carry a secret, a phone number, a person's name or a secret place.
"""

from collections.abc import Callable


class RejentError(Exception):
    """An error with one line for its reader.

    Args:
        template: an English sentence with ``{named}`` places.
        advice: the reader's remedy, likewise a template; may be empty.
        **facts: fill the named places; ``part`` is the field of a form that it is about.
    """

    code = "rejent"
    """Stable, dotted name of the kind of error, for logs, the API and metrics."""
    rule: str = ""
    """The rule by which a right was refused to somebody; empty for every other error."""
    entered = False
    """Whether the refusal is in the register already."""

    def __init_subclass__(cls, *, code: str = "") -> None:
        """State the code of a kind beside its name; one without has that of the kind above it."""
        super().__init_subclass__()
        cls.code = code or cls.code

    def __init__(self, template: str, /, *, advice: str = "", **facts: object) -> None:
        super().__init__(template)
        self.template = template
        self.advice = advice
        self.facts = facts
        self.part = str(facts.get("part", ""))

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """Return the sentence and its advice in the reader's language, on one line."""
        parts = [translate(part).format(**self.facts) for part in (self.template, self.advice) if part]
        return " ".join(" ".join(parts).split())

    def __str__(self) -> str:
        return self.sentence()


class InputRefusedError(RejentError, code="input"):
    """Input of a person or program that cannot be taken as it is."""


class NotFoundError(RejentError, code="not-found"):
    """A thing that was asked for and is not there."""


class ConflictError(RejentError, code="conflict"):
    """A thing that somebody else changed or holds."""


class IntegrityError(RejentError, code="integrity"):
    """Stored material that is not as it was when it was stored."""
