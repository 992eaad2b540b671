"""A real Postfix (Debian's) of its own on loopback, which archives by ``always_bcc`` and hands everything else to a world of ours."""

import json
import os
import shutil
import smtplib
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.ports import free_port
from tests.streams.mail_corpus import JOURNAL
from tests.waiting import CEILING_S, until

SENDER, PASSWORD = "postfix", "haslo-serwera-poczty"
ELSEWHERE = "127.0.0.9"
"""From where it connects, so that it is not taken for the machine of the journal itself."""
_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = poczta.urzad.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
smtp_dns_support_level = disabled
smtp_host_lookup = native
default_transport = smtp:[127.0.0.1]:{world}
always_bcc = {journal}
smtp_bind_address = {elsewhere}
smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = inline:{{ {{ [127.0.0.1]:{archive} = {sender}:{password} }} }}
smtp_sasl_security_options = noanonymous
smtp_tls_policy_maps = inline:{{ {{ [127.0.0.1]:{archive} = encrypt }} }}
transport_maps = inline:{{ archiwum.example=smtp:[127.0.0.1]:{archive} }}
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
"""
_MILTER = """
smtpd_milters = {milters}
milter_default_action = accept
"""
_SERVICES = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
showq unix n - n - - showq
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@contextmanager
def socket_folder() -> Iterator[Path]:
    """Yield a folder in which a program makes sockets that Postfix alone reaches, made as the guide says."""
    outer = Path(tempfile.mkdtemp(prefix="milter-"))
    outer.chmod(0o755)
    folder = outer / "rejent"
    folder.mkdir()
    shutil.chown(folder, group="postfix")
    folder.chmod(0o2750)
    try:
        yield folder
    finally:
        shutil.rmtree(outer)


@dataclass(slots=True)
class World:
    """Everybody outside: notes whom a message was for, and who sent it; refuses one address for good."""

    refused: str
    got: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - its own name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        """Take a recipient, or refuse it."""
        if address == self.refused:
            return "550 5.1.1 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 on"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its own name
        """Note a message."""
        self.got.append((envelope.mail_from or "", tuple(envelope.rcpt_tos)))
        return "250 on"


@dataclass(frozen=True, slots=True)
class Postfix:
    """A mail server that runs."""

    folder: Path
    port: int
    world: World

    def send(self, sender: str, to: list[str], content: bytes) -> None:
        """Hand a message over, as a program of a workstation does."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=CEILING_S) as client:
            client.sendmail(sender, to, content)

    def queue(self) -> list[dict[str, Any]]:
        """Return what waits in the queue."""
        told = subprocess.run(
            ["/usr/sbin/postqueue", "-c", str(self.folder / "etc"), "-j"], check=True, capture_output=True, text=True
        )  # fmt: skip
        return [json.loads(line) for line in told.stdout.splitlines()]

    def deferred(self, count: int) -> bool:
        """Return whether so many messages wait since an attempt failed."""
        return len([each for each in self.queue() if each["queue_name"] == "deferred"]) == count

    def log(self) -> str:
        """Return its log."""
        return (self.folder / "log").read_text()


@contextmanager
def postfix(archive: int, refused: str = "", *, milters: str = "") -> Iterator[Postfix]:
    """Run a Postfix that archives at a port, and hands what it takes to milters; it and everything of it is gone at the end."""
    assert os.geteuid() == 0, "Postfix is started by root alone"
    folder = Path(tempfile.mkdtemp(prefix="postfix-"))
    folder.chmod(0o755)
    world, outside, port = World(refused), free_port(), free_port()
    controller = Controller(world, hostname="127.0.0.1", port=outside)
    controller.start()
    settings = {"folder": folder, "world": outside, "archive": archive, "port": port, "journal": JOURNAL, "elsewhere": ELSEWHERE, "sender": SENDER, "password": PASSWORD}  # fmt: skip
    (folder / "etc").mkdir()
    (folder / "etc" / "main.cf").write_text(
        _MAIN.format(**settings) + (_MILTER.format(milters=milters) if milters else "")
    )
    (folder / "etc" / "master.cf").write_text(_SERVICES.format(**settings).lstrip())
    for name in ("queue", "data"):
        (folder / name).mkdir(mode=0o755)
    shutil.chown(folder / "data", "postfix", "postfix")
    try:
        process = subprocess.Popen(["/usr/sbin/postfix", "-c", str(folder / "etc"), "start-fg"])
        try:
            until(lambda: _answers(port))
            yield Postfix(folder, port, world)
        finally:
            subprocess.run(["/usr/sbin/postfix", "-c", str(folder / "etc"), "stop"], check=True)
            process.wait(CEILING_S)
    finally:
        controller.stop()
        shutil.rmtree(folder)


def _answers(port: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=CEILING_S) as client:
            return client.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False
