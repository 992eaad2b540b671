"""Parts of a line's address, each in one spelling, and causes of its gaps; each function raises AddressRefusedError for a wrong part."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote

from rejent.catalog.errors import AddressRefusedError
from rejent.kernel.numbers import read_number
from rejent.kernel.plain_text import is_plain
from rejent.recording.contract import Cause


class LineCause(Cause):
    """Causes why the calls of a line are not recorded."""

    CANNOT_LISTEN = "cannot-listen"
    NO_ROOM = "no-room"
    OVERLOADED = "overloaded"
    FOLDER_GONE = "folder-gone"
    CANNOT_WATCH = "cannot-watch"
    UNPLUGGED = "unplugged"
    MIRROR_DROPPED = "mirror-dropped"
    NO_RECORDING = "no-recording"


SIP_PORT = 5060
_MOST_DIGITS = 15
_MOST_PORTS = 16
_HOST = re.compile(r"(?:\[(?P<ip>[^\]]+)\]|(?P<plain>[^:\[\]]+)):(?P<port>[0-9]{1,5})")
_INTERFACE = re.compile(r"[A-Za-z0-9_.@\-]{1,15}")
"""Names of network interfaces (IFNAMSIZ in linux/if.h)."""
_FORMATTING = re.compile(r"[\s().\-/\u2010-\u2015\u00a0]+")


class Undecided(StrEnum):
    """Rule for a call whose direction its numbers do not show."""

    RECORD = "record"
    REFUSE = "refuse"


def interface(stated: str) -> str:
    """Return the name of a network interface."""
    if not _INTERFACE.fullmatch(stated) or stated in {".", ".."}:
        raise AddressRefusedError(
            "This is no name of a network interface.", advice="Write it as `ip link` shows it: eth1"
        )
    return stated


def ports(stated: Iterable[str]) -> tuple[int, ...]:
    """Return ports, each once; SIP's own where none is stated."""
    given = [each.strip() for each in stated if each.strip()]
    read = [read_number(each, least=1, most=65_535) for each in given]
    ports = [port for port in read if port is not None]
    if len(read) > _MOST_PORTS or len(ports) < len(read):
        raise AddressRefusedError(
            "These are no ports.", advice="Write them as 5060,5080, each a number from 1 to 65535."
        )
    return tuple(dict.fromkeys(ports)) or (SIP_PORT,)


def port_range(stated: str) -> tuple[int, int] | None:
    """Parse ``21000-21099``, with room for a call of two parties at least; None where nothing is stated."""
    if not stated.strip():
        return None
    found = re.fullmatch(r"\s*([0-9]{1,5})\s*-\s*([0-9]{1,5})\s*", stated)
    if found is None or not fits_a_call(span := (int(found[1]), int(found[2]))):
        raise AddressRefusedError(
            "This is no range of ports for speech.",
            advice="Write the first and the last of four or more as 21000-21099, from 1024 on.",
        )
    return span


def fits_a_call(ports: tuple[int, int]) -> bool:
    """Return True if a range of ports is one that a recorder may open, and holds the four of a call of two parties."""
    first, last = ports
    return first >= 1024 and first + first % 2 + 3 <= last < 65536


def listening_place(stated: str) -> tuple[IPv4Address | IPv6Address, int]:
    """Parse ``HOST:PORT`` of this machine, to which others can send."""
    found = _HOST.fullmatch(stated)
    if found is None or not 0 < int(found["port"]) < 65536:
        raise AddressRefusedError(
            "This is no address to listen at.", advice="Write it as 192.0.2.5:5060 or [2001:db8::5]:5060"
        )
    written = found["ip"] or found["plain"]
    try:
        host = ip_address("127.0.0.1" if written.lower() == "localhost" else written)
    except ValueError:
        raise AddressRefusedError(
            "Calls are handed over at an address of this machine, not at a name.",
            advice="Write it as 192.0.2.5:5060",
        ) from None
    if host.is_unspecified or host.is_multicast:
        raise AddressRefusedError(
            "The address must be one that others can send to: it is told them in every answer.",
            advice="Give the address of this machine in the network of the telephones.",
        )
    return host, int(found["port"])


def prefix(written: str) -> str:
    """Return a prefix of numbers in one spelling."""
    plain = _FORMATTING.sub("", written)
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    elif plain.startswith("0"):
        plain = plain[1:]
    digits = plain.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _MOST_DIGITS:
        raise AddressRefusedError(
            "What is given as a number of the office is none.",
            advice="Write it as '+48 75 734' or '75 734 12', and extensions by their beginning.",
        )
    return plain


def allowed_callers(host: IPv4Address | IPv6Address, stated: Iterable[str]) -> tuple[str, ...]:
    """Return who may hand calls over; only a loopback address speaks for itself."""
    given = [each.strip() for each in stated if each.strip()]
    if not given and host.is_loopback:
        given = [str(host)]
    if not given:
        raise AddressRefusedError(
            "Nobody is named who may hand calls over.",
            advice="Give the address of the exchange or session border controller: --from 192.0.2.10",
        )
    return networks(given)


