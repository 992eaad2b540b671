"""Opening of an installation for a command, and the types of argument that every command shares."""

import atexit
import os
from datetime import UTC, date, datetime
from enum import Enum, auto
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer

from rejent.cli.stream_parts import FIGURES
from rejent.kernel.acts import Acting
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.errors import InputRefusedError
from rejent.kernel.intervals import Interval
from rejent.kernel.process import loading
from rejent.kernel.stream_parts import UnknownStreamError
from rejent.office.installation import Installation, read_installation

LAST_YEAR = 9999
"""First year of instants that are refused, at the end of calendars."""
PRIVATE = 0o077
"""The umask of every process of the program: its files are its user's alone."""
ACTOR = "cli"
"""The actor in the ledger for a command used on the machine itself."""

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="The installation's folder.")]
StreamOrOnly = Annotated[
    str | None,
    typer.Option(
        "--stream",
        help="Kind of monitoring; the only one that the regulation prescribes, or the first installed, if left out.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


class Use(Enum):
    """A command's use of an installation."""

    READING = auto()
    """Reading it as it is."""
    CHANGING = auto()
    """Entering acts."""
    FOUNDING = auto()
    """Creating it: there are no tables yet, and no ledger."""


def set_up() -> None:
    """Load Django and every model; the main thread's connections to the database are closed when the process ends."""
    import django
    from django.db import connections

    with loading():
        django.setup()
    from django.conf import settings

    from rejent.office.stream_parts import SETTINGS

    for stream, read in SETTINGS.items():
        read(settings.INSTALLATION.section(stream))
    atexit.register(connections.close_all)


def set_up_alone() -> None:
    """Load what the program knows by itself, for what needs no installation."""
    os.environ["REJENT_DIR"] = ""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rejent.ops.settings")
    set_up()


def open_installation(directory: Path, use: Use = Use.CHANGING) -> Installation:
    """Read the installation and set up everything that needs it.

    Where the database is older than its ledger, what it lacks is taken back before anything is entered. Raises
    NotFoundError: there is no installation in the folder; InstallationChangedError: the clock is set, and only
    ``rejent.toml`` calls the installation a test one; LedgerForkedError: the database belongs to another ledger.
    """
    installation = read_installation(directory.absolute())
    os.environ["REJENT_DIR"] = str(installation.directory)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rejent.ops.settings")
    from django.conf import settings
    from django.utils import translation

    set_up()
    translation.activate("en")
    if use is Use.FOUNDING:
        return installation
    if not tables_are_current():
        migrate_tables()
    if program_clock().confirmed:
        from rejent.office.queries import require_as_created

        require_as_created(installation)
    if use is Use.CHANGING:
        from rejent.registers.signing.restoring import continue_published

        continue_published(settings.LEDGER, clock=program_clock())
    return installation


def migrate_tables() -> None:
    """Create or migrate every table, and the one that counts failed sign-ins."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0, stdout=StringIO())
    call_command("createcachetable", verbosity=0, stdout=StringIO())


def tables_are_current() -> bool:
    """Return True if no table waits for a migration."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def program_clock() -> Clock:
    """Return the clock the program runs by; the installation must be open."""
    from django.conf import settings

    clock: Clock = settings.CLOCK
    return clock


def today() -> date:
    """Return the civil date by the program's clock; the installation must be open."""
    return civil_date(program_clock().now())


def acting() -> Acting:
    """Return the arguments of an act by the command line; the installation must be open."""
    return {"clock": program_clock(), "actor": ACTOR}


def instant(text: str, option: str) -> datetime:
    """Return an instant with an offset, ISO 8601. Raises InputRefusedError: it is none."""
    try:
        found = datetime.fromisoformat(text)
        known = found.tzinfo is not None and found.astimezone(UTC).year < LAST_YEAR
    except (ValueError, OverflowError):
        known = False
    if not known:
        raise InputRefusedError(
            "{option} is not an instant with an offset: {text}.",
            option=option,
            text=text,
            advice="Write it as 2026-11-21T14:05:00+01:00",
        )
    return found


def interval(since: str, until: str) -> Interval:
    """Return the interval from ``--from`` up to ``--to``. Raises InputRefusedError: no instant with offset, or empty."""
    start, end = instant(since, "--from"), instant(until, "--to")
    if end <= start:
        raise InputRefusedError("--to is not after --from.", advice="Give the earlier instant as --from.")
    return Interval(start, end)


def civil_day(text: str, option: str) -> date:
    """Return a calendar date, ISO 8601. Raises InputRefusedError: it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputRefusedError(
            "{option} is not a date: {text}.", option=option, text=text, advice="Write it as 2026-11-21"
        ) from None


def resolve_stream(stream: str | None) -> str:
    """Return the named stream; else the only one prescribed, or the first installed. Raises UnknownStreamError: neither knows the name."""
    from rejent.office import queries

    prescribed = list(queries.verified_streams(today()))
    known = list(dict.fromkeys((*FIGURES, *prescribed)))
    if stream and stream not in known:
        raise UnknownStreamError(
            "No stream is named {stream}.", stream=stream, advice="Known are: {known}.", known=" ".join(known)
        )
    return stream or (prescribed if len(prescribed) == 1 else known)[0]
