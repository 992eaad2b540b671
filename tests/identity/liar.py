"""A provider on the loopback that answers exactly what a test wants, wrong as it may be; signatures are joserfc's."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import RSAKey

from rejent.office.sign_in.configured import Provider
from tests.certificates import Authority, Signed

CLIENT_ID = "rejent"
KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
NEXT_KEY = RSAKey.generate_key(2048, {"kid": "next", "use": "sig"})


class Liar:
    """What it answers; a test changes it at will.

    Attributes:
        claims: of its ID tokens, beside the usual ones; one that is None is left out.
        settings: of its discovery document, beside the usual ones.
        key: signs; published with every other in ``published``.
        drip: answers an octet at a time, for ever.
        token_status: of the answer to a code.
        asked: the forms that brought codes.
        nonce: what the token repeats.
    """

    def __init__(self, port: int, ca: Path) -> None:
        self.issuer = f"https://localhost:{port}"
        self.ca = ca
        self.claims: dict[str, Any] = {}
        self.settings: dict[str, Any] = {}
        self.key, self.published = KEY, [KEY]
        self.drip: str = ""
        self.token_status = 200
        self.asked: list[dict[str, list[str]]] = []
        self.nonce = ""

    def provider(self, **changed: Any) -> Provider:
        """What an installation would say of it."""
        return Provider(self.issuer, CLIENT_ID, "https://rejent.example", ca=str(self.ca), **changed)

    def discovery(self) -> dict[str, Any]:
        """Its settings."""
        own = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return {**own, **self.settings}

    def token(self) -> str:
        """An ID token."""
        now = int(time.time())
        usual = {
            "iss": self.issuer, "aud": CLIENT_ID, "sub": "u-1", "nonce": self.nonce,
            "iat": now, "exp": now + 60, "auth_time": now,
        }  # fmt: skip
        claims = {name: value for name, value in {**usual, **self.claims}.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def answer(self, path: str, form: str) -> tuple[int, object]:
        """What is said at an address."""
        match path:
            case "/.well-known/openid-configuration":
                return 200, self.discovery()
            case "/keys":
                return 200, {"keys": [key.as_dict(private=False) for key in self.published]}
            case "/token":
                self.asked.append(parse_qs(form))
                told = {"error": "invalid_grant"} if self.token_status == 400 else {"id_token": self.token()}
                return self.token_status, told
        return 404, {}


class Desk(BaseHTTPRequestHandler):
    """Hands over what the liar says."""

    server: "Server"

    def do_GET(self) -> None:
        """Questions."""
        self.say("")

    def do_POST(self) -> None:
        """Codes."""
        self.say(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def say(self, form: str) -> None:
        """Answer, or drip until the end."""
        liar = self.server.liar
        status, told = liar.answer(self.path, form)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        while liar.drip and liar.drip in self.path and not self.server.stopped.wait(0.5):
            try:
                self.wfile.write(b" ")
            except OSError:
                return
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Listens for the liar."""

    daemon_threads = True
    liar: Liar
    stopped: threading.Event

    def handle_error(self, *_: object) -> None:
        """Clients that break off are what is tested."""


@contextmanager
def lying_provider(authority: Authority, served: Signed) -> Iterator[Liar]:
    """Run it on a free port until the end of the block."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served.certificate, served.key)
    with Server(("127.0.0.1", 0), Desk) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.liar = Liar(server.server_port, authority.file)
        server.stopped = threading.Event()
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.liar
        finally:
            server.stopped.set()
            server.shutdown()
            thread.join()
