"""Runs many ``rejent`` commands quickly: what every command loads is loaded once, each command runs in a fork of its own.

``python -m tests.command_server [DIR]`` reads one request a line from standard input and answers with one line each. With a
folder, Django is set up for that installation, and every command must be on it.
"""

import atexit
import gc
import json
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

EVERYWHERE = (
    "django.contrib.auth.hashers",
    "django.core.management.commands.migrate",
    "django.db.backends.sqlite3.base",
    "django.db.models",
    "django.forms",
    "django.template.backends.django",
    "phonenumbers",
    "rejent.cli.main",
    "rejent.ops.demo.command",
    "rejent.streams.calls.commands.drills",
    "rejent.ops.commands.init",
    "rejent.ops.logs",
    "rejent.ops.commands.run",
    "rejent.ops.commands.supervision",
    "rejent.vault.context",
)
"""What every command loads and what asks for no settings: loaded before the first fork."""


def answer(request: dict[str, object]) -> dict[str, object]:
    """Run one command in a child and say how it ended and what it wrote."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(str(request["stdin"]).encode())
        given.seek(0)
        child = os.fork()
        if not child:
            for number, file in enumerate((given, out, err)):
                os.dup2(file.fileno(), number)
            if isinstance(request.get("env"), dict):
                os.environ.clear()
                os.environ.update(request["env"])  # type: ignore[arg-type]  # names and values, as our caller wrote them
            run(request["arguments"])
        _, waited = os.waitpid(child, 0)
        written = []
        for file in (out, err):
            file.seek(0)
            written.append(file.read().decode("utf-8", "replace"))
    return {"status": os.waitstatus_to_exitcode(waited), "out": written[0], "err": written[1]}


def run(arguments: object) -> None:
    """Be the command; never returns."""
    from rejent.ops import command

    sys.stdin = os.fdopen(0, "r", encoding="utf-8", closefd=False)
    sys.argv = ["rejent", *arguments]  # type: ignore[misc]  # as the shell would set it
    status = 99
    try:
        command.run()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 98
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def main(directory: str = "") -> None:
    """Answer until standard input ends."""
    for name in EVERYWHERE:
        import_module(name)
    if directory:
        _set_up(Path(directory))
    gc.freeze()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


def _set_up(directory: Path) -> None:
    from rejent.cli.command_setup import open_installation

    open_installation(directory)
    import rejent.access.services
    import rejent.catalog.services
    import rejent.ops.wiring
    import rejent.registers.checks
    import rejent.retention.services  # noqa: F401 - imported before the first fork


if __name__ == "__main__":
    main(*sys.argv[1:])
