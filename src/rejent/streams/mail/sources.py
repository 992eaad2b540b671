"""How e-mail is received: a journal is a listener on this machine, for addresses and domains of the office."""

import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from errno import EFBIG
from ipaddress import ip_address, ip_network
from pathlib import Path

from rejent.catalog.addresses import SHAPE, Address
from rejent.catalog.coverage import LONGEST
from rejent.catalog.errors import AddressRefusedError, SourceRefusedError
from rejent.catalog.stream_parts import SourceForm
from rejent.kernel.numbers import read_number
from rejent.streams.mail.messages.addresses import read_address, read_domain
from rejent.streams.mail.messages.alias_maps import AliasMaps, included_files, read_aliases, read_virtual
from rejent.streams.mail.messages.classes import MailRules
from rejent.streams.mail.receiving.causes import MailCause
from rejent.streams.mail.records.imported_places import forget_places, wanted_days

SCHEMES = frozenset({"smtp", "lmtp", "milter"})
HISTORY = "history://"
"""Beginning of the address of a history, into which mailboxes are imported; what follows is its journal."""
ASIDE, DROPPED = "aside", "drop"
"""What becomes of a message that may be private since a field could not be read: set aside until both roles decide, or never kept."""
MARKS = "[prywatne],prywatne:,[private]"
"""What marks a subject as private, where the office states nothing else."""
_ADVICE = "Write it as smtp://127.0.0.1:2525, lmtp://127.0.0.1:2525, milter://127.0.0.1:2525 or milter:///run/rejent-milter/socket"
_LONGEST_SOCKET = 100
"""Bytes of a path to a socket; Linux takes 107 (unix(7))."""
_HEADER = re.compile(r"[!-9;-~]{1,77}:[^\x00-\x1f\x7f]{1,200}")
_AUTHSERV = re.compile(r"[a-z0-9._:-]{1,253}")
_HISTORY = re.compile(re.escape(HISTORY) + "[0-9a-f]{32}")
_LONGEST_LIST = 20_000
_LONGEST_PATH = 1000
_FILES = ("certificate", "key", "senders")
_MAPS = ("aliases", "virtual")
_LARGEST_MAP = 16 << 20
GROUPS, GROUPED = "groups", "grouped"
"""Distinguished names of the directory's groups that are exempt, a line each; and the addresses of who is in them."""
_KEPT = frozenset({MailCause.LOG_DIFFERS, MailCause.PASSED_BY})
"""Causes of gaps that stay beside whatever was received at that time."""
_LONGEST_RECORDED = timedelta(minutes=1)
"""Messages of one object arrived together; those that are received too fast for their ticks wait a little for theirs."""
_LONGEST_IMPORTED = timedelta(hours=25)
"""Messages of one imported object are of one civil day."""


def parsed(given: str) -> Address:
    """Return where a journal listens. Raises `AddressRefusedError`, which never repeats what was given."""
    if _HISTORY.fullmatch(given):
        return Address(given, "", "")
    match = SHAPE.match(given.strip())
    if match is not None and match["scheme"].lower() == "milter" and not match["authority"]:
        return _parsed_socket(match["rest"])
    if match is None or match["scheme"].lower() not in SCHEMES or match["rest"] not in {"", "/"}:
        raise AddressRefusedError("This is no address of a journal.", advice=_ADVICE)
    host, _, port = match["authority"].rpartition(":")
    if read_number(port, least=1, most=65_535) is None:
        raise AddressRefusedError("The address of the journal names no port.", advice=_ADVICE)
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        raise AddressRefusedError("The address of the journal names no IP address.", advice=_ADVICE) from None
    return Address(f"{match['scheme'].lower()}://{match['authority']}", "", "")


def _parsed_socket(path: str) -> Address:
    """Return where a milter listens whose mail server reaches it by a file. Raises AddressRefusedError."""
    if (
        not path.isprintable()
        or len(path.encode()) > _LONGEST_SOCKET
        or path.endswith("/")
        or ".." in Path(path).parts
    ):
        raise AddressRefusedError(
            "A socket is named by its whole path, of at most 100 bytes.",
            advice="Write milter:///run/rejent-milter/socket",
        )
    return Address(f"milter://{Path(path)}", "", "")


