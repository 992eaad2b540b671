"""One process under the supervisor: ``python -m rejent.site.process web|keeper|recorder|calls …``."""

import fcntl
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import structlog

from rejent.cli.opening import PRIVATE
from rejent.kernel.errors import RejentError

log = structlog.get_logger()

RECORDERS = (["recorder"], ["calls"])
"""Processes that only record."""
STOPPING_S = 20.0
"""Seconds in which a process may finish what it has begun."""


def main(arguments: list[str]) -> int:
    """Run the named process until its end; returns the exit status."""
    os.umask(PRIVATE)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rejent.site.settings")
    from rejent.site.logs import configure_logs

    name = "-".join(arguments if arguments[:1] == ["recorder"] else arguments[:1])
    configure_logs(process=name)
    os.environ["REJENT_PROCESS"] = name
    try:
        django.setup()
        _watch_ledger()
        if arguments[:1] in RECORDERS:
            _confine()
        threading.Thread(target=_stop_with_supervisor, daemon=True).start()
        with _after_predecessor(name):
            return _run(arguments)
    except RejentError as error:
        log.error("process.refused", code=error.code, said=str(error))  # noqa: TRY400 - one line is enough
    except Exception:
        log.exception("process.failed")
    return 1


def _run(arguments: list[str]) -> int:
    match arguments:
        case ["web", host, port]:
            from rejent.site.serving import serve

            return serve(host, int(port))
        case ["keeper"]:
            from rejent.site.keeping import keep_on

            return keep_on()
        case ["recorder", slot]:
            from rejent.site.recorders import record

            return record(int(slot))
        case ["calls"]:
            from rejent.site.call_recorder import record_calls

            return record_calls()
    log.error("process.unknown")
    return 2


@contextmanager
def _after_predecessor(name: str) -> Iterator[None]:
    """Wait until the process of the same name that a killed supervisor left has finished; then keep others waiting."""
    from django.conf import settings

    folder = settings.INSTALLATION.runtime
    with (folder / f"process-{name or 'none'}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_running(name: str, folder: Path) -> bool:
    """Whether a process of this name still runs here, left by a killed supervisor."""
    try:
        with (folder / f"process-{name}.lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _watch_ledger() -> None:
    """Take back what an older database lacks, and start anew where one is put back meanwhile."""
    from django.conf import settings

    from rejent.registers.restoring import continue_published
    from rejent.registers.services import growth

    def start_anew() -> None:
        log.error("ledger.shrunk", advice="an older database was put back; the process starts anew")
        os.kill(os.getpid(), signal.SIGTERM)

    continue_published(settings.LEDGER, clock=settings.CLOCK)
    growth.on_shrunk = start_anew
    growth.published = published_size


def published_size() -> int:
    """How many entries the newest published checkpoint is over, whoever signed it; a recorder may not read it."""
    from django.conf import settings

    from rejent.ledger.checkpoint import unverified_checkpoint
    from rejent.ledger.note import parse

    try:
        published = settings.LEDGER.log.checkpoint()
        return unverified_checkpoint(parse(published)).size if published else 0
    except (OSError, RejentError):
        return 0


def _confine() -> None:
    """Keep a recorder away from the private keys, before it starts anything."""
    from django.conf import settings

    from rejent.vault.confine import confine_recorder

    _read_while_it_may_be = settings.VAULT.credentials
    installation = settings.INSTALLATION
    confinement = confine_recorder(installation.directory, reads_files=installation.test)
    if not confinement.effective:
        log.warning("recorder.not-confined", why=confinement.reason)


def _stop_with_supervisor() -> None:
    """Block until the supervisor's end of the pipe closes, then stop as if told to, and at last without being told."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(STOPPING_S)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
