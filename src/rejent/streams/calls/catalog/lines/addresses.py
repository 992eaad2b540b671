"""Addresses of lines: how calls reach us, of which numbers, by whom.

``siprec://192.0.2.5:5060?numbers=+4875734,12&from=192.0.2.0/24``, ``mirror://eth1?numbers=+4875734``,
``folder:///srv/pbx?numbers=+4875734&format=csv``: all that decides what is recorded, so that the ledger's digest covers
it.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import ClassVar
from urllib.parse import parse_qs, quote, unquote

from rejent.catalog.errors import AddressRefusedError
from rejent.streams.calls.catalog.lines.parts import (
    SIP_PORT,
    RecordPlace,
    Undecided,
    allowed_callers,
    interface,
    listening_place,
    networks,
    port_range,
    ports,
    prefix,
    record_place,
    refusal_key,
    undecided_rule,
    whole_path,
)

CALLS = "calls"
DRILLED = "+4810999"
"""Prefix of the office's numbers on the line of a drill; no area of Poland has the code 10."""
SCHEMES = frozenset({"siprec", "siprecs", "mirror", "folder"})
_ENCRYPTED = "siprecs://"
LONGEST_FILE = timedelta(hours=6)
"""No recording of one call that a PBX made lasts longer; bounds the search for those that reach into an interval."""
_LONGEST = 500
_BOOKED, _NEVER = "booked", "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedLine:
    """A line as people state it; what is left out is empty, None leaves it as it is.

    ``siprec`` is ``HOST:PORT`` of this machine, by TLS behind ``siprecs://``; ``mirror`` an interface; ``folder`` that
    of a PBX's recordings, whose files go (``remove``) once ``booked`` or ``never``. ``callers`` and ``trunk`` are
    addresses and networks, ``rtp_ports`` is as ``21000-21099``, ``undecided`` ``record`` or ``refuse``, ``refusal`` a
    digit, ``columns`` are as ``start=Date``.
    """

    siprec: str = ""
    mirror: str = ""
    numbers: tuple[str, ...] = ()
    callers: tuple[str, ...] = ()
    rtp_ports: str | None = None
    sip_ports: tuple[str, ...] = ()
    trunk: tuple[str, ...] = ()
    undecided: str = ""
    refusal: str | None = None
    folder: str = ""
    remove: str = ""
    records: str = ""
    form: str = ""
    zone: str = ""
    columns: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return True if everything is left out."""
        return self == StatedLine()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAddress(ABC):
    """Address of a line of any kind.

    ``numbers`` are prefixes of the office's own: ``+`` and digits, or digits alone for national numbers and extensions.
    ``refusal`` is the digit by which the outside party refuses, or empty; by ``records`` missing calls are found.
    """

    OPTIONS: ClassVar[frozenset[str]]

    numbers: tuple[str, ...]
    undecided: Undecided = Undecided.RECORD
    refusal: str = ""
    records: RecordPlace | None = None

    @property
    @abstractmethod
    def place(self) -> str:
        """Its address up to the question mark."""

    @property
    def own(self) -> tuple[tuple[str, str], ...]:
        """Return the query fields of this kind alone."""
        return ()

    @property
    def text(self) -> str:
        """The address as the catalogue keeps it."""
        fields = [("numbers", ",".join(self.numbers)), *self.own]
        fields += [] if self.undecided is Undecided.RECORD else [("undecided", self.undecided.value)]
        fields += [("refusal", self.refusal)] if self.refusal else []
        fields += self.records.query_fields if self.records else ()
        return f"{self.place}?{'&'.join(f'{key}={value}' for key, value in fields)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiprecLine(LineAddress):
    """A line whose calls are handed over in recording sessions to ``host`` and ``port`` of this machine."""

    OPTIONS: ClassVar = frozenset({"siprec", "callers", "rtp_ports"})

    host: str
    port: int
    callers: tuple[str, ...]
    tls: bool = False
    rtp_ports: tuple[int, int] | None = None

    @property
    def place(self) -> str:
        """Its address up to the question mark."""
        return f"{_ENCRYPTED if self.tls else 'siprec://'}{self._listening}"

    @property
    def own(self) -> tuple[tuple[str, str], ...]:
        """Return who may hand calls over, and the line's own ports."""
        return ("from", ",".join(self.callers)), *((("rtp", self._speech),) if self.rtp_ports else ())

    @property
    def _speech(self) -> str:
        return "{}-{}".format(*self.rtp_ports) if self.rtp_ports else ""

    @property
    def _listening(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorLine(LineAddress):
    """A line whose calls are seen at a mirror port; by ``trunk`` they go to and come from the outside, where known."""

    OPTIONS: ClassVar = frozenset({"mirror", "sip_ports", "trunk"})

    interface: str
    sip_ports: tuple[int, ...] = (SIP_PORT,)
    trunk: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Its address up to the question mark."""
        return f"mirror://{self.interface}"

    @property
    def own(self) -> tuple[tuple[str, str], ...]:
        """The ports, where they are others than SIP's own, and the trunk."""
        ports = (("sip", ",".join(map(str, self.sip_ports))),) if self.sip_ports != (SIP_PORT,) else ()
        return (*ports, *((("trunk", ",".join(self.trunk)),) if self.trunk else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderLine(LineAddress):
    """A line whose calls a PBX records itself into a folder; ``remove``: a file goes once its sealed copy is booked."""

    OPTIONS: ClassVar = frozenset({"folder", "remove"})

    folder: str
    remove: bool = False

    @property
    def place(self) -> str:
        """Its address up to the question mark."""
        return f"folder://{quote(self.folder)}"

    @property
    def own(self) -> tuple[tuple[str, str], ...]:
        """Return the rule of removal."""
        return (("remove", _BOOKED),) if self.remove else ()


def line_address(stated: StatedLine) -> LineAddress:
    """Return the line that people state; AddressRefusedError where a part is invalid, missing, or of another kind of line."""
    address = _made(stated)
    foreign = [
        each.name
        for each in fields(stated)
        if each.name not in {*_OF_ALL, *address.OPTIONS} and getattr(stated, each.name)
    ]
    if foreign:
        raise AddressRefusedError(
            "Something is stated that another kind of line has.",
            advice="Give --siprec with --from, --mirror with --sip-ports and --trunk, or --folder.",
        )
    if len(address.text) > _LONGEST:
        raise AddressRefusedError(
            "These are too many numbers and addresses for one line.",
            advice="Give shorter beginnings of numbers, or networks instead of addresses.",
        )
    return address


def changed_line(before: LineAddress, stated: StatedLine) -> LineAddress:
    """Return a changed line, with what is left out as it was; AddressRefusedError also where its kind would change."""
    changed = {
        each.name: value
        for each in fields(stated)
        if (value := getattr(stated, each.name))
        or (each.name in {"refusal", "rtp_ports"} and value is not None)
    }
    return line_address(replace(stated_line(before.text), **changed))


def comes_as_files(address: str) -> bool:
    """Return True if a PBX makes a source's recordings, so that nothing is missing while we do not listen."""
    return address.startswith("folder://")


def read_line(address: str) -> LineAddress:
    """Parse a line as the catalogue keeps it; AddressRefusedError where it is none."""
    return line_address(stated_line(address))


def stated_line(address: str) -> StatedLine:
    """Return a line that the catalogue keeps as people would state it; AddressRefusedError where it is none."""
    scheme, _, rest = address.partition("://")
    place, _, query = rest.partition("?")
    options = {key: values[-1] for key, values in parse_qs(query.replace("+", "%2B")).items()}
    if scheme not in SCHEMES:
        raise AddressRefusedError(
            "This is no address of a line.", advice="Strike the line off and add it anew."
        )
    return StatedLine(
        siprec={"siprec": place, "siprecs": _ENCRYPTED + place}.get(scheme, ""),
        mirror=place if scheme == "mirror" else "",
        folder=unquote(place) if scheme == "folder" else "",
        numbers=tuple(options.get("numbers", "").split(",")),
        callers=tuple(options.get("from", "").split(",")) if "from" in options else (),
        rtp_ports=options.get("rtp", ""),
        sip_ports=tuple(options.get("sip", "").split(",")) if "sip" in options else (),
        trunk=tuple(options.get("trunk", "").split(",")) if "trunk" in options else (),
        undecided=options.get("undecided", ""),
        refusal=options.get("refusal", ""),
        remove=options.get("remove", ""),
        records=options.get("records", ""),
        form=options.get("format", ""),
        zone=options.get("zone", ""),
        columns=tuple(each for each in options.get("columns", "").split(";") if each),
    )


_OF_ALL = frozenset({"numbers", "undecided", "refusal", "records", "form", "zone", "columns"})


def _made(stated: StatedLine) -> LineAddress:
    if sum(map(bool, (stated.siprec, stated.mirror, stated.folder))) != 1:
        raise AddressRefusedError(
            "A line needs one way by which its calls come.",
            advice="Give --siprec HOST:PORT, --mirror INTERFACE or --folder FOLDER.",
        )
    numbers = tuple(dict.fromkeys(prefix(number) for number in stated.numbers))
    if not numbers:
        raise AddressRefusedError(
            "A line needs the numbers of the office.",
            advice="Give the beginning that they share: --numbers '+48 75 734'",
        )
    records = record_place(stated.records, stated.form, stated.zone, stated.columns)
    rule, key = undecided_rule(stated.undecided or Undecided.RECORD), refusal_key(stated.refusal or "")
    if stated.folder:
        return _folder(
            FolderLine(numbers=numbers, undecided=rule, records=records, folder=stated.folder), stated
        )
    if stated.mirror:
        return MirrorLine(
            numbers=numbers,
            undecided=rule,
            refusal=key,
            records=records,
            interface=interface(stated.mirror.strip()),
            sip_ports=ports(stated.sip_ports),
            trunk=networks(stated.trunk),
        )
    listening = stated.siprec.strip()
    host, port = listening_place(listening.removeprefix(_ENCRYPTED))
    return SiprecLine(
        numbers=numbers,
        undecided=rule,
        refusal=key,
        records=records,
        host=str(host),
        port=port,
        callers=allowed_callers(host, stated.callers),
        tls=listening.startswith(_ENCRYPTED),
        rtp_ports=port_range(stated.rtp_ports or ""),
    )


def _folder(line: FolderLine, stated: StatedLine) -> FolderLine:
    if line.records is None:
        raise AddressRefusedError(
            "Nothing says whose files these are.", advice="Give --format, as --format asterisk."
        )
    if stated.refusal:
        raise AddressRefusedError(
            "A call that an exchange recorded itself cannot be refused by a key.",
            advice="Let the exchange not record it.",
        )
    if stated.remove not in {"", _BOOKED, _NEVER}:
        raise AddressRefusedError("Files are removed once they are booked, or never.")
    return replace(line, folder=whole_path(line.folder), remove=stated.remove == _BOOKED)
