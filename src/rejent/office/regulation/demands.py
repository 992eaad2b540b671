"""The statute's demands on a stream of a regulation: a function for each, listed with the keys it reads."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rejent.kernel.sentences import Fact, Sentence
from rejent.kernel.terms import RetentionRule
from rejent.office.regulation.findings import Problem, Severity
from rejent.office.regulation.law import Rule
from rejent.office.regulation.provisions import Regulation, StreamRules
from rejent.office.regulation.reading import Read
from rejent.office.regulation.toml_lines import Path


@dataclass(frozen=True, slots=True)
class Case:
    """One stream of one regulation, as a demand sees it."""

    regulation: Regulation
    name: str
    rules: StreamRules

    def broken(
        self, law: Rule, template: str, *key: str | int, severity: Severity = Severity.ERROR, **facts: Fact
    ) -> Problem:
        """Return a problem at a key of this stream."""
        return Problem(("streams", self.name, *key), law, Sentence(template, facts), severity)


Demand = Callable[[Case], Iterator[Problem]]
"""Yields what a stream breaks."""


class Demands:
    """Demands on one subject; one is skipped where its keys could not be read, so that a mistake gives one finding."""

    def __init__(self) -> None:
        self._listed: list[tuple[tuple[Path, ...], Demand]] = []

    def enlist(self, *reads: str) -> Callable[[Demand], Demand]:
        """List the function below as a demand that reads these keys, each with dots."""

        def listed(demand: Demand) -> Demand:
            self._listed.append((tuple(tuple(key.split(".")) for key in reads), demand))
            return demand

        return listed

    def broken(self, given: Read, stream: str) -> Iterator[Problem]:
        """Yield everything that a regulation breaks in its rules of a stream."""
        case = Case(given.regulation, stream, given.regulation.streams[stream])
        for reads, demand in self._listed:
            if all(given.sound(("streams", stream, *key)) for key in reads):
                yield from demand(case)


def periods(rules: StreamRules) -> Iterator[tuple[Path, RetentionRule]]:
    """Yield each period that a regulation sets for a stream, with the keys at which it stands."""
    if rules.stream_retention is not None:
        yield ("retention",), rules.stream_retention
    for index, purpose in enumerate(rules.purposes):
        if purpose.retention is not None:
            yield ("purposes", index, "retention"), purpose.retention