def networks(stated: Iterable[str]) -> tuple[str, ...]:
    """Return addresses and networks in one spelling, each once."""
    found = []
    for each in stated:
        if not each.strip():
            continue
        try:
            network = ip_network(each.strip(), strict=False)
        except ValueError:
            raise AddressRefusedError(
                "What is listed among addresses is none.",
                advice="An address looks like 192.0.2.10 or 192.0.2.0/24.",
            ) from None
        alone = network.num_addresses == 1
        found.append(str(network.network_address) if alone else str(network))
    return tuple(dict.fromkeys(found))


def undecided_rule(stated: str) -> Undecided:
    """Return the rule for a call whose direction is not known."""
    try:
        return Undecided(stated)
    except ValueError:
        raise AddressRefusedError(
            "{rule} is no rule for undecided calls.", rule=stated, advice="Use record or refuse."
        ) from None


def refusal_key(stated: str) -> str:
    """Return the digit that refuses the recording, or empty."""
    key = stated.strip()
    if key and not (len(key) == 1 and key.isascii() and key.isdigit()):
        raise AddressRefusedError(
            "The key that refuses a recording is no digit.",
            advice="Give one digit: --refusal-key 9; the star plays the information clause.",
        )
    return key


_COLUMNS = frozenset(
    {"id", "linked", "start", "answer", "duration", "caller", "called", "outcome", "file", "direction"}
)
"""Meanings of columns in a table of calls (`rejent.streams.calls.receiving.imported.records`)."""


class PbxFormat(StrEnum):
    """Maker of the files and call records."""

    CSV = "csv"
    ASTERISK = "asterisk"
    """Asterisk and what is built on it (FreePBX, Issabel): ``Master.csv`` of cdr_csv, or CEL."""
    THREE_CX = "3cx"
    YEASTAR = "yeastar"
    SLICAN = "slican"


class RecordZone(StrEnum):
    """Clock by which a time without a zone was read."""

    LOCAL = "local"
    UTC = "utc"


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Place of call records: a file that grows, or a folder of such; ``columns`` are pairs of meaning and heading."""

    path: str
    form: PbxFormat
    zone: RecordZone = RecordZone.LOCAL
    columns: tuple[tuple[str, str], ...] = ()

    @property
    def query_fields(self) -> tuple[tuple[str, str], ...]:
        """Return its fields in a line's address."""
        columns = ";".join(f"{meaning}={heading}" for meaning, heading in self.columns)
        fields = {"format": self.form.value, "records": quote(self.path), "columns": quote(columns)}
        fields["zone"] = "" if self.zone is RecordZone.LOCAL else self.zone.value
        return tuple((name, value) for name, value in fields.items() if value)


def record_place(path: str, form: str, zone: str = "", columns: Iterable[str] = ()) -> RecordPlace | None:
    """Return the place of a PBX's records, None where neither path nor format is stated; columns are as ``start=Date and time``."""
    if not path.strip() and not form.strip():
        return None
    whole = whole_path(path) if path.strip() else ""
    return RecordPlace(whole, pbx_format(form), record_zone(zone), named_columns(columns))


def whole_path(stated: str) -> str:
    """Return an absolute path without a slash at its end."""
    path = stated.strip()
    if not path.startswith("/") or not is_plain(path) or "/../" in f"{path}/" or path.strip("/") == "":
        raise AddressRefusedError(
            "A folder or file of the exchange is named by its whole path.",
            advice="Write it as /srv/pbx/monitor",
        )
    return path.rstrip("/")


def pbx_format(stated: str) -> PbxFormat:
    """Return the maker of the files."""
    try:
        return PbxFormat(stated.strip().lower())
    except ValueError:
        raise AddressRefusedError(
            "{form} is no form of call records that is known.",
            form=stated,
            advice="Known are: {known}.",
            known=" ".join(each.value for each in PbxFormat),
        ) from None


def record_zone(stated: str) -> RecordZone:
    """Return the clock; the office's where nothing is stated."""
    try:
        return RecordZone(stated.strip().lower() or RecordZone.LOCAL)
    except ValueError:
        raise AddressRefusedError(
            "{zone} is no zone of call records.", zone=stated, advice="Use local or utc."
        ) from None


def named_columns(stated: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return pairs of meaning and heading."""
    found = {}
    for each in stated:
        meaning, _, heading = each.partition("=")
        meaning, heading = meaning.strip().lower(), heading.strip()
        if meaning not in _COLUMNS or not heading or re.search(r"[;=&]", heading) or not is_plain(heading):
            raise AddressRefusedError(
                "A column is named by what it means and its heading.",
                advice="Write it as start=Date; known are: {known}.",
                known=" ".join(sorted(_COLUMNS)),
            )
        found[meaning] = heading
    return tuple(sorted(found.items()))
