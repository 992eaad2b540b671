"""One process under the supervisor: ``python -m rejent.ops.process web|keeper|recorder|calls|mirror|announcing|import …``."""

import fcntl
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from rejent.cli.opening import PRIVATE, set_up
from rejent.kernel.capabilities import drop_net_raw
from rejent.kernel.errors import RejentError

log = structlog.get_logger()

RECORDERS = (["recorder"], ["calls"], ["mirror"], ["announcing"], ["import"])
"""Processes that only record, or announce that others do; no private key is theirs to read."""
STOPPING_S = 20.0
"""Seconds in which a process may finish what it has begun."""


def main(arguments: list[str]) -> int:
    """Run the named process until its end; returns the exit status."""
    os.umask(PRIVATE)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rejent.ops.settings")
    from rejent.ops.logs import configure_logs

    name = "-".join(arguments if arguments[:1] == ["recorder"] else arguments[:1])
    configure_logs(process=name)
    os.environ["REJENT_PROCESS"] = name
    try:
        if arguments[:1] != ["mirror"]:
            drop_net_raw()
        set_up()
        _watch_ledger()
        if arguments[:1] in RECORDERS:
            _confine(arguments[0])
        threading.Thread(target=_stop_with_supervisor, daemon=True).start()
        with after_predecessor(name, _runtime()):
            return _run(arguments)
    except RejentError as error:
        log.error("process.refused", code=error.code, said=str(error))  # noqa: TRY400 - one line is enough
    except Exception:
        log.exception("process.failed")
    return 1


def _run(arguments: list[str]) -> int:
    match arguments:
        case ["web", host, port]:
            from rejent.ops.serving import serve

            return serve(host, int(port))
        case ["keeper"]:
            from rejent.ops.keeping import keep_on

            return keep_on()
        case ["recorder", slot]:
            from rejent.ops.recorders import record

            return record(int(slot))
        case [name]:
            return _run_calls(name)
    log.error("process.unknown")
    return 2


def _run_calls(name: str) -> int:
    """A process that has to do with calls."""
    match name:
        case "calls" | "mirror" as way:
            from rejent.ops.call_recorder import record_calls

            return record_calls(way)
        case "import":
            from rejent.ops.call_import import import_calls

            return import_calls()
        case "announcing":
            from rejent.ops.announcing import announce_calls

            return announce_calls()
    log.error("process.unknown")
    return 2


def _runtime() -> Path:
    from django.conf import settings

    folder: Path = settings.INSTALLATION.runtime
    return folder


@contextmanager
def after_predecessor(name: str, folder: Path) -> Iterator[None]:
    """Wait until the process of the same name that a killed supervisor left has finished; then keep others waiting.

    The lock's file says our number, and in a second line when we began: a number alone may be the predecessor's still.
    """
    with _lock_file(name or "none", folder).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n{_begun(os.getpid())}\n")
        lock.flush()
        yield


def _lock_file(name: str, folder: Path) -> Path:
    return folder / f"process-{name}.lock"


def is_running(name: str, folder: Path) -> bool:
    """Whether a process of this name still runs here, left by a killed supervisor."""
    try:
        with _lock_file(name, folder).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def running_pid(name: str, folder: Path) -> int | None:
    """The number of the process of this name that runs here, or nothing; nothing also before it has said its number."""
    if not is_running(name, folder):
        return None
    number, _, begun = _lock_file(name, folder).read_text(encoding="ascii").strip().partition("\n")
    return int(number) if begun and _begun(int(number)) == begun else None


def _begun(process: int) -> str:
    """When a process began, in ticks since the machine did (proc_pid_stat(5), field 22); empty where it is no more."""
    try:
        told = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    state, *rest = told.rpartition(")")[2].split()
    return "" if state in {"Z", "X"} else rest[18]


def _watch_ledger() -> None:
    """Take back what an older database lacks, and start anew where one is put back meanwhile."""
    from django.conf import settings

    from rejent.registers.restoring import continue_published
    from rejent.registers.rollback import rollback_guard

    def start_anew() -> None:
        log.error("ledger.shrunk", advice="an older database was put back; the process starts anew")
        os.kill(os.getpid(), signal.SIGTERM)

    continue_published(settings.LEDGER, clock=settings.CLOCK)
    rollback_guard.on_shrunk = start_anew
    rollback_guard.published = published_size


def published_size() -> int:
    """How many entries the newest published checkpoint is over, whoever signed it; a recorder may not read it."""
    from django.conf import settings

    from rejent.ledger.checkpoint import parse_checkpoint
    from rejent.ledger.note import parse

    try:
        published = settings.LEDGER.log.checkpoint()
        return parse_checkpoint(parse(published)).size if published else 0
    except (OSError, RejentError):
        return 0


def _confine(name: str) -> None:
    """Keep a recorder away from the private keys, before it starts anything."""
    from django.conf import settings

    from rejent.ops.call_lines import read_places
    from rejent.ops.encryption import session_encryption
    from rejent.vault.landlock import confine_recorder

    if name == "recorder":
        _read_while_it_may_be = settings.VAULT.credentials
    installation = settings.INSTALLATION
    if name == "calls":
        with suppress(RejentError):
            session_encryption(installation)
    read, change = read_places() if name == "import" else ((), ())
    confinement = confine_recorder(
        installation.directory, reads_files=installation.test, read=read, change=change
    )
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
