"""As much of a browser as it takes to open a recording: cookies, forms, and perhaps the certificate of a station."""

import json
import ssl
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPSConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.waiting import CEILING_S

HOST = "monitoring.example"
"""The name of the office's pages; by it nobody counts as the machine itself."""
PASSWORD = "cicha rzeka o świcie 7"


@dataclass
class Answer:
    """What the program answered.

    Attributes:
        cookies: those that it set, as it wrote them.
    """

    status: int
    text: str
    headers: dict[str, str]
    cookies: list[str] = field(default_factory=list)


@dataclass
class Browser:
    """As much of a browser as it takes: cookies, forms, and perhaps a certificate.

    Attributes:
        port: where the program listens.
        pages: the file of the pages' own certificate, which it trusts.
        pem: the file of the station's key and certificate; nothing for a computer that has none.
    """

    port: int
    pages: Path
    pem: Path | None = None
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def context(self) -> ssl.SSLContext:
        """How it connects."""
        context = ssl.create_default_context(cafile=str(self.pages))
        context.check_hostname = False  # the loopback has not the office's name
        if self.pem is not None:
            context.load_cert_chain(self.pem)
        return context

    def ask(
        self,
        method: str,
        path: str,
        form: dict[str, str] | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> Answer:
        """One question, on a connection of its own."""
        own = [("Host", HOST), ("Origin", f"https://{HOST}"), ("Cookie", self.cookie), *headers]
        body = b""
        if form is not None:
            body = urlencode({**form, "csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}).encode()
            own += [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", str(len(body)))]
        with closing(self.connection()) as connection:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in own:
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            cookies = response.headers.get_all("Set-Cookie") or []
            for cookie in cookies:
                self.cookies |= {name: one.value for name, one in SimpleCookie(cookie).items()}
            text = response.read().decode("utf-8", "replace")
            return Answer(response.status, text, dict(response.headers), cookies)

    def connection(self) -> HTTPConnection:
        """A new connection to the pages."""
        return HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=CEILING_S)

    @property
    def cookie(self) -> str:
        """The cookies it holds."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def sign_in(self, username: str) -> "Browser":
        """Sign in with the password of every account here."""
        self.ask("GET", "/account/login/")
        answer = self.ask("POST", "/account/login/", {"login": username, "password": PASSWORD})
        assert answer.status == 302, answer
        return self

    def find(self, source: str) -> Answer:
        """Ask for the recording of yesterday 8:00:30."""
        return self.ask(
            "POST", "/find",
            {"source": source, "day": "wczoraj", "time": "8:00:30", "purpose": "mienie", "case": "OR.1431.17.2026",
             "acknowledged": "on"},
        )  # fmt: skip

    def open(self, source: str) -> str:
        """Open that recording; the address of the viewing."""
        answer = self.find(source)
        assert answer.status == 302, answer.text
        return answer.headers["Location"].split("?")[0]

    def json(self, path: str) -> tuple[int, Any]:
        """What a script is answered."""
        answer = self.ask("GET", path, headers=[("Accept", "application/json")])
        return answer.status, json.loads(answer.text)


class Proxy(Browser):
    """A browser as its proxy hands it on: over plain HTTP, with what the proxy and whoever asks write into headers."""

    def connection(self) -> HTTPConnection:
        """A new connection of the proxy."""
        return HTTPConnection("127.0.0.1", self.port, timeout=CEILING_S)
