"""One round of every keeper, as the command runs it once and the program again and again."""

from collections.abc import Callable
from functools import partial

import structlog
from django.conf import settings

from rejent.access.services import close_ended_viewings
from rejent.access.services.supervision import draw_samples, keep_digests
from rejent.catalog.services.completeness import compare_hour
from rejent.content.opening import open_for_keeper
from rejent.kernel.clock import Clock
from rejent.registers.repetition import enter_counts
from rejent.retention.call_records import forget_ended_records
from rejent.retention.clock_guard import stepped
from rejent.retention.keeping import Round
from rejent.retention.services import keep_once
from rejent.streams.calls.player.announcements import find_announcements

log = structlog.get_logger(__name__)


def keep_round(clock: Clock) -> Round:
    """Close viewings that have ended, draw samples, file reports, then all that retention keeps, then look for announcements; what fails stops nothing else.

    What is said once for all of days and hours that are over waits while the clock is off that somebody put elsewhere.

    Raises:
        InstallationChangedError: ``rejent.toml`` was made to call a real installation a test one.
    """
    keeping = settings.KEEPING()
    parts: tuple[tuple[str, Callable[..., int]], ...] = (
        ("viewings", close_ended_viewings),
        ("repetitions", enter_counts),
    )
    by_the_clock: tuple[tuple[str, Callable[..., int]], ...] = (
        ("samples", draw_samples),
        ("completeness", compare_hour),
        ("call records", forget_ended_records),
        ("reports", partial(keep_digests, settings.DIGEST)),
    )
    parts += () if stepped(clock) else by_the_clock
    failed = [told for name, part in parts if (told := _failure(name, part, clock))]
    done = keep_once(keeping)
    told = _failure("announcements", partial(find_announcements, open_for_keeper()), clock)
    done.failed += [*failed, told] if told else failed
    return done


def _failure(name: str, part: Callable[..., int], clock: Clock) -> str:
    """Do one part; one line where it failed."""
    try:
        part(clock=clock)
    except Exception:
        log.exception("keeper.part-failed", part=name)
        return f"{name}: failed, see the log"
    return ""
