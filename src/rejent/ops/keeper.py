"""The keeper process: a round each ten seconds, a checkpoint each minute inside it."""

import signal
import threading

import structlog
from django.conf import settings
from django.db import close_old_connections

from rejent.cli.storage.rounds import keep_round
from rejent.kernel.errors import RejentError

log = structlog.get_logger()
EVERY_S = 10.0


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
        close_old_connections()
        stop.wait(EVERY_S)
    return 0
