"""How notes are described on the command line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from rejent.cli.command_setup import ACTOR, open_installation, program_clock
from rejent.cli.stream_commands import SourceOptions, StreamCommands


def _add(directory: Path, name: str, given: Mapping[str, Any]) -> str:
    open_installation(directory)
    from django.conf import settings

    from rejent.catalog import services

    return services.add_source(
        stream="notes", name=name, address=given["notebook"], building="Ratusz", place=name, kind="office",
        clock=program_clock(), actor=ACTOR, credentials_box=settings.VAULT.credentials,
    )  # fmt: skip


def _change(directory: Path, name: str, given: Mapping[str, Any]) -> None:
    open_installation(directory)
    from django.conf import settings

    from rejent.catalog import queries, services

    services.change_source(
        queries.source_by_name(name).id, address=given["notebook"], clock=program_clock(), actor=ACTOR,
        credentials_box=settings.VAULT.credentials,
    )  # fmt: skip


_NOTEBOOK = {"notebook": (Annotated[str, typer.Option("--notebook", help="Where it lies.")], "")}
OPTIONS = SourceOptions(
    of_adding=_NOTEBOOK,
    of_changing=_NOTEBOOK,
    needed=("notebook",),
    identifying=("notebook",),
    usage="notes take --notebook",
    add=_add,
    change=_change,
)
COMMANDS = StreamCommands(stream="notes", sources=OPTIONS)
