"""Addresses of sources without their credentials, and a form fit to be shown."""

import re
from dataclasses import dataclass

SHAPE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>.*)\Z", re.DOTALL)
_TELLING = re.compile(
    r"(?P<name>(?<![A-Za-z])(?:user(?:name)?|login|usr|pass(?:word|wd)?|pwd|psw|token|auth|key|secret|sid))"
    r"=(?P<value>[^&;#/?]*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Address:
    """An address without its credentials, and those, or empty; the password is never printed."""

    text: str
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Address({masked(self.text)!r})"


def masked(address: str) -> str:
    """Return the address as pages and logs may show it: values that look like credentials are masked."""
    match = SHAPE.match(address)
    if match is None:
        return ""
    host = match["authority"].rpartition("@")[2]
    rest = _TELLING.sub(lambda found: found["name"] + "=***", match["rest"])
    return f"{match['scheme']}://{host}{rest}"
