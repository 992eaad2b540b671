"""A process of a test of things done at once: it says when it is ready, waits to be told, and says what came of it."""

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import django

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
Act = Callable[..., str]


def say(line: str) -> None:
    """Tell the test, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def be_window(prepare: Act, at_once: Mapping[str, Act], alone: Mapping[str, Act]) -> None:
    """Do the act that the first argument names; those at once take the further ones, and say the code of what refuses them."""
    from rejent.kernel.errors import RejentError

    django.setup()
    act, *arguments = sys.argv[1:]
    if act == "prepare":
        say(prepare())
    elif act in alone:
        say(alone[act]())
    else:
        say("ready")
        sys.stdin.readline()
        try:
            say(at_once[act](*arguments))
        except RejentError as refused:
            say(refused.code)
