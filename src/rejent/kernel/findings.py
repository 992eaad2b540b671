"""Findings: errors that a check of stored material reports."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from rejent.kernel.errors import RejentError


@dataclass(frozen=True, slots=True)
class Finding:
    """One error in stored material.

    ``template`` is an English sentence with ``{named}`` places, its facts never a secret, a name or content.
    """

    subject: str
    code: str
    template: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """Return the finding in the reader's language, on one line."""
        return " ".join(translate(self.template).format(**self.facts).split())


Checks = Mapping[str, Callable[[], Iterable[Finding]]]
"""Checks by name."""


def run_checks(subject: str, checks: Checks) -> Iterator[Finding]:
    """Yield the findings of several checks; one that raises becomes a finding itself, and the others go on.

    Otherwise one row planted to be unreadable would hide every other finding.
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
    """Return an error's type, with its sentence only where it is ours: others may quote a secret."""
    sentence = f": {error}" if isinstance(error, RejentError) else ""
    return f"{type(error).__name__}{sentence}"
