"""``rejent supervision``: a week's report as a file, and the sample of its viewings with what decided it."""

from base64 import b64encode
from pathlib import Path
from typing import Annotated

import typer

from rejent.cli.command_setup import ACTOR, Directory, Json, Use, open_installation, program_clock
from rejent.cli.output import print_json, print_rows, require_new_file
from rejent.kernel.errors import NotFoundError

app = typer.Typer(help="Supervision: who saw what and why, week by week.")

WeekName = Annotated[str, typer.Option("--week", help="A week of the calendar, such as 2026-W47.")]


def register(program: typer.Typer) -> None:
    """Add this module's commands."""
    program.add_typer(app, name="supervision")


@app.command("digest")
def digest(
    directory: Directory,
    week: WeekName,
    output: Annotated[Path, typer.Option("--output", help="A new PDF file.")],
) -> None:
    """Write a week's report, in Polish: the one that was filed, else one made now. The taking is entered first."""
    open_installation(directory)
    from rejent.access.services.supervision import enter_report_taken
    from rejent.access.supervision import reviews
    from rejent.access.supervision.weeks import Week
    from rejent.web.supervision.week_digest import filed_digest

    wanted = Week.read(week)
    require_new_file(output)
    content = reviews.kept_report(wanted) or filed_digest(wanted)
    entry = enter_report_taken(wanted, content, clock=program_clock(), actor=ACTOR)
    with output.open("xb") as made:
        made.write(content)
    typer.echo(f"Written; entry {entry} in the register of actions.")


@app.command("sample")
def sample(directory: Directory, week: WeekName, as_json: Json = False) -> None:
    """Show which viewings of a week were drawn for review, and the signed state of the ledger that decided it."""
    open_installation(directory, Use.READING)
    from rejent.access.supervision import reviews
    from rejent.access.supervision.samples import CLOSES_AFTER, lot, seed
    from rejent.access.supervision.weeks import Week
    from rejent.registers.signing.states import closing_state

    wanted = Week.read(week)
    found, state = reviews.sample(wanted), closing_state(wanted.interval.end + CLOSES_AFTER)
    if found is None or state is None:
        raise NotFoundError(
            "No sample is drawn for {week}.",
            week=wanted,
            advice="The keeper draws it once the week has closed: rejent keep DIR --once",
        )
    by = seed(wanted, state.size, state.root)
    rows = [
        {
            "number": one.number,
            "lot": lot(by, one.number).hex(),
            "outcome": one.outcome,
            "reviewed": one.reviews[-1].at if one.reviews else None,
        }
        for one in found.viewings
    ]
    facts = {
        "week": str(wanted),
        "size": state.size,
        "root": b64encode(state.root).decode(),
        "population": found.population,
        "percent": found.percent,
        "least": found.least,
    }
    if as_json:
        print_json({**facts, "viewings": rows})
        return
    typer.echo("  ".join(f"{name}: {value}" for name, value in facts.items()))
    print_rows(rows, as_json=False, empty="No viewings.")
