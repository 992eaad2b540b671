"""How figures are printed."""


def row(name: str, value: str, note: str = "") -> None:
    """Print a figure behind its name, and what it is held to."""
    print(f"{name:<58}{value:>16}  {note}")
