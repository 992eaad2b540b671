"""``rejent retention due`` and ``rejent keep``: terms that end, and the keepers that act on them."""

from typing import Annotated

import typer

from rejent.cli.command_setup import ACTOR, Directory, Json, Use, instant, open_installation, program_clock
from rejent.cli.output import print_json, print_rows, to_json_value

retention = typer.Typer(help="Terms and destruction.")
clock = typer.Typer(help="Whether the machine's clock is believed.")


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(retention, name="retention")
    app.add_typer(clock, name="clock")
    app.command("keep")(keep)


@retention.command("due")
def due(
    directory: Directory,
    at: Annotated[str, typer.Option("--at", help="By when; now if left out.")] = "",
    as_json: Json = False,
) -> None:
    """List what must be destroyed by an instant, and the rule that says so."""
    open_installation(directory, Use.READING)
    from rejent.retention import queries

    by = program_clock()
    rows = [
        {
            "source": item.source_name,
            "day": item.day,
            "rule": item.rule,
            "opens": item.term.purge_opens,
            "key_dead_by": item.term.key_dead_by,
            "segments": item.segments,
            "bytes": item.bytes,
            "held_parts": item.held_parts,
        }
        for item in queries.due(instant(at, "--at") if at else by.now(), clock=by)
    ]
    print_rows(rows, as_json=as_json, empty="Nothing is due.")


def keep(
    directory: Directory,
    once: Annotated[bool, typer.Option("--once", help="One round, then exit.")] = False,
    as_json: Json = False,
) -> int:
    """Run every keeper: keys ahead, destruction, holds, forecast, checkpoint."""
    open_installation(directory)
    from rejent.cli.storage.rounds import keep_round
    from rejent.kernel.errors import InputRefusedError

    if not once:
        raise InputRefusedError(
            "Say --once.",
            advice="The keepers that go on for ever are started by: rejent run DIR --role keeper",
        )
    round_ = keep_round(program_clock())
    rows = round_.summary()
    on = alarm_rows()
    if as_json:
        print_json({**rows, "alarms_on": on})
    else:
        for name, value in rows.items():
            typer.echo(f"{name}: {value}")
        for line in alarm_lines(on):
            typer.echo(line)
    return 1 if round_.failed else 0


@clock.command("confirm")
def confirm(directory: Directory) -> None:
    """Vouch for the clock after a jump, so that destruction goes on; an act in the ledger."""
    open_installation(directory)
    from rejent.retention import services

    services.confirm_clock(program_clock(), ACTOR)


def alarm_rows() -> list[dict[str, object]]:
    """Return each alarm's kind, its subject, and since when; the installation must be open."""
    from django.conf import settings

    from rejent.access.viewings import volume
    from rejent.retention import queries

    kept = [
        {"kind": alarm.kind, "subject": alarm.subject, "since": alarm.raised_at} for alarm in queries.alarms()
    ]
    taken = [
        {"kind": volume.ALARM, "subject": f"person:{one.person_id}", "since": one.refused_at}
        for one in volume.exceeded(clock=settings.CLOCK)
    ]
    return kept + taken


def alarm_lines(rows: list[dict[str, object]]) -> list[str]:
    """Return one line for each alarm."""
    return [
        " ".join(f"alarm: {row['kind']} {row['subject']}".split()) + f", since {to_json_value(row['since'])}"
        for row in rows
    ]
