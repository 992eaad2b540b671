"""The keeper process: a round each ten seconds, a checkpoint each minute inside it; devices wait a second for a certificate."""

import signal
import threading

import structlog
from django.conf import settings
from django.db import close_old_connections

from rejent.cli.storage.rounds import keep_round
from rejent.devices.services import sign_requests
from rejent.kernel.errors import RejentError

log = structlog.get_logger()
ROUNDS_S, SIGNING_S = 10.0, 1.0


def keep_on() -> int:
    """Run rounds until stopped; a failed round is logged and the next one tries again."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    while not stop.is_set():
        try:
            round_ = keep_round(settings.CLOCK)
        except RejentError as error:
            log.error("keeper.refused", code=error.code, said=str(error))  # noqa: TRY400 - one line is enough
        except Exception:
            log.exception("keeper.failed")
        else:
            for failure in round_.failed:
                log.error("keeper.part-failed", part=failure)
        _wait(stop)
    return 0


def _wait(stop: threading.Event) -> None:
    """Wait for the next round, and sign meanwhile what devices ask for."""
    close_old_connections()
    for _ in range(round(ROUNDS_S / SIGNING_S)):
        if stop.wait(SIGNING_S):
            return
        try:
            sign_requests(clock=settings.CLOCK)
        except Exception:
            log.exception("keeper.unsigned")
        close_old_connections()
