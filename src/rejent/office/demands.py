"""What the statute demands of a stream of a regulation: a function for each demand, listed with the keys it reads."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rejent.kernel.sentences import Fact, Sentence
from rejent.office.findings import Problem, Severity
from rejent.office.law import Rule
from rejent.office.provisions import Regulation, StreamRules
from rejent.office.reading import Read
from rejent.office.toml_lines import Path
from rejent.office.vocabulary import StreamName

EVERY_STREAM = frozenset(StreamName)


@dataclass(frozen=True, slots=True)
class Case:
    """One stream of one regulation, as a demand sees it."""

    regulation: Regulation
    name: StreamName
    rules: StreamRules

    def broken(
        self, law: Rule, template: str, *key: str | int, severity: Severity = Severity.ERROR, **facts: Fact
    ) -> Problem:
        """A problem at a key of this stream."""
        return Problem(("streams", self.name.value, *key), law, Sentence(template, facts), severity)


Demand = Callable[[Case], Iterator[Problem]]
"""Yields what a stream breaks."""


class Demands:
    """Demands on one subject; one is skipped where its keys could not be read, so that a mistake gives one finding, not a chain."""

    def __init__(self) -> None:
        self._listed: list[tuple[frozenset[StreamName], tuple[Path, ...], Demand]] = []

    def enlist(self, *reads: str, of: frozenset[StreamName] = EVERY_STREAM) -> Callable[[Demand], Demand]:
        """List the function below as a demand on these streams that reads these keys, each with dots."""

        def listed(demand: Demand) -> Demand:
            self._listed.append((of, tuple(tuple(key.split(".")) for key in reads), demand))
            return demand

        return listed

    def broken(self, given: Read) -> Iterator[Problem]:
        """Everything a regulation breaks of these demands."""
        for name, rules in given.regulation.streams.items():
            case = Case(given.regulation, StreamName(name), rules)
            for streams, reads, demand in self._listed:
                base: Path = ("streams", name)
                if case.name in streams and all(given.sound((*base, *key)) for key in reads):
                    yield from demand(case)
