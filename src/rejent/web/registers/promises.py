"""The promises, numbered and ordered as in ``docs/promises.md``, and a check of them that runs beside the page."""

import logging
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise as Words
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.kernel.findings import Finding
from rejent.web.registers.letterheads import office_fingerprint
from rejent.web.requests.visitor import PersonRequest

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise: its number in ``docs/promises.md`` (empty for the one about recording), the words, and what they do not cover.

    The number is for documents and addresses; no page shows it. ``parts`` are the parts of the consistency check for it; where there
    are none, ``elsewhere`` says how it is checked. ``codes`` is a pattern of the codes of findings that concern it.
    """

    number: str
    words: str | Words
    not_promised: str | Words = ""
    parts: tuple[str, ...] = ()
    codes: str = ""
    elsewhere: str | Words = ""

    @property
    def key(self) -> str:
        """Its name in addresses."""
        return self.number or RECORDING

    def concerned_by(self, finding: Finding) -> bool:
        """Return whether a finding speaks of it."""
        return bool(self.codes) and re.fullmatch(self.codes, finding.code) is not None


RECORDING = "recording"
_AGAINST_LEDGER = r"[a-z]+\.(differs-from-ledger|row-missing|not-in-ledger|row-unreadable|check-unfinished)"

PROMISES: tuple[Promise, ...] = (
    Promise(
        "I1",
        _(
            "Nothing can be read after its deadline unless it is held, or copied under an application: not from disk, not from a backup."
        ),
        _("What somebody photographed from a screen before that."),
        ("retention",),
        r"retention\.(overdue|key-overdue|records-overdue|key-dead|key-alive|object-left)",
    ),
    Promise(
        "I2",
        _(
            "Nothing held or copied is destroyed early; nor is anything inside a fixed period, but what a party refused or what a decision "
            "erased for somebody recorded – not even by a full disk."
        ),
        _("The loss of the disk itself, without a backup."),
        ("retention", "catalog", "copies"),
        r"retention\.(held-.*|records-nameless|key-unknown|survivor-key-unknown)|catalog\.object-.*|copies\.(key-dead|object-(missing|changed))",
    ),
    Promise(
        "I3",
        _("Every acknowledged act is in the ledger before its effect."),
        "",
        ("registers", "office", "catalog", "access", "retention", "cases", "copies", "attachments"),
        _AGAINST_LEDGER,
    ),
    Promise(
        "I4",
        _(
            "Numbers of applications, copies, hand-overs, commissions, holds, viewings, authorisations, destructions, erasures and faults are "
            "unique and without gaps."
        ),
        _("Once an older database was put back, a number that it had lost may be given out again."),
        ("access", "retention", "office", "cases", "copies"),
        r"registers\.number-.*",
    ),
    Promise(
        "I5",
        _(
            "Nobody sees content without a valid authorisation, a purpose and a case, nor elsewhere than at a listed station where the "
            "regulation lists them, nor without the second person where it wants two, nor while they owe the protocol of an earlier "
            "viewing."
        ),
        _("A photographed screen can be attributed, not prevented."),
        ("access",),
        r"access\.(?!differs-from-ledger|row-missing|not-in-ledger).*",
    ),
    Promise(
        "I6",
        _(
            "No copy is handed over without an application, a consent by whoever is entitled to give it, a protocol or receipt, and a row "
            "in the register."
        ),
        _("What becomes of a copy once somebody else has it."),
        ("copies", "cases"),
        r"(copies|cases)\.(guard-missing|differs-from-ledger|row-missing|not-in-ledger|row-unreadable)",
    ),
    Promise(
        "I7",
        _("A copy is destroyed by two different people at least, with a protocol and a row in the register."),
        _(
            "One human with two accounts that share nothing cannot be recognised; that a carrier was broken is known by the commission's word alone."
        ),
        ("copies",),
        r"copies\.(confirmed-otherwise|undestroyed|key-alive|key-unknown|object-left|object-unknown|guard-missing)",
    ),
    Promise(
        "I8",
        _("The ledger only grows; a shortened, edited or forked one is noticed."),
        _("Without a witness outside the office, a fork of everything at once."),
        ("registers",),
        r"(ledger|registers)\.(?!number-).*",
    ),
    Promise(
        "I9",
        _(
            "A package of evidence can be verified elsewhere, without this program's help; a changed bit is found."
        ),
        _(
            "Whose key it is that signed, the package alone does not show: it is compared with the one that the office publishes."
        ),
        elsewhere=_(
            "Each package is checked by itself, wherever it is: by the page index.html in it, by verify.py beside that, or on the "
            "command line by rejent evidence verify."
        ),
    ),
    Promise(
        "I10",
        _("A restored old backup obeys the first two promises."),
        "",
        ("retention", "registers"),
        r"retention\.(key-dead|key-unknown|survivor-key-unknown)|registers\.(shortened|forked|witness|checkpoint).*",
    ),
    Promise(
        "",
        _(
            "Every gap has a start, an end and a cause; a stream that should run and does not raises an alarm."
        ),
        "",
        ("catalog",),
        r"catalog\.(?!object-|differs-from-ledger|row-missing|not-in-ledger).*",
    ),
)


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of a check; ``failed`` if the check itself broke off."""

    at: datetime
    took_s: float
    findings: Sequence[Finding]
    failed: bool = False

    def concerning(self, promise: Promise) -> list[Finding]:
        """Return the findings that speak of a promise."""
        return [finding for finding in self.findings if promise.concerned_by(finding)]

    @property
    def others(self) -> list[Finding]:
        """The findings that speak of no promise."""
        return [
            finding for finding in self.findings if not any(one.concerned_by(finding) for one in PROMISES)
        ]


