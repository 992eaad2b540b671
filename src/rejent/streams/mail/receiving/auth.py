"""What a client says within AUTH PLAIN or AUTH LOGIN, until it has stated a name and a password (RFC 4954, RFC 4616)."""

from base64 import b64decode

MECHANISMS = ("PLAIN", "LOGIN")
_ASKS_NAME, _ASKS_SECOND = "334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"
"""What LOGIN asks for, in base64, as every client knows it."""


class AuthExchange:
    """One of them, without I/O: responses in, replies out; ``credentials`` are a name and a password once both are stated."""

    def __init__(self, mechanism: str) -> None:
        self._plain = mechanism == "PLAIN"
        self._given: list[str] = []
        self.challenge = "334 " if self._plain else _ASKS_NAME
        self.credentials: tuple[str, str] | None = None

    def take(self, line: str) -> str:
        """Take a response; return the reply that asks for the next one or refuses, nothing once name and password are stated."""
        try:
            self._given.append(b64decode(line, validate=True).decode())
        except ValueError:  # "*" breaks it off; or it is no base64, or not of UTF-8
            return "501 5.5.2 AUTH was broken off"
        if not self._plain and len(self._given) == 1:
            return _ASKS_SECOND
        parts = self._given[0].split("\0") if self._plain else ["", *self._given]
        if len(parts) != 3 or parts[0] not in {"", parts[1]}:
            return "501 5.5.2 AUTH states a name and a password"
        self.credentials = parts[1], parts[2]
        return ""
