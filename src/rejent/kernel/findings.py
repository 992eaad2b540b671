"""What a check of stored material found to be wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be.

    Attributes:
        subject: the part of the program that found it, such as ``registers``.
        code: stable, dotted name of the kind of finding.
        template: an English sentence with ``{named}`` places, translated as it stands.
        facts: what fills the places; never a secret, a person's name or content.
    """

    subject: str
    code: str
    template: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """The finding in the reader's language, on one line."""
        return " ".join(translate(self.template).format(**self.facts).split())
