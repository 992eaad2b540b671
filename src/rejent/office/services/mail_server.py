"""Setting, removing and trying the office's mail server; the ledger names who did and which server, never its password."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock
from rejent.office.acts import MAIL_SERVER_REMOVED, MAIL_SERVER_SET, MAIL_SERVER_TRIED
from rejent.office.errors import MailRefusedError, MailServerRefusedError
from rejent.office.people.mailing import (
    FILE,
    Letter,
    MailServer,
    read_mail_server,
    require_address,
    require_usable,
    send_trial,
    write_mail_server,
)
from rejent.registers import queries as registers
from rejent.registers.services import enter

SUBJECT = "mail-server"


def set_mail_server(secrets: Path, server: MailServer, *, clock: Clock, actor: str) -> None:
    """Set the mail server; without a password it keeps the one it has, as long as that goes where it went. Raises MailServerRefusedError."""
    server = _with_password_kept(server, read_mail_server(secrets))
    require_usable(server)
    with transaction.atomic():
        _enter(MAIL_SERVER_SET, server, clock, actor, security=server.security.value)
        write_mail_server(secrets, server)


def remove_mail_server(secrets: Path, *, clock: Clock, actor: str) -> None:
    """Take the mail server out: nobody is reminded by e-mail any more. Raises MailServerRefusedError: none is set."""
    server = _require_set(secrets)
    with transaction.atomic():
        _enter(MAIL_SERVER_REMOVED, server, clock, actor)
        (secrets / FILE).unlink()


def try_mail_server(secrets: Path, address: str, *, clock: Clock, actor: str) -> str:
    """Send a test message and return the server's answer: it took the message, which is not that it arrived.

    Raises MailServerRefusedError: none is set, or ``address`` is none; MailRefusedError: the server did not take it.
    """
    server = _require_set(secrets)
    require_address(address, "address")
    with translation.override(settings.LANGUAGE_CODE):
        subject = gettext("Test message")
        lines = (
            gettext("This is a test message of the program that keeps the office's recordings."),
            gettext("It arrived: reminders sent to this address arrive, too."),
        )
    try:
        answer = send_trial(server, Letter(address, subject, lines, lambda: None), clock)
    except MailRefusedError:
        with transaction.atomic():
            _enter(MAIL_SERVER_TRIED, server, clock, actor, passed=False)
        raise
    with transaction.atomic():
        _enter(MAIL_SERVER_TRIED, server, clock, actor, passed=True)
    return answer


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger knows of the server that is set: who set it when (``at`` is None where the file says other than the ledger), whether it took the last test message since."""

    actor: str = ""
    at: datetime | None = None
    passed: bool | None = None


def standing_of(server: MailServer | None) -> Standing:
    """Return what the ledger knows of a server."""
    standing = Standing()
    for entry in registers.entered_on(
        SUBJECT, [MAIL_SERVER_SET.name, MAIL_SERVER_TRIED.name], committed_only=True
    ):
        facts = entry.facts or {}
        if server is None or any(facts.get(key) != value for key, value in _facts_of(server).items()):
            standing = Standing()
        elif entry.act == MAIL_SERVER_SET.name:
            standing = Standing(entry.actor, entry.at)
        else:
            standing = replace(standing, passed=bool(facts.get("passed")))
    return standing


def _facts_of(server: MailServer) -> dict[str, object]:
    return {"host": server.host, "port": server.port, "sender": server.sender}


def _with_password_kept(server: MailServer, before: MailServer | None) -> MailServer:
    """Return the server with the password it has: nobody sends that to another host, or in another way, who does not know it."""
    if before is None or not server.user or server.password:
        return server
    same = replace(server, sender=before.sender, password=before.password) == before
    return replace(server, password=before.password) if same else server


def _require_set(secrets: Path) -> MailServer:
    server = read_mail_server(secrets)
    if server is None:
        raise MailServerRefusedError("No mail server is set.")
    return server


def _enter(act: Act, server: MailServer, clock: Clock, actor: str, **more: object) -> None:
    record = {**_facts_of(server), **more}
    enter(act, actor=actor, subject=SUBJECT, record=record, at=clock.now())
