"""The scanners that an installation sets."""

import structlog

from rejent.kernel.clock import Clock
from rejent.kernel.errors import InputRefusedError
from rejent.streams.mail.threats.checking import CHECK_S, Examiner, Scanner, Unusable
from rejent.streams.mail.threats.clamd import Clamd
from rejent.streams.mail.threats.known import read_known
from rejent.streams.mail.threats.settings import MailSettings

log = structlog.get_logger(__name__)
_ASKED_S = 2.0


def scanners_of(stated: MailSettings, clock: Clock) -> list[Scanner]:
    """Return what messages are held against; what is set and cannot be used is among it, so that it is said of each message."""
    found: list[Scanner] = []
    if stated.yara_rules or stated.host_lists:
        try:
            found.append(Examiner(read_known(stated.yara_rules, stated.host_lists), clock))
        except InputRefusedError as error:
            log.error("mail.rules-refused", why=str(error))  # noqa: TRY400 - one line is enough
            found += _apart(stated, clock)
    if stated.clamd:
        found.append(Clamd(stated.clamd, clock, CHECK_S))
    return found


def _apart(stated: MailSettings, clock: Clock) -> list[Scanner]:
    """Return the rules and the lists by themselves, so that what is wrong with one leaves the other."""
    found: list[Scanner] = []
    for name, folders in _folders(stated):
        try:
            found.append(Examiner(read_known(*folders), clock))
        except InputRefusedError:
            found.append(Unusable(name))
    return found


def _folders(stated: MailSettings) -> list[tuple[str, tuple[str, str]]]:
    """Return the rules and the lists that are set, each by itself, as `read_known` takes them."""
    both = (("yara", (stated.yara_rules, "")), ("hosts", ("", stated.host_lists)))
    return [(name, folders) for name, folders in both if any(folders)]


def state_of(stated: MailSettings, clock: Clock) -> dict[str, str]:
    """Return of each scanner that is set whether it can be used now, in a line."""
    states: dict[str, str] = {}
    for name, folders in _folders(stated):
        try:
            known = read_known(*folders)
        except InputRefusedError as error:
            states[name] = str(error)
        else:
            hosts = f"{sum(map(len, known.hosts.values()))} hosts"
            states[name] = f"{len(known.rules)} files" if known.rules else hosts
    if stated.clamd:
        states["clamav"] = "answers" if Clamd(stated.clamd, clock, _ASKED_S).answers() else "does not answer"
    return states
