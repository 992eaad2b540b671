"""``rejent demo``: a demo office with simulated cameras and some history, ready to be looked at."""

import typer


def register(app: typer.Typer) -> None:
    """Add this module's command."""
