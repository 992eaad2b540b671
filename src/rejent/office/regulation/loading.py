"""Checking and loading an office's regulation, and the examples that come with the program."""

from importlib import resources
from typing import Any

from rejent.kernel.errors import NotFoundError
from rejent.office.regulation.bounded_toml import NotTomlError, read_toml
from rejent.office.regulation.findings import Finding, RegulationRefusedError, Severity, key_of
from rejent.office.regulation.law import FORMAT
from rejent.office.regulation.provisions import Regulation
from rejent.office.regulation.reading import Read, read
from rejent.office.regulation.statute import held_against_statute
from rejent.office.regulation.toml_lines import Path, line_of, lines_of_keys
from rejent.office.regulation.vocabulary import StreamName
from rejent.office.stream_parts import SECTIONS

EXAMPLES: tuple[str, ...] = ("elblag", "boleslawiec", "pleszew", "miedziana-gora", "walbrzych-mops")


def check(text: str) -> list[Finding]:
    """Return every finding of a regulation's text, in the order of the file."""
    return examine(text)[1]


def load(text: str) -> Regulation:
    """Return the regulation of a text; raise `RegulationRefusedError` if a finding is an error."""
    regulation, findings = examine(text)
    if regulation is None or any(finding.severity is Severity.ERROR for finding in findings):
        raise RegulationRefusedError(findings)
    return regulation


def stated_name(text: str) -> str:
    """Return the office's name in a text, whatever else is wrong with that; empty where it has none."""
    try:
        document, _ = _parsed(text)
    except NotTomlError:
        return ""
    return _read(document).regulation.name or ""


def example(name: str) -> str:
    """Return the text of an example that comes with the program; raise `NotFoundError`."""
    if name not in EXAMPLES:
        raise NotFoundError(
            "There is no example {name}.", name=name, advice="There are: {known}.", known=", ".join(EXAMPLES)
        )
    return (
        resources.files("rejent.office.regulation")
        .joinpath("seeds", f"{name}.toml")
        .read_text(encoding="utf-8")
    )


def examine(text: str) -> tuple[Regulation | None, list[Finding]]:
    """Return the regulation of a text, as far as it can be read, with every finding; None where the text is no TOML."""
    try:
        document, lines = _parsed(text)
    except NotTomlError as refused:
        return None, [Finding(refused.line, "", FORMAT, refused.sentence, Severity.ERROR)]
    given = _read(document)
    problems = [*given.problems, *held_against_statute(given)]
    findings = [
        Finding(line_of(each.path, lines), key_of(each.path), each.law, each.statement, each.severity)
        for each in problems
    ]
    return given.regulation, sorted(findings, key=lambda finding: (finding.line, finding.key, finding.law.id))


def _read(document: dict[str, Any]) -> Read:
    return read(document, list(dict.fromkeys((*StreamName, *SECTIONS))))


def _parsed(text: str) -> tuple[dict[str, Any], dict[Path, int]]:
    return read_toml(text), lines_of_keys(text)
