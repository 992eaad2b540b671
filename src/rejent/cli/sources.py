"""``rejent source``: add, list, change, switch and remove what is recorded."""

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any

import typer

from rejent.cli.command_setup import Directory, Json, Use, acting, open_installation, program_clock
from rejent.cli.output import print_rows
from rejent.cli.stream_commands import SourceOptions, StreamCommands, with_options
from rejent.kernel.errors import InputRefusedError

app = typer.Typer(help="Cameras, lines and other sources.")

_CONTEXT = Parameter("context", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
_DIRECTORY = Parameter("directory", Parameter.POSITIONAL_OR_KEYWORD, annotation=Directory)


def assemble(streams: Sequence[StreamCommands]) -> typer.Typer:
    """Return the group with the commands and options of every kind of stream."""
    kinds = {each.stream: each.sources for each in streams}
    app.command("add", context_settings={"allow_extra_args": True})(_adding(kinds))
    app.command("list")(list_command)
    app.command("change")(_changing(kinds))
    app.command("switch")(switch)
    app.command("rename")(rename)
    app.command("remove")(remove)
    for each in streams:
        for command in each.of_source:
            app.command(command.__name__)(command)
    return app


def _adding(kinds: Mapping[str, SourceOptions]) -> Callable[..., None]:

    def add(context: typer.Context, directory: Path, name: str, stream: str | None, **given: Any) -> None:
        """Add a source by the options of its kind."""
        chosen = kinds.get(stream) if stream else _kind_of(kinds, given)
        if chosen is None:
            raise InputRefusedError(
                "No sources of {stream} can be added.",
                stream=stream,
                advice="Installed kinds: {kinds}.",
                kinds=", ".join(kinds),
            )
        own = {option: given[option] for option in chosen.of_adding}
        for option in chosen.needed:
            value = own[option]
            if not value or (isinstance(value, str) and not value.strip()):
                raise InputRefusedError(
                    "{option} is missing.",
                    option=chosen.shown(option),
                    advice="See: rejent source add --help",
                )
        _require_none_of_others(kinds, chosen, given)
        if context.args and not chosen.further:
            raise InputRefusedError("{what} is not expected here.", what=context.args[0])
        if context.args:
            own[chosen.further] = [*(own[chosen.further] or []), *context.args]
        typer.echo(chosen.add(directory, name, own))

    usage = "; ".join(kind.usage for kind in kinds.values())
    add.__doc__ = f"Add a source; its recording starts by itself once its gates are open.\n\n{usage[:1].upper()}{usage[1:]}."
    name = Parameter(
        "name",
        Parameter.POSITIONAL_OR_KEYWORD,
        annotation=Annotated[str, typer.Option("--name", help="What people call it.")],
    )
    first, *others = kinds
    exceptions = "".join(f"{stream} where the options are its own, " for stream in others)
    stream = Parameter(
        "stream",
        Parameter.POSITIONAL_OR_KEYWORD,
        default=None,
        annotation=Annotated[
            str | None,
            typer.Option(
                "--stream",
                metavar=f"[{'|'.join(kinds)}]",
                help=f"Kind of monitoring; if left out, {exceptions}else {first}.",
            ),
        ],
    )
    options = [option for kind in kinds.values() for option in kind.parameters(kind.of_adding)]
    return with_options(add, [_CONTEXT, _DIRECTORY, name, stream, *options])


def _changing(kinds: Mapping[str, SourceOptions]) -> Callable[..., None]:

    def change(directory: Path, name: str, **given: Any) -> None:
        saying = [kind for kind in kinds.values() if kind.says_something(given)]
        chosen = saying[-1] if saying else next(iter(kinds.values()))
        _require_none_of_others(kinds, chosen, given)
        chosen.change(directory, name, {option: given[option] for option in chosen.of_changing})

    further = " ".join(kind.changing for kind in kinds.values() if kind.changing)
    change.__doc__ = (
        "Reach a source by another address, user or password; its name, place and recordings stay."
        f"\n\n{further}"
    )
    name = Parameter(
        "name",
        Parameter.POSITIONAL_OR_KEYWORD,
        annotation=Annotated[str, typer.Option("--name", help="The source to be reached in another way.")],
    )
    options = [option for kind in kinds.values() for option in kind.parameters(kind.of_changing)]
    return with_options(change, [_DIRECTORY, name, *options])


def _kind_of(kinds: Mapping[str, SourceOptions], given: Mapping[str, Any]) -> SourceOptions:
    named = (kind for kind in kinds.values() if any(given[option] for option in kind.identifying))
    return next(named, next(iter(kinds.values())))


def _require_none_of_others(
    kinds: Mapping[str, SourceOptions], chosen: SourceOptions, given: Mapping[str, Any]
) -> None:
    """See that nothing is given that another kind of source alone takes. Raises InputRefusedError: something is."""
    for kind in kinds.values():
        for option in kind.of_adding if kind is not chosen else ():
            if given.get(option) and option not in kind.preset:
                raise InputRefusedError(
                    "{option} is of no use for this stream.",
                    option=kind.shown(option),
                    advice="See: rejent source add --help",
                )


def list_command(directory: Directory, as_json: Json = False) -> None:
    """Every source with its state."""
    open_installation(directory, Use.READING)
    from rejent.catalog import queries

    rows = [
        {
            "name": source.name,
            "stream": source.stream,
            "building": source.building,
            "place": source.place,
            "kind": source.kind,
            "state": source.state,
            "cause": source.cause_with_conditions,
            "since": source.health.since if source.health else None,
            "id": source.id,
        }
        for source in queries.sources(clock=program_clock())
    ]
    print_rows(rows, as_json=as_json, empty="No sources yet. Add one with: rejent source add DIR --name …")


def switch(
    directory: Directory,
    name: Annotated[str, typer.Option("--name")],
    on: Annotated[bool, typer.Option("--on/--off")] = True,
) -> None:
    """Switch the recording of a source off or on again; both are acts in the ledger."""
    open_installation(directory)
    from rejent.catalog import queries, services

    source = queries.source_by_name(name)
    services.switch_source(source.id, on=on, **acting())


def rename(
    directory: Directory,
    name: Annotated[str, typer.Option("--name")],
    to: Annotated[
        str, typer.Option("--to", help="Its new name; where places are secret, a word and a number.")
    ],
) -> None:
    """Call a source by another name; everything it recorded stays its own."""
    open_installation(directory)
    from rejent.catalog import queries, services

    services.rename_source(queries.source_by_name(name).id, to, **acting())


def remove(directory: Directory, name: Annotated[str, typer.Option("--name")]) -> None:
    """Stop recording a source for good; what it recorded stays until its term ends."""
    open_installation(directory)
    from rejent.catalog import queries, services

    source = queries.source_by_name(name)
    services.remove_source(source.id, **acting())
