"""``rejent init``: create an installation."""

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from rejent.cli.command_setup import ACTOR, Use, open_installation, program_clock
from rejent.cli.office.regulation import regulation_text
from rejent.cli.office.setting_up import set_up_address
from rejent.kernel.clock import SystemClock, civil_date
from rejent.kernel.errors import ConflictError
from rejent.office.installation import CONFIGURATION, write_installation
from rejent.office.regulation.loading import load, stated_name
from rejent.streams import registry
from rejent.vault.keys.root_key import FileRoot


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("init")(init)


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    regulation: Annotated[
        str,
        typer.Option(
            "--regulation", help="Name of an example, or a file; left out, it is chosen in the browser."
        ),
    ] = "",
    test: Annotated[
        bool, typer.Option("--test", help="For trials: gates count as passed, the clock may be set.")
    ] = False,
    database: Annotated[str, typer.Option("--database", help="postgresql://… instead of SQLite.")] = "",
    storage: Annotated[
        str, typer.Option("--storage", help="s3+https://ACCESS@HOST/BUCKET instead of the folder vault.")
    ] = "",
) -> None:
    """Create an installation: check the regulation, make database, keys and ledger; prints where the office is set up in the browser."""
    from django.conf import settings

    create(directory, regulation, test=test, database=database, storage=storage)
    from rejent.office import queries as office

    typer.echo(f"Created {directory}.")
    if settings.VAULT.root == FileRoot.kind:
        typer.echo("The key store's root is the file keys/root (mode 0600): keep it apart from backups.")
    recorded = office.streams_if_entered(civil_date(SystemClock().now()))
    for kind in registry.commands():
        if kind.made and kind.stream in recorded:
            typer.echo(kind.made)
    if test:
        typer.echo("This is a TEST installation: its gates count as passed and its clock may be set.")
    typer.echo(f"Start it with: rejent run {directory}")
    typer.echo(set_up_address())


def create(directory: Path, regulation: str, *, test: bool, database: str = "", storage: str = "") -> None:
    """Create an installation in a new or empty folder, without a regulation where none is named; on an error nothing is left behind.

    Raises RegulationRefusedError: the regulation breaks a rule; ConflictError: the folder holds something already.
    """
    text = regulation_text(regulation) if regulation else ""
    directory = directory.absolute()
    existed = directory.exists()
    if (directory / CONFIGURATION).exists() or (existed and any(directory.iterdir())):
        raise ConflictError("{directory} is not empty.", directory=directory, advice="Choose a new folder.")
    try:
        _build(directory, text, test=test, database=database, storage=storage)
    except BaseException:
        _clear(directory, keep_folder=existed)
        raise


def _clear(directory: Path, *, keep_folder: bool) -> None:
    """Remove what was made; what cannot be removed must not hide why."""
    for made in list(directory.iterdir()) if directory.is_dir() else []:
        if made.is_dir():
            shutil.rmtree(made, ignore_errors=True)
        else:
            made.unlink(missing_ok=True)
    if directory.is_dir() and not keep_folder:
        with suppress(OSError):
            directory.rmdir()


def _build(directory: Path, text: str, *, test: bool, database: str, storage: str) -> None:
    installation = write_installation(
        directory,
        name=stated_name(text) if text else "",
        test=test,
        created=SystemClock().now(),
        database=database,
        storage=storage,
    )
    open_installation(directory, Use.FOUNDING)
    if text:
        load(text)
    from django.conf import settings
    from django.db import transaction

    from rejent.catalog import services as catalog
    from rejent.cli.command_setup import migrate_tables
    from rejent.office import services
    from rejent.registers import services as registers

    migrate_tables()
    clock = program_clock()
    mark = settings.VAULT.create()
    with transaction.atomic():
        services.enter_installation(installation, clock=clock, actor=ACTOR)
        catalog.adopt_volume(mark)
        if text:
            services.found_regulation(text, test=test, clock=clock, actor=ACTOR)
    registers.checkpoint(settings.LEDGER, clock=clock)
