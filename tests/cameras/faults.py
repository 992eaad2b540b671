"""Simulated cameras that refuse, redirect, demand a login, or answer something else altogether."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from rejent.streams.cameras.simulated.behaviour import CameraBehaviour as SendingBehaviour
from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from rejent.streams.cameras.simulated.server import CameraFarm, Connection


@dataclass(slots=True, frozen=True)
class Account:
    """Login of a simulated camera; no ``algorithm`` leaves it out, as old cameras do. A nonce is stale after ``nonce_uses``."""

    user: str
    password: str
    scheme: str = "Digest"
    algorithm: str | None = "MD5"
    qop_auth: bool = True
    nonce_uses: int = 1_000_000


@dataclass(slots=True)
class CameraBehaviour(SendingBehaviour):
    """One camera's behaviour: what it sends, and how it answers.

    ``answer`` changes the bytes of a response, ``refuse`` gives the status a method is answered with; a ``greeting`` is sent
    instead of any response.
    """

    account: Account | None = None
    answer: Callable[[str, bytes], bytes] = lambda _method, answer: answer
    redirect: str | None = None
    refuse: dict[str, int] = field(default_factory=dict)
    greeting: bytes | None = None


class FaultyConnection(Connection):
    """One connection to a camera that answers as its behaviour says."""

    def __init__(self, farm: CameraFarm) -> None:
        super().__init__(farm)
        self._nonce = secrets.token_hex(8)
        self._nonce_uses = 0

    def respond(self, camera: SimulatedCamera, method: str, uri: str, fields: dict[str, str]) -> None:
        """Answer a request to a camera, or refuse it."""
        behaviour, sequence = camera.behaviour, fields.get("CSeq", "0")
        if not isinstance(behaviour, CameraBehaviour):
            super().respond(camera, method, uri, fields)
        elif behaviour.greeting is not None:
            super().write(method, behaviour.greeting)
        elif (
            method != "OPTIONS"
            and behaviour.account is not None
            and not self._knows(behaviour.account, method, fields)
        ):
            self._challenge(behaviour.account, method, sequence)
        elif method in behaviour.refuse:
            self.send(method, (behaviour.refuse[method], "Refused"), sequence)
        elif method == "DESCRIBE" and behaviour.redirect is not None:
            self.send(method, (302, "Found"), sequence, [("Location", behaviour.redirect)])
        else:
            super().respond(camera, method, uri, fields)

    def write(self, method: str, content: bytes) -> None:
        """Write an answer, changed as the behaviour says."""
        behaviour = self.camera.behaviour if self.camera is not None else None
        changes = isinstance(behaviour, CameraBehaviour)
        super().write(method, behaviour.answer(method, content) if changes else content)

    def _challenge(self, account: Account, method: str, sequence: str) -> None:
        stale = ', stale="true"' if self._nonce_uses >= account.nonce_uses else ""
        self._nonce, self._nonce_uses = secrets.token_hex(8), 0
        if account.scheme == "Basic":
            offer = 'Basic realm="camera"'
        else:
            offer = f'Digest realm="camera", nonce="{self._nonce}"{stale}'
            offer += f", algorithm={account.algorithm}" if account.algorithm else ""
            offer += ', qop="auth"' if account.qop_auth else ""
        self.send(method, (401, "Unauthorized"), sequence, [("WWW-Authenticate", offer)])

    def _knows(self, account: Account, method: str, fields: dict[str, str]) -> bool:
        given = fields.get("Authorization", "")
        if account.scheme == "Basic":
            return (
                given == "Basic " + base64.b64encode(f"{account.user}:{account.password}".encode()).decode()
            )
        found = dict(re.findall(r'(\w+)="?([^",]*)"?', given))
        if found.get("nonce") != self._nonce or self._nonce_uses >= account.nonce_uses:
            return False

        def hashed(text: str) -> str:
            algorithm = "sha256" if account.algorithm == "SHA-256" else "md5"
            return hashlib.new(algorithm, text.encode(), usedforsecurity=False).hexdigest()

        secret = hashed(f"{account.user}:camera:{account.password}")
        middle = self._nonce
        if account.qop_auth:
            if found.get("nc") != f"{self._nonce_uses + 1:08x}":
                return False
            middle = f"{self._nonce}:{found['nc']}:{found.get('cnonce', '')}:auth"
        self._nonce_uses += 1
        request_digest = hashed(f"{method}:{found.get('uri', '')}")
        wanted = hashed(f"{secret}:{middle}:{request_digest}")
        return secrets.compare_digest(found.get("response", ""), wanted)
