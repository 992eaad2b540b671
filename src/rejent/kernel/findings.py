"""What a check of stored material found to be wrong."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from rejent.kernel.errors import RejentError


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


Checks = Mapping[str, Callable[[], Iterable[Finding]]]
"""Checks by what they are called."""


def run_checks(subject: str, checks: Checks) -> Iterator[Finding]:
    """What several checks find, each for itself: one that breaks off becomes a finding of its own, and the others go on.

    A row that was planted to be unreadable would otherwise keep everything else from being told.
    """
    for name, check in checks.items():
        try:
            yield from check()
        except Exception as error:  # noqa: BLE001 - whatever a planted row provokes, the other checks go on
            yield Finding(
                subject,
                f"{subject}.check-unfinished",
                "The check {check} broke off ({error}); what it would have found is unknown.",
                {"check": f"{subject}.{name}", "error": _kind(error)},
            )


def _kind(error: Exception) -> str:
    """The kind of an error, with its sentence where it is one of ours: others may quote a secret."""
    said = f": {error}" if isinstance(error, RejentError) else ""
    return f"{type(error).__name__}{said}"
