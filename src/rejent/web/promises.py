"""The promises, each with what checks it here; a check runs beside the page and survives leaving it."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import close_old_connections
from django.utils.functional import Promise as Words
from django.utils.translation import gettext_lazy as _

from rejent.kernel.findings import Finding

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise.

    Attributes:
        subjects: parts of the program whose checks speak of it; empty where only tests of the program do.
    """

    number: str
    words: str | Words
    not_promised: str | Words = ""
    subjects: tuple[str, ...] = ()


PROMISES: tuple[Promise, ...] = (
    Promise(
        "1",
        _("After its deadline nothing can be read, unless it is held or was copied in a case."),
        _("What somebody photographed from a screen before that."),
        ("retention", "vault", "keys"),
    ),
    Promise(
        "2",
        _(
            "Nothing that is held, copied or inside a fixed period is destroyed early, not even by a full disk."
        ),
        _("The loss of the disk itself, without a backup."),
        ("retention", "vault", "catalog"),
    ),
    Promise("3", _("Every act is in the register before it takes effect."), "", ("registers", "ledger")),
    Promise(
        "4",
        _("Numbers of holds, viewings and authorisations are unique and without gaps."),
        "",
        ("registers",),
    ),
    Promise(
        "5",
        _("Nobody sees content without a valid authorisation, a purpose and a case."),
        _("A photographed screen can be attributed, not prevented."),
        ("access",),
    ),
    Promise(
        "8",
        _("The ledger only grows; a shortened, edited or forked one is noticed."),
        _("Without a witness outside the office, a fork of everything at once."),
        ("ledger", "registers"),
    ),
    Promise(
        "10", _("A restored old backup obeys the first two promises."), "", ("retention", "keys", "registers")
    ),
    Promise(
        "R",
        _(
            "Every gap has a start, an end and a cause; a stream that should run and does not raises an alarm."
        ),
        "",
        ("catalog",),
    ),
)


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of the last check of everything.

    Attributes:
        took_s: how long it took.
        findings: what is not as it must be.
        failed: the check itself broke off.
    """

    at: datetime
    took_s: float
    findings: Sequence[Finding]
    failed: bool = False

    def concerning(self, promise: Promise) -> list[Finding]:
        """The findings that speak of a promise."""
        return [finding for finding in self.findings if finding.subject in promise.subjects]


class Checking:
    """One check of everything at a time, in a thread of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.last: Checked | None = None
        self.running_since: datetime | None = None

    def start(self) -> None:
        """Begin a check; one that is under way goes on."""
        with self._lock:
            if self.running_since is not None:
                return
            self.running_since = settings.CLOCK.now()
        threading.Thread(target=self._run, name="checking", daemon=True).start()

    def _run(self) -> None:
        started, began = settings.CLOCK.now(), settings.CLOCK.monotonic()
        findings: Sequence[Finding] = ()
        failed = True
        try:
            findings = tuple(settings.CHECKS(deep=False))
            failed = False
        except Exception:
            log.exception("check.failed")
        finally:
            close_old_connections()
            with self._lock:
                self.last = Checked(started, settings.CLOCK.monotonic() - began, findings, failed)
                self.running_since = None


CHECKING = Checking()
