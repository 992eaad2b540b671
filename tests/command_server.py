"""Runs many ``rejent`` commands quickly: what every command loads is loaded once, each command runs in a fork of its own.

``python -m tests.command_server`` reads one request a line from standard input and answers with one line each.
"""

import atexit
import json
import os
import runpy
import sys
import tempfile

from tests import preloaded


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
            run(request["arguments"], str(request["module"]))
        _, waited = os.waitpid(child, 0)
        written = []
        for file in (out, err):
            file.seek(0)
            written.append(file.read().decode("utf-8", "replace"))
    return {"status": os.waitstatus_to_exitcode(waited), "out": written[0], "err": written[1]}


def run(arguments: object, module: str) -> None:
    """Be the command, or a module that is run as a program; never returns."""
    from rejent.ops import command

    sys.stdin = os.fdopen(0, "r", encoding="utf-8", closefd=False)
    preloaded.begin()
    sys.argv = ["rejent", *arguments]  # type: ignore[misc]  # as the shell would set it
    status = 99
    try:
        if module:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
            status = 0
        else:
            command.run()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 98
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def main() -> None:
    """Answer until standard input ends."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