def excludes(address: str, other: str) -> bool:
    """Return whether two journals would listen at one place: a socket, or a port of one or of all addresses of this machine."""
    if is_history(address) or is_history(other):
        return False
    (_, host, port), (_, others, number) = listens_at(address), listens_at(other)
    if is_socket(host) or is_socket(others):
        return host == others
    hosts = ip_address(host), ip_address(others)
    return port == number and (hosts[0] == hosts[1] or any(each.is_unspecified for each in hosts))


def is_history(address: str) -> bool:
    """Return whether an address is of a history, which nobody listens for."""
    return address.startswith(HISTORY)


def is_milter(address: str) -> bool:
    """Return whether a mail server hands messages over as to a milter."""
    return address.startswith("milter://")


def is_socket(host: str) -> bool:
    """Return whether what stands in a host's place is the path of a socket."""
    return host.startswith("/")


def listens_at(address: str) -> tuple[bool, str, int]:
    """Return of an address whether it speaks LMTP, its host and its port; of a socket its path in the host's place."""
    scheme, _, authority = address.partition("://")
    if is_socket(authority):
        return False, authority, 0
    host, _, port = authority.rpartition(":")
    return scheme == "lmtp", host.strip("[]"), int(port)  # type: ignore[outside-number]  # an address that was taken


def _require_safe(address: str, traits: Mapping[str, str]) -> None:
    """See that messages which come from elsewhere are encrypted, and come from named networks."""
    if is_history(address):
        return
    if is_milter(address):
        _require_milter(address, traits)
        return
    certificate, key = traits.get("certificate", ""), traits.get("key", "")
    if bool(certificate) is not bool(key):
        raise SourceRefusedError(
            "Certificate and key of a journal are named together.",
            advice="Write --certificate FILE --key FILE",
        )
    if traits.get("senders") and not certificate:
        raise SourceRefusedError(
            "Passwords are taken by TLS alone.", advice="Write --certificate FILE --key FILE"
        )
    beyond = not ip_address(listens_at(address)[1]).is_loopback
    if beyond and not (certificate and (traits.get("networks") or traits.get("senders"))):
        raise SourceRefusedError(
            "From other machines messages are taken by TLS alone, and from named networks or by password alone.",
            advice="Write --certificate FILE --key FILE, and --allow 192.0.2.10 or --senders FILE; or listen at 127.0.0.1.",
        )


def _require_milter(address: str, traits: Mapping[str, str]) -> None:
    """See that a milter, whose protocol is neither encrypted nor asks who speaks, serves this machine alone."""
    host = listens_at(address)[1]
    if not is_socket(host) and not ip_address(host).is_loopback:
        raise SourceRefusedError(
            "A milter serves the mail server of this machine alone.", advice="Write milter://127.0.0.1:2525"
        )
    if any(traits.get(each) for each in (*_FILES, "networks", "recipients")):
        raise SourceRefusedError(
            "A milter has neither an address of its own nor certificate, networks or senders.",
            advice="Write --listen milter://127.0.0.1:2525 and --domain.",
        )


def rules_of(traits: Mapping[str, str]) -> MailRules:
    """Return the rules that a journal's traits state."""
    return MailRules(
        frozenset(_listed(traits.get("domains", ""))),
        frozenset(_listed(traits.get("exempt", "")) + _listed(traits.get(GROUPED, ""))),
        tuple(_listed(traits.get("marks", ""))),
        frozenset(_listed(traits.get("reporters", ""))),
        frozenset(_listed(traits.get("headers", ""))),
        frozenset(_listed(traits.get("authserv", ""))),
        drops_doubtful=traits.get("doubtful") == DROPPED,
    )


def read_rules(traits: Mapping[str, str]) -> MailRules:
    """Return the rules that a journal's traits state, with the maps of its mail server. Raises OSError: one of these cannot be read."""
    rules = rules_of(traits)
    aliases, virtual = (_read_map(traits[name]) if traits.get(name) else "" for name in _MAPS)
    maps = AliasMaps(rules.domains, read_aliases(aliases, _read_map), read_virtual(virtual))
    return replace(rules, maps=maps)


def files_of(traits: Mapping[str, str]) -> tuple[str, ...]:
    """Return the files that the receiving process of a journal reads, and those that its aliases include."""
    files = [traits[name] for name in (*_FILES, *_MAPS) if traits.get(name)]
    with suppress(OSError):
        files += included_files(_read_map(traits.get("aliases", "")))
    return tuple(files)


