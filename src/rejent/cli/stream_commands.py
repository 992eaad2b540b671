"""The commands that a kind of stream adds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import typer


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCommands:
    """What a kind adds to the command.

    Attributes:
        groups: groups of its own, by name.
        of_source: commands of ``rejent source``.
    """

    groups: Mapping[str, typer.Typer] = field(default_factory=dict)
    of_source: Sequence[Callable[..., Any]] = ()
