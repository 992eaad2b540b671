"""Parts that the settings hand to the layers below: tools of the keepers, checks."""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from hashlib import sha256
from itertools import chain

import structlog
from django.conf import settings
from django.db import close_old_connections

from rejent.catalog.views import SegmentView
from rejent.content.errors import not_as_entered
from rejent.kernel.findings import Finding, run_checks
from rejent.office import queries as office
from rejent.retention.rounds.round import Keeping
from rejent.vault.age.recipients import Identity
from rejent.vault.age.sealed_reader import SealedReader

log = structlog.get_logger(__name__)


def keeping() -> Keeping:
    """Return the keepers' context. Raises InstallationChangedError: ``rejent.toml`` was made to call a real one a test."""
    office.require_as_created(settings.INSTALLATION)
    return _keeping()


def _keeping() -> Keeping:
    return Keeping(
        clock=settings.CLOCK, store=settings.VAULT.store, keys=settings.VAULT.keys, ledger=settings.LEDGER
    )


def in_background(work: Callable[[], object]) -> None:
    """Do something in a thread of its own, which ends with the process; what it raises is logged."""

    def done() -> None:
        try:
            work()
        except Exception:
            log.exception("background.failed")
        finally:
            close_old_connections()

    threading.Thread(target=done, name="background", daemon=True).start()


def findings(*, deep: bool = True, parts: Collection[str] = ()) -> Iterator[Finding]:
    """Yield every finding of the checks of ``registers``, ``office``, ``devices``, ``catalog``, ``access``, ``retention``, ``cases``, ``copies``, ``attachments`` and ``notices``, or of some parts.

    A ``deep`` check reads the bytes of what must be intact.
    """
    from rejent.access import checks as access
    from rejent.cases import checks as cases
    from rejent.cases.attachments import checks as attachments
    from rejent.cases.copies import checks as copies
    from rejent.catalog import checks as catalog
    from rejent.devices import checks as devices
    from rejent.notices import checks as notices
    from rejent.office import checks as office_checks
    from rejent.registers import checks as registers
    from rejent.retention import checks as retention

    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "registers": lambda: registers.findings(settings.LEDGER),
        "office": lambda: chain(
            office_checks.installation_findings(settings.INSTALLATION), office_checks.findings(settings.CLOCK)
        ),
        "devices": devices.findings,
        "catalog": lambda: catalog.findings(settings.VAULT.store, settings.CLOCK, deep=deep),
        "access": lambda: access.findings(settings.CLOCK),
        "retention": lambda: retention.findings(_keeping(), deep=deep),
        "cases": cases.findings,
        "copies": lambda: copies.findings(_keeping(), deep=deep),
        "attachments": lambda: attachments.findings(_keeping(), deep=deep),
        "notices": notices.findings,
    }
    for part, check in checks.items():
        if not parts or part in parts:
            yield from run_checks(part, {"findings": check})


def open_segment(segment: SegmentView, keys: dict[str, Identity] | None = None) -> SealedReader:
    """Return a segment's sealed object, open for reading; ``keys`` holds those that were opened for others with it.

    Raises NotAsEnteredError: another object lies there. Whoever knows a public half can seal one, but none with the same head.
    """
    opened: SealedReader = settings.VAULT.reader(
        segment.object_name, segment.recipient, truncated=segment.recovered, keys=keys
    )
    if sha256(opened.header_bytes).hexdigest() != segment.head:
        raise not_as_entered()
    return opened