def _read_map(path: str) -> str:
    """Return the text of a map. Raises OSError: it cannot be read, or is too large for one."""
    with Path(path).open("rb") as file:
        content = file.read(_LARGEST_MAP + 1)
    if len(content) > _LARGEST_MAP:
        raise OSError(EFBIG, os.strerror(EFBIG), path)
    return content.decode("utf-8", "replace")


def groups_of(traits: Mapping[str, str]) -> list[str]:
    """Return the distinguished names of the groups whose members are exempt."""
    return [each.strip() for each in traits.get(GROUPS, "").splitlines() if each.strip()]


def recipients_of(traits: Mapping[str, str]) -> frozenset[str]:
    """Return the addresses under which a journal takes messages."""
    return frozenset(_listed(traits.get("recipients", "")))


def _traits(given: Mapping[str, str]) -> dict[str, str]:
    """Return the lists of a journal, and its files of TLS.

    Its own addresses, the office's domains, who is exempt, private marks, who reports, which servers verify, what networks hand over.
    """
    files = {name: given[name].strip() for name in (*_FILES, *_MAPS) if name in given}
    if any(not _is_file(each) for each in files.values()):
        raise SourceRefusedError(
            "Files of a journal are named by their whole paths on this machine.",
            advice="Write --certificate /etc/ssl/rejent.pem --key /etc/ssl/rejent.key",
        )
    groups = {GROUPS: "\n".join(groups_of(given))} if GROUPS in given else {}
    if any(not each.isprintable() or len(each) > _LONGEST_PATH for each in groups_of(groups)):
        raise SourceRefusedError(
            "A group is named by its distinguished name.",
            advice="Write --exempt-group cn=zwiazek,ou=grupy,dc=urzad,dc=example",
        )
    stated = {
        name: _normal_list(name, value) for name, value in given.items() if name not in {*files, GROUPS}
    }
    if any(len(value) > _LONGEST_LIST for value in stated.values()):
        raise SourceRefusedError(
            "A list of the journal is too long.", advice="Name domains instead of addresses."
        )
    return stated | files | groups


def _normal_list(name: str, value: str) -> str:
    """Return one of a journal's lists, addresses and domains in normal form. Raises SourceRefusedError."""
    entries = [(_READ[name](each) if name in _READ else each) for each in _listed(value)]
    if None in entries:
        raise SourceRefusedError(
            "One of the journal's lists holds what does not belong there.",
            advice="Write addresses as name@domain, domains as domain.pl, exempt domains as @domain.pl, fields as name:value, and networks as 192.0.2.0/24.",
        )
    return ",".join(dict.fromkeys(each for each in entries if each))


def _listed(value: str) -> list[str]:
    return list(dict.fromkeys(each.strip().lower() for each in value.split(",") if each.strip()))


def _read_exemption(text: str) -> str | None:
    """Return an address or ``@domain`` in normal form; None for what is neither."""
    if not text.startswith("@"):
        return read_address(text)
    domain = read_domain(text[1:])
    return domain and f"@{domain}"


def _read_if(fits: Callable[[str], object]) -> Callable[[str], str | None]:
    return lambda text: text if fits(text) else None


def _is_network(text: str) -> bool:
    try:
        return ip_network(text, strict=False).prefixlen > 0
    except ValueError:
        return False


def _is_file(text: str) -> bool:
    return not text or (len(text) <= _LONGEST_PATH and text.isprintable() and Path(text).is_absolute())


_READ: Mapping[str, Callable[[str], str | None]] = {
    "recipients": read_address,
    "reporters": read_address,
    "domains": read_domain,
    "exempt": _read_exemption,
    GROUPED: read_address,
    "headers": _read_if(_HEADER.fullmatch),
    "authserv": _read_if(_AUTHSERV.fullmatch),
    "networks": _read_if(_is_network),
    "doubtful": _read_if(frozenset({ASIDE, DROPPED}).__contains__),
}

FORM = SourceForm(
    is_continuous=False,
    address=parsed,
    traits=_traits,
    fits=_require_safe,
    excludes=excludes,
    preset={"marks": MARKS},
    reach=lambda address: _LONGEST_IMPORTED if is_history(address) else LONGEST,
    longest=lambda address: _LONGEST_IMPORTED if is_history(address) else _LONGEST_RECORDED,
    comes_late=is_history,
    by_hand=is_history,
    keeps_gap=lambda _, cause: cause in _KEPT,
    destroyed=forget_places,
    wanted_keys=wanted_days,
)
