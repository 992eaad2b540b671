"""Printing of figures."""


def row(name: str, value: str, note: str = "") -> None:
    """Print a figure behind its name, with its limit."""
    print(f"{name:<58}{value:>16}  {note}")
