"""One round of every keeper, as the command runs it once and the program again and again."""

from collections.abc import Callable, Iterable
from functools import partial

import structlog
from django.conf import settings

from rejent.access.services import close_ended_viewings
from rejent.access.services.supervision import draw_samples, keep_weekly_reports
from rejent.cases.attachments.services import keep_files
from rejent.cases.copies.services import finish_copies, finish_destructions
from rejent.cases.reminding import send_reminders
from rejent.catalog.services.sweep import enter_outages
from rejent.devices.services import sign_requests
from rejent.kernel.clock import Clock
from rejent.registers.erasure_traces import remove_traces
from rejent.registers.repetition import enter_counts
from rejent.retention.clock import stepped
from rejent.retention.rounds.round import Keeping, Round
from rejent.retention.services import keep_once
from rejent.retention.stream_parts import Chore, When, chores

log = structlog.get_logger(__name__)


def keep_round(clock: Clock) -> Round:
    """Run every keeper once, with the chores of every kind of stream; one that fails stops no other.

    What is said once for all of days and hours that are over waits while the clock is off that somebody put elsewhere.
    Raises InstallationChangedError: ``rejent.toml`` was made to call a real installation a test one.
    """
    keeping = settings.KEEPING()
    done = Round()
    before = [
        _chore("certificates", sign_requests),
        _chore("viewings", close_ended_viewings),
        _chore("repetitions", enter_counts),
    ]
    if not stepped(clock):
        digests = _chore("reports", partial(keep_weekly_reports, settings.WEEKLY_REPORT))
        reminders = _chore("reminders", partial(send_reminders, settings.INSTALLATION.secrets))
        before.append(_chore("outages", enter_outages))
        before += [_chore("samples", draw_samples), *chores(When.BEFORE), digests, reminders]
    failed = _failures(before, keeping, done)
    done = keep_once(keeping)
    after = [
        Chore("copies", When.AFTER, partial(_keep, finish_copies)),
        Chore("destroyed copies", When.AFTER, partial(_keep, finish_destructions)),
        Chore("attached files", When.AFTER, partial(_keep, keep_files)),
        *chores(When.AFTER),
        _chore("erased traces", remove_traces),
    ]
    done.failed += failed + _failures(after, keeping, done)
    return done


def _keep(finish: Callable[[Keeping], list[str]], keeping: Keeping, done: Round) -> None:
    done.failed += finish(keeping)


def _chore(name: str, run: Callable[..., int]) -> Chore:
    return Chore(name, When.BEFORE, lambda keeping, _: run(clock=keeping.clock))


def _failures(chores: Iterable[Chore], keeping: Keeping, done: Round) -> list[str]:
    failed = []
    for chore in chores:
        try:
            chore.run(keeping, done)
        except Exception:
            log.exception("keeper.part-failed", part=chore.name)
            failed.append(f"{chore.name}: failed, see the log")
    return failed
