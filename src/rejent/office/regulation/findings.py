"""Findings about a regulation: place, rule, and whether it may be loaded all the same."""

from dataclasses import dataclass
from enum import StrEnum

from rejent.kernel.errors import InputRefusedError
from rejent.kernel.sentences import Sentence
from rejent.office.regulation.law import Rule
from rejent.office.regulation.toml_lines import Path


class Severity(StrEnum):
    """An error keeps the regulation from being loaded; a flag is shown until the office has dealt with it."""

    ERROR = "error"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding without a line: path of keys, rule, what is wrong, and how severe it is."""

    path: Path
    law: Rule
    statement: Sentence
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem at its line of the file; ``key``: the dotted key, with ``[n]`` for the n-th element, counted from zero."""

    line: int
    key: str
    law: Rule
    statement: Sentence
    severity: Severity

    @property
    def rule(self) -> str:
        """Return the rule as cited, with its quotation."""
        return str(self.law)

    @property
    def sentence(self) -> str:
        """Return the problem in English."""
        return str(self.statement)


class RegulationRefusedError(InputRefusedError, code="input.regulation"):
    """A regulation with at least one error; carries every finding in the order of the file, flags included."""

    def __init__(self, findings: list[Finding]) -> None:
        errors = [finding for finding in findings if finding.severity is Severity.ERROR]
        super().__init__(
            "The regulation cannot be loaded (findings: {count}); the first is on line {line}, at {key}: {sentence}"
            if errors[0].key
            else "The regulation cannot be loaded (findings: {count}); the first is on line {line}: {sentence}",
            advice="See them all with: rejent regulation check FILE",
            count=len(errors),
            line=errors[0].line,
            key=errors[0].key,
            sentence=errors[0].sentence,
        )
        self.findings = findings


def key_of(path: Path) -> str:
    """Return a path as people read it: ``streams.video.purposes[0].id``."""
    written = ""
    for part in path:
        if isinstance(part, int):
            written += f"[{part}]"
        else:
            written += f".{part}" if written else part
    return written
