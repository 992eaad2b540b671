"""One process under the supervisor: ``python -m rejent.ops.process web|keeper|…``, or one that a kind of stream names."""

import os
import signal
import sys
import threading
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING

import structlog

from rejent.cli.command_setup import PRIVATE, set_up
from rejent.kernel.errors import RejentError
from rejent.kernel.process import after_predecessor, drop_net_raw, is_running

if TYPE_CHECKING:
    from rejent.recording.stream_parts import RecorderProcess

log = structlog.get_logger()

WEB = "web"
STOPPING_S = 20.0
"""Seconds in which a process may finish what it has begun."""


def main(arguments: list[str]) -> int:
    """Run the named process until its end; returns the exit status."""
    os.umask(PRIVATE)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rejent.ops.settings")
    from rejent.ops.logs import configure_logs

    name = WEB if arguments[:1] == [WEB] else "-".join(arguments)
    configure_logs(process=name)
    os.environ["REJENT_PROCESS"] = name
    try:
        set_up()
        recorder = _recorder(arguments)
        if recorder is None or not recorder.sees_packets:
            drop_net_raw()
        _watch_ledger()
        if recorder is not None:
            _confine(recorder, name, arguments[1:])
        threading.Thread(target=_stop_with_supervisor, daemon=True).start()
        with after_predecessor(name, _runtime()):
            return _run(arguments, recorder)
    except RejentError as error:
        log.error("process.refused", code=error.code, said=str(error))  # noqa: TRY400 - one line is enough
    except Exception:
        log.exception("process.failed")
    return 1


def _recorder(arguments: list[str]) -> "RecorderProcess | None":
    """Return the stream's recorder process of this name; None for processes that record nothing."""
    from rejent.ops.serving.gateway_process import GATEWAY
    from rejent.recording.stream_parts import processes

    return next((each for each in [GATEWAY, *processes()] if [each.name] == arguments[:1]), None)


def _run(arguments: list[str], recorder: "RecorderProcess | None") -> int:
    match arguments:
        case ["web", host, port]:
            from rejent.ops.serving.server import serve

            return serve(host, int(port))  # type: ignore[outside-number]  # of our parent
        case ["keeper"]:
            from rejent.ops.keeper import keep_on

            return keep_on()
        case [_, *given] if recorder is not None:
            status: int = resolve_name(recorder.run)(*given)
            return status
    log.error("process.unknown")
    return 2


def _runtime() -> Path:
    from django.conf import settings

    folder: Path = settings.INSTALLATION.runtime
    return folder


def _watch_ledger() -> None:
    """Take back what an older database lacks, and start anew where one is put back meanwhile."""
    from django.conf import settings

    from rejent.registers.guard.rollback import rollback_guard
    from rejent.registers.signing.restoring import continue_published

    def start_anew() -> None:
        log.error("ledger.shrunk", advice="an older database was put back; the process starts anew")
        os.kill(os.getpid(), signal.SIGTERM)

    continue_published(settings.LEDGER, clock=settings.CLOCK)
    rollback_guard.on_shrunk = start_anew
    rollback_guard.published = published_size


def published_size() -> int:
    """Return the size of the newest published checkpoint, whoever signed it; a recorder may not read it."""
    from django.conf import settings

    from rejent.ledger.signed.checkpoint import parse_checkpoint
    from rejent.ledger.signed.note import parse

    try:
        published = settings.LEDGER.log.checkpoint()
        return parse_checkpoint(parse(published)).size if published else 0
    except (OSError, RejentError):
        return 0


def _confine(recorder: "RecorderProcess", name: str, arguments: list[str]) -> None:
    """Keep a recorder away from the private keys, before it starts anything."""
    from django.conf import settings

    from rejent.vault.landlock import confine_recorder

    reach, installation = recorder.prepare(), settings.INSTALLATION
    settings.VAULT.take_over(
        recorder.sources(*arguments), lambda other: is_running(other, installation.runtime)
    )
    confinement = confine_recorder(
        installation.directory,
        name,
        reads_files=installation.test,
        removes_objects=recorder.removes_objects
        or bool(installation.storage),  # what was sent to S3 leaves the folder
        read=reach.read,
        change=reach.change,
    )
    if not confinement.effective:
        log.warning("recorder.not-confined", why=confinement.reason)
    elif confinement.reason:
        log.warning("recorder.confined-in-part", why=confinement.reason)


def _stop_with_supervisor() -> None:
    """Block until the supervisor's end of the pipe closes, then stop as on a request, and at last without one."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(STOPPING_S)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
