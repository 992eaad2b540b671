"""The commands and options that a kind of stream adds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import Parameter, Signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import typer

if TYPE_CHECKING:
    import subprocess
    from datetime import datetime

    from rejent.kernel.clock import ManualClock


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOptions:
    """The options that describe a kind's sources.

    ``of_adding`` and ``of_changing`` map parameters to their annotated type and default; ``needed`` are required to add,
    ``identifying`` identify the kind by themselves, ``preset`` mean something even if left out, ``further`` takes the rest of the
    line. ``usage`` and ``changing`` are for the help. ``add`` returns the identifier of a new source, by name and
    installation; ``change`` changes how a source is reached.
    """

    of_adding: Mapping[str, tuple[Any, object]]
    of_changing: Mapping[str, tuple[Any, object]]
    needed: Sequence[str]
    identifying: Sequence[str] = ()
    preset: Sequence[str] = ()
    further: str = ""
    usage: str
    changing: str = ""
    add: Callable[[Path, str, Mapping[str, Any]], str]
    change: Callable[[Path, str, Mapping[str, Any]], None]

    def parameters(self, options: Mapping[str, tuple[Any, object]]) -> list[Parameter]:
        """Return options as parameters of a command."""
        return [
            Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=left_out, annotation=annotation)
            for name, (annotation, left_out) in options.items()
        ]

    def shown(self, option: str) -> str:
        """Return an option as it is written."""
        info: typer.models.OptionInfo = get_args(self.of_adding[option][0])[1]
        return (info.param_decls or (f"--{option}",))[0].partition("/")[0]

    def says_something(self, given: Mapping[str, Any]) -> bool:
        """Return whether anything of this kind is to be changed."""
        return any(given[option] not in (None, "", []) for option in self.of_changing)


DemoPerson = tuple[str, str, str, tuple[str, ...]]
"""Account, name, post and roles of somebody in a demo office."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Demo:
    """A kind's part of a demo office whose regulation prescribes it; ``option`` says at which ``port`` its sources are reached.

    ``make`` adds the sources and what happened until an instant, and yields each instant at which it goes on: it is given
    the installation's folder, the port, the clock of the past, that instant, and how many minutes of each day are recorded, if
    not all. ``past`` says what is made, ``hint`` what can be done to the sources; ``reach`` changes their addresses to another
    port; ``simulated`` starts what they are, or nothing where it cannot listen. ``areas`` and ``rules`` complete the regulation,
    as it lists places and as tables of TOML.
    """

    option: str
    port: int
    help: str
    past: str
    make: "Callable[[Path, int, ManualClock, datetime, int | None], Iterator[datetime]]"
    reach: Callable[[int], None]
    simulated: "Callable[[Path, int], subprocess.Popen[bytes] | None]"
    areas: Sequence[str] = ()
    rules: str = ""
    people: Sequence[DemoPerson] = ()
    hint: Callable[[Path], str] = lambda _directory: ""


def with_options(command: Callable[..., Any], parameters: list[Parameter]) -> Callable[..., Any]:
    """Return a command that takes these parameters."""
    command.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # what typer reads
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCommands:
    """A kind's commands: the options of its sources, groups of its own by name, commands of ``rejent source``, a demo.

    ``made``: a sentence of ``rejent init`` for an office that records this stream.
    """

    stream: str
    sources: SourceOptions
    groups: Mapping[str, typer.Typer] = field(default_factory=dict)
    of_source: Sequence[Callable[..., Any]] = ()
    demo: Demo | None = None
    made: str = ""
