"""One round of every keeper, as the command runs it once and the program again and again."""

from collections.abc import Callable
from functools import partial

import structlog
from django.conf import settings

from rejent.access.services import close_ended_viewings
from rejent.access.services.supervision import draw_samples, keep_digests
from rejent.kernel.clock import Clock
from rejent.registers.repetition import enter_counts
from rejent.retention.keeping import Round
from rejent.retention.services import keep_once

log = structlog.get_logger(__name__)


def keep_round(clock: Clock) -> Round:
    """Close viewings that have ended, draw samples, file reports, then all that retention keeps; what fails stops nothing else.

    Raises:
        InstallationChangedError: ``rejent.toml`` was made to call a real installation a test one.
    """
    keeping = settings.KEEPING()
    failed = []
    parts: tuple[tuple[str, Callable[..., int]], ...] = (
        ("viewings", close_ended_viewings),
        ("repetitions", enter_counts),
        ("samples", draw_samples),
        ("reports", partial(keep_digests, settings.DIGEST)),
    )
    for name, part in parts:
        try:
            part(clock=clock)
        except Exception:
            log.exception("keeper.part-failed", part=name)
            failed.append(f"{name}: failed, see the log")
    done = keep_once(keeping)
    done.failed += failed
    return done
