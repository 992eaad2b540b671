"""``rejent setup``: the way into setting the office up in the browser."""

import typer

from rejent.cli.command_setup import Directory, open_installation, program_clock

app = typer.Typer(help="Setting the office up in the browser.")


@app.callback()
def setup() -> None:
    """Keep the group a group while it has one command."""


@app.command("code")
def code(directory: Directory) -> None:
    """Print the address with a new one-time code; the browser that used the former one is shut out. Refused once somebody decides."""
    open_installation(directory)
    typer.echo(set_up_address())


def set_up_address() -> str:
    """Return the address with a new one-time code, as `rejent run` serves it; the installation must be open. Raises SetUpRefusedError."""
    from django.conf import settings

    from rejent.office.setting_up.founding import issue_code

    issued = issue_code(settings.INSTALLATION, clock=program_clock())
    return f"Then open, within a day: http://127.0.0.1:8000/setup?code={issued}"
