"""A mail server for tests: speaks SMTP (RFC 5321, AUTH PLAIN of RFC 4954) on a loopback port and keeps what it was handed."""

import socketserver
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default


@dataclass
class Mailbox:
    """What came, and whether the server takes anything."""

    port: int = 0
    letters: list[tuple[str, Message]] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    refuses: bool = False


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """Answer one connection."""
        box: Mailbox = self.server.mailbox  # type: ignore[attr-defined]
        self._say("220 mail.example")
        to = ""
        while line := self.rfile.readline().decode().strip():
            verb = line.upper()
            if verb.startswith("EHLO"):
                self.wfile.write(b"250-mail.example\r\n250 AUTH PLAIN\r\n")
            elif verb.startswith("AUTH PLAIN"):
                box.signed_in.append(b64decode(line.split()[2]).decode().replace("\0", ":"))
                self._say("235 2.7.0 accepted")
            elif verb.startswith("RCPT"):
                to = line.partition("<")[2].partition(">")[0]
                self._say("550 5.1.1 nobody here" if box.refuses else "250 2.1.5 ok")
            elif verb == "DATA":
                self._say("354 go on")
                box.letters.append((to, self._letter()))
                self._say("250 2.0.0 taken")
            elif verb == "QUIT":
                self._say("221 2.0.0 bye")
                return
            else:
                self._say("250 2.0.0 ok")

    def _letter(self) -> Message:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return message_from_bytes(b"".join(lines), policy=default)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A mail server that runs."""
    box = Mailbox()
    with socketserver.TCPServer(("127.0.0.1", 0), _Session) as server:
        server.mailbox = box  # type: ignore[attr-defined]
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
