"""A real Dovecot (Debian's) of its own on loopback, with one user whose maildir lies in a folder of ours."""

import imaplib
import os
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.certificates import Authority
from tests.ports import free_port
from tests.waiting import CEILING_S, until

USER, PASSWORD = "anna@urzad.example", "hasło-do-skrzynki"
_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
first_valid_uid = 1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A server that runs: its ports in the clear and by TLS, and who signed its certificate."""

    port: int
    tls: int
    authority: Path

    def put(self, folder: str, messages: Sequence[tuple[datetime, bytes]]) -> None:
        """Put messages into a folder, each with the time of its delivery."""
        context = ssl.create_default_context(cafile=self.authority)
        with imaplib.IMAP4_SSL("127.0.0.1", self.tls, ssl_context=context, timeout=CEILING_S) as client:
            client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
            if folder != "INBOX":
                client.create(f'"{folder}"')
            for at, content in messages:
                told = client.append(f'"{folder}"', "", imaplib.Time2Internaldate(at), content)
                assert told[0] == "OK", told

    def seen(self, folder: str) -> int:
        """Count the messages that somebody has read."""
        context = ssl.create_default_context(cafile=self.authority)
        with imaplib.IMAP4_SSL("127.0.0.1", self.tls, ssl_context=context, timeout=CEILING_S) as client:
            client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
            client.select(folder, readonly=True)
            return len(client.uid("SEARCH", "SEEN")[1][0].split())


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """Run a Dovecot; it and everything of it is gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    folder.chmod(0o755)
    (folder / "ca").mkdir()
    authority = Authority(folder / "ca")
    signed = authority.server("127.0.0.1")
    port, tls, root = free_port(), free_port(), os.geteuid() == 0
    uid, gid = (65534, 65534) if root else (os.getuid(), os.getgid())
    (folder / "mail").mkdir()
    os.chown(folder / "mail", uid, gid)
    own = str(os.getuid())
    settings = {
        "folder": folder, "port": port, "tls": tls, "uid": uid, "gid": gid, "password": PASSWORD, "certificate": signed.certificate, "key": signed.key,
        "internal": "dovecot" if root else own, "internal_group": "dovecot" if root else str(os.getgid()), "login": "dovenull" if root else own,
    }  # fmt: skip
    (folder / "dovecot.conf").write_text(_CONFIG.format(**settings))
    process = subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", str(folder / "dovecot.conf")])
    try:
        until(lambda: _answers(port))
        yield Dovecot(port, tls, authority.file)
    finally:
        process.terminate()
        process.wait(CEILING_S)
        shutil.rmtree(folder)


def _answers(port: int) -> bool:
    try:
        with imaplib.IMAP4("127.0.0.1", port, timeout=CEILING_S) as client:
            return client.noop()[0] == "OK"
    except (OSError, imaplib.IMAP4.error):
        return False
