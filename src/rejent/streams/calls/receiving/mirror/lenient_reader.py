"""Read SIP messages that exceed our limits but not those of the devices they were sent to.

A passive recorder cannot refuse a message, and needs only a few fields.
"""

import re
from dataclasses import replace

from rejent.streams.calls.network.sip.errors import SipError
from rejent.streams.calls.network.sip.header_values import MAX_PARAMETERS
from rejent.streams.calls.network.sip.message import MAX_MESSAGE, Message, full_name, read_message

_NEEDED = frozenset(
    {
        "Via", "From", "To", "Call-ID", "CSeq", "Contact", "Content-Type", "Session-Expires", "Privacy",
        "P-Asserted-Identity", "P-Preferred-Identity", "P-Called-Party-ID", "Remote-Party-ID", "Diversion", "History-Info",
    }
)  # fmt: skip
_BY_NAME = {name.lower(): name for name in _NEEDED}
_MAX_LINES = 8
"""Lines read per field."""
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FOLDED = re.compile(rb"\r?\n[ \t]+")
_TAG = re.compile(r";\s*tag\s*=\s*([^;,>\s]{1,256})", re.IGNORECASE)
_SIP = re.compile(rb"\s*(?:[A-Za-z]{3,32} \S+ SIP/|SIP/2\.0 [1-6]\d\d)")
_INVITING = re.compile(rb"^(?:INVITE[ \t]|CSeq[ \t]*:[ \t]*\d+[ \t]+INVITE)", re.IGNORECASE | re.MULTILINE)


def read_leniently(content: bytes) -> Message:
    """Parse a message, reduced to the needed fields where it exceeds our limits; SipError where that is not possible."""
    try:
        message = read_message(content)
    except SipError:
        message = read_message(_thinned(content))
    else:
        if any((message.headers.get(name) or "").count(";") >= MAX_PARAMETERS for name in ("From", "To")):
            message = read_message(_thinned(content))
    return replace(message, raw=content)


def is_sip(content: bytes) -> bool:
    """Return True if it begins like a SIP message."""
    return _SIP.match(content) is not None


def invites(content: bytes) -> bool:
    """Return True if an unreadable message belongs to an INVITE."""
    return _INVITING.search(content) is not None


def _thinned(content: bytes) -> bytes:
    """Return a message reduced to the needed fields; what follows its head is the body."""
    text = content[:MAX_MESSAGE].lstrip(b"\r\n")
    end = _HEAD_END.search(text)
    if end is None:
        return content
    first, _, rest = _FOLDED.sub(b" ", text[: end.start()]).partition(b"\n")
    kept: dict[str, list[str]] = {}
    length = ""
    for line in rest.split(b"\n"):
        name, _, value = line.decode("utf-8", "surrogateescape").partition(":")
        full = full_name(name.strip())
        if full.lower() == "content-length" and not length:
            length = value.strip()
        known = _BY_NAME.get(full.lower())
        if known is not None and len(kept.setdefault(known, [])) < _MAX_LINES:
            kept[known].append(_plain(value.strip()) if known in {"From", "To"} else value.strip())
    body = text[end.end() :]
    if length.isascii() and length.isdigit() and len(length) < 9:
        body = body[: int(length)]
    head = "".join(f"{name}: {value}\r\n" for name, values in kept.items() for value in values)
    return first.rstrip(b"\r") + b"\r\n" + head.encode("utf-8", "surrogateescape") + b"\r\n" + body


def _plain(written: str) -> str:
    """Return an address with only its tag, where it has too many parameters."""
    if written.count(";") < MAX_PARAMETERS:
        return written
    address, bracket, parameters = written.rpartition(">")
    if bracket:
        shown, _, uri = address.rpartition("<")
        address = f"{shown}<{uri.partition(';')[0]}>"
    else:
        address, _, parameters = parameters.partition(";")
    tag = _TAG.search(f";{parameters}")
    return f"{address};tag={tag[1]}" if tag else address
