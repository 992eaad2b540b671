"""Everybody changes at once how one person signs in, on both databases: nobody waits for ever, and what is left is what was entered."""

import json

from tests.forked import run_module

ROUNDS = {"": 2, "postgres": 25}
"""SQLite lets one write at a time."""


def test_nothing_breaks_off_and_nothing_is_found(environment: dict[str, str], database: str) -> None:
    """Passwords set, chosen and turned off, links, passkeys, roles, confirmations and ends of sessions, each in a thread of its own."""
    rounds = ROUNDS["postgres" if database else ""]
    said = run_module("tests.contract.databases.sign_in_at_once", rounds, env=environment)
    assert json.loads(said) == {"broken": [], "found": []}