class Checking:
    """One check at a time, in a thread of its own: of everything (its result in ``last``), or of one promise.

    ``running`` is the key of the promise under check, empty otherwise; ``running_since`` is None while no check runs.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, Checked] = {}
        self.last: Checked | None = None
        self.running = ""
        self.running_since: datetime | None = None

    @property
    def of(self) -> Mapping[str, Checked]:
        """The last check of each promise, by its key."""
        return MappingProxyType(self._of)

    def start(self, promise: Promise | None = None) -> None:
        """Begin a check of everything or of one promise; one that is under way goes on."""
        with self._lock:
            if self.running_since is not None:
                return
            self.running_since = settings.CLOCK.now()
            self.running = promise.key if promise else ""
        threading.Thread(target=self.check, args=(promise,), name="checking", daemon=True).start()

    def check(self, promise: Promise | None = None) -> None:
        """Check here and now, and keep the result."""
        started, began = settings.CLOCK.now(), settings.CLOCK.monotonic()
        findings: Sequence[Finding] = ()
        failed = True
        try:
            findings = tuple(settings.CHECKS(deep=False, parts=promise.parts if promise else ()))
            failed = False
        except Exception:
            log.exception("check.failed")
        finally:
            close_old_connections()
            done = Checked(started, settings.CLOCK.monotonic() - began, findings, failed)
            with self._lock:
                if promise is None:
                    self.last = done
                self._of.update({one.key: done for one in (promise,) if one})
                self._of.update({one.key: done for one in PROMISES if promise is None and one.parts})
                self.running_since, self.running = None, ""


CHECKING = Checking()


def promises(request: PersonRequest) -> HttpResponse:
    """Return each promise, whether it holds, and what it does not cover."""
    last = CHECKING.last
    context = {
        "rows": list(_rows()),
        "others": [finding.sentence(gettext) for finding in last.others] if last else [],
        "last": last,
        "running_since": CHECKING.running_since,
        "fingerprint": office_fingerprint(),
    }
    return render(request, "registers/promises.html", context)


def promise_check(request: PersonRequest) -> HttpResponse:
    """Begin a check of everything, or of one promise; the page shows it until it is done, whoever looks."""
    key = request.POST.get("promise", "")
    CHECKING.start(next((one for one in PROMISES if one.key == key and one.parts), None))
    return redirect("promises")


def _rows() -> Iterator[dict[str, Any]]:
    for promise in PROMISES:
        last = CHECKING.of.get(promise.key)
        findings = [finding.sentence(gettext) for finding in last.concerning(promise)] if last else []
        running = CHECKING.running_since is not None and CHECKING.running in {"", promise.key}
        shown = running and bool(promise.parts)
        yield {"promise": promise, "last": last, "findings": findings, "running": shown}
