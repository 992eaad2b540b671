"""An LDAP directory: finds who somebody is by the name they type, and asks it whether a password is theirs.

Nothing is said without TLS, and nothing to a server whose certificate is not believed or names another host. Every
question ends within `LONGEST_S`, however slowly the directory answers. ldap3 speaks the protocol.
"""

import re
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from ssl import SSLContext
from typing import Any

from ldap3 import BASE, DEREF_NEVER, NONE, SIMPLE, SUBTREE, SYNC, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars
from pyasn1.error import PyAsn1Error

from rejent.kernel.plain_text import is_plain
from rejent.office.errors import NotProvenError, WayAwayError
from rejent.office.sign_in.configured import Directory, cause_of, trust

LONGEST_S = 6.0
"""Seconds after which a connection is cut."""
LONGEST_LIST_S = 60.0
"""The same while everybody is listed."""
MOST_LISTED = 3000
_PAGE = 500
_PAGED = "1.2.840.113556.1.4.319"
"""Control of results in pages (RFC 2696)."""
_MEMBERS = ("member", "uniqueMember")
_GROUPED = ("mail", *_MEMBERS)
"""Attributes of a group and its members; Active Directory names a piece of a long list `member;range=…`."""
_LISTED = ("displayName", "cn", "title", "mail", "telephoneNumber")
_STEP_S = 3
_LONGEST_NAME = 256
_BROKEN = (LDAPException, PyAsn1Error, OSError, LookupError, TypeError, ValueError, AttributeError)
"""Errors that ldap3 lets through when a connection breaks or an answer is malformed."""
_SUCCESS, _SIZE_LIMIT, _NO_SUCH_OBJECT, _INVALID_DN, _INVALID_CREDENTIALS = 0, 4, 32, 34, 49
"""Result codes (RFC 4511 § 4.1.9)."""
_REFUSED = frozenset({_INVALID_CREDENTIALS, _INVALID_DN, _NO_SUCH_OBJECT, 19, 48, 50, 53})
"""Codes that refuse a person: wrong password, locked, expired, barred; RFC 4511 appendix A, draft-behera § 8.1."""


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody in the directory.

    Attributes:
        dn: by what they are asked now; an entry may be renamed and its name given to somebody else.
        subject: the UUID of the entry, which never is.
    """

    dn: str
    subject: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody in the directory with what an import takes over; ``username`` is the name they type.

    ``subject`` is empty where the entry has no one identifier, ``username`` where it has not one name to type.
    """

    subject: str
    username: str
    name: str
    post: str
    email: str
    extension: str


@dataclass(frozen=True, slots=True)
class GroupAddresses:
    """Addresses of a group and its members; ``without`` counts members who are gone, cannot be read, or show no address."""

    addresses: frozenset[str] = field(repr=False)
    without: int


class LdapDirectory:
    """The directory that an installation names."""

    def __init__(self, at: Directory, folder: Path, secret: str) -> None:
        self._at = at
        self._folder = folder
        self._secret = secret

    def find(self, name: str) -> Found | None:
        """Return the one entry of a name that somebody typed; nothing where there is none, or more than one.

        Raises WayAwayError.
        """
        typed = name.strip()
        if not typed or len(typed) > _LONGEST_NAME or not is_plain(typed):
            return None
        wanted = f"(&({self._at.name_attribute}={escape_filter_chars(typed)}){self._at.filter})"
        return self._one(self._at.base, wanted, SUBTREE)

    def find_dn(self, dn: str) -> Found | None:
        """Return the entry of a distinguished name. Raises `WayAwayError` if the directory cannot be asked."""
        return self._one(dn, self._at.filter, BASE)

    def everybody(self) -> list[Listed]:
        """Return everybody below the base who fulfils the filter and has a name to type, by that name.

        Raises WayAwayError, NotProvenError.
        """
        at, found, cookie = self._at, list[Listed](), None
        wanted = f"(&({at.name_attribute}=*){at.filter})"
        with self._asking(LONGEST_LIST_S) as connection:
            while True:
                connection.search(
                    at.base, wanted, SUBTREE, DEREF_NEVER, attributes=[at.id_attribute, at.name_attribute, *_LISTED],
                    paged_size=_PAGE, paged_cookie=cookie,
                )  # fmt: skip
                if (code := connection.result["result"]) != _SUCCESS:
                    raise _away(f"the search gives result {code}")
                entries = [each for each in connection.response or [] if each["type"] == "searchResEntry"]
                found += [_listed(each["raw_attributes"], at) for each in entries]
                cookie = connection.result.get("controls", {}).get(_PAGED, {}).get("value", {}).get("cookie")
                if len(found) > MOST_LISTED:
                    raise NotProvenError("The directory has more than {most} people.", most=MOST_LISTED)
                if not cookie:
                    break
        if found and not any(one.subject for one in found):
            raise _unidentified(at.id_attribute)
        return sorted(found, key=lambda one: one.username)

    def group_addresses(self, dn: str) -> GroupAddresses:
        """Return the addresses of a group and of its members, those of groups within it too.

        Raises WayAwayError; NotProvenError: there is no such group, it names nobody, or it has more members than are asked for.
        """
        found, seen, waiting, without = set[str](), set[str](), [dn], 0
        with self._asking(LONGEST_LIST_S) as connection:
            while waiting:
                one = waiting.pop()
                if one.casefold() in seen:
                    continue
                seen.add(one.casefold())
                connection.search(one, "(objectClass=*)", BASE, DEREF_NEVER, attributes=_GROUPED)
                code, answers = connection.result["result"], connection.response or []
                entries = [each["raw_attributes"] for each in answers if each["type"] == "searchResEntry"]
                if code not in {_SUCCESS, _NO_SUCH_OBJECT, _INVALID_DN}:
                    raise _away(f"the search gives result {code}")
                if one == dn and (code != _SUCCESS or len(entries) != 1):
                    raise NotProvenError("The directory has no group {dn}.", dn=dn)
                entry = entries[0] if len(entries) == 1 else {}
                addresses, members = _texts(entry, "mail"), _texts(entry, *_MEMBERS)
                without += sum(len(entry.get(name) or ()) for name in _MEMBERS) - len(members)
                if not addresses and not members:
                    without += 1
                found.update(addresses)
                waiting += members
                if len(seen) + len(waiting) > MOST_LISTED or any(";" in name for name in entry):
                    raise NotProvenError("The group has more than {most} members.", most=MOST_LISTED)
        if not found:
            raise NotProvenError(
                "The group {dn} names nobody, or nobody with an address.", dn=dn,
                advice="See that the account that looks people up reads its members and their attribute mail.",
            )  # fmt: skip
        return GroupAddresses(frozenset(found), without)

    def opens(self, found: Found, password: str) -> bool:
        """Return whether a password is somebody's.

        An empty one is nobody's: servers take it for a wish to stay unknown, and answer that all is well (RFC 4513 §
        5.1.2). Raises `WayAwayError` if the directory cannot be asked.
        """
        if not password or "\0" in password:
            return False
        with self._connected(found.dn, password) as connection:
            code = _bound(connection)
        if code not in _REFUSED | {_SUCCESS}:
            raise _away(f"result {code}")
        return code == _SUCCESS

    def demand(self) -> None:
        """See that the directory answers, and lets the account in that looks people up. Raises WayAwayError."""
        with self._asking() as connection:
            connection.search(self._at.base, "(objectClass=*)", BASE, DEREF_NEVER, attributes=["1.1"])
            if (code := connection.result["result"]) != _SUCCESS:
                raise _away(f"the base gives result {code}")

    def _one(self, base: str, wanted: str, scope: str) -> Found | None:
        with self._asking() as connection:
            connection.search(
                base,
                wanted,
                scope,
                DEREF_NEVER,
                attributes=[self._at.id_attribute],
                size_limit=2,
                time_limit=_STEP_S,
            )
            code, answers = connection.result["result"], connection.response or []
        entries = [each for each in answers if each["type"] == "searchResEntry"]
        if code in {_NO_SUCH_OBJECT, _INVALID_DN, _SIZE_LIMIT} or (code == _SUCCESS and len(entries) != 1):
            return None
        if code != _SUCCESS:
            raise _away(f"the search gives result {code}")
        subject = _subject(entries[0]["raw_attributes"], self._at.id_attribute)
        if not subject:
            raise _unidentified(self._at.id_attribute)
        return Found(entries[0]["dn"], subject)

    @contextmanager
    def _asking(self, seconds: float = LONGEST_S) -> Iterator[Any]:
        """Yield a connection of the account that looks people up."""
        with self._connected(self._at.bind_dn, self._secret, seconds) as connection:
            if (code := _bound(connection)) != _SUCCESS:
                raise _away(f"the account that looks people up gives result {code}")
            yield connection

    @contextmanager
    def _connected(self, user: str, password: str, seconds: float = LONGEST_S) -> Iterator[Any]:
        """Yield a connection under TLS, on which nothing is said yet; it is cut after so many seconds."""
        try:
            server = Server(
                self._at.host,
                self._at.port,
                use_ssl=self._at.tls_at_once,
                tls=_DemandingTls(trust(self._at.ca, self._folder), self._at.host),
                get_info=NONE,
                connect_timeout=_STEP_S,
            )
            connection = Connection(
                server, user, password, authentication=SIMPLE, client_strategy=SYNC, auto_referrals=False,
                receive_timeout=_STEP_S, read_only=True,
            )  # fmt: skip
            with _cut_after(seconds, connection):
                connection.open(read_server_info=False)
                if not self._at.tls_at_once and not connection.start_tls(read_server_info=False):
                    raise _away("it offers no TLS")
                yield connection
        except _BROKEN as error:
            raise _away(cause_of(error)) from None


class _DemandingTls(Tls):  # type: ignore[misc]  # ldap3 has no types
    """TLS with Python's own check of certificate and host, in place of ldap3's of 2021."""

    def __init__(self, context: SSLContext, host: str) -> None:
        super().__init__()
        self._context = context
        self._host = host

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:  # noqa: ARG002 - ldap3's signature
        """Put TLS around the connection; it is within reach of `_cut_after` while it shakes hands."""
        wrapped = self._context.wrap_socket(
            connection.socket, server_hostname=self._host, do_handshake_on_connect=False
        )
        connection.socket = wrapped
        wrapped.do_handshake()


@contextmanager
def _cut_after(seconds: float, connection: Any) -> Iterator[None]:
    """Close a connection in the end, and cut it before if that takes too long: a server may send an octet a second for ever."""
    done = threading.Event()

    def cut() -> None:
        late = not done.wait(seconds)
        while late:
            if (held := connection.socket) is not None:
                with suppress(OSError):
                    socket.socket.shutdown(held, socket.SHUT_RDWR)
            late = not done.wait(_STEP_S / 10)

    watch = threading.Thread(target=cut, daemon=True)
    watch.start()
    try:
        yield
    finally:
        done.set()
        watch.join()
        if connection.socket is not None:
            connection.socket.close()


def _bound(connection: Any) -> int:
    """Return the result of signing in with the connection's name and password."""
    connection.bind(read_server_info=False)
    return int(connection.result["result"])


def _subject(attributes: Any, name: str) -> str:
    """Return the entry's UUID in its usual writing; empty where it has none that can be read, or several."""
    try:
        (value,) = attributes.get(name) or [b""]
        return str(uuid.UUID(bytes_le=value) if name == "objectGUID" else uuid.UUID(value.decode("ascii")))
    except ValueError:
        return ""


def _unidentified(attribute: str) -> NotProvenError:
    return NotProvenError(
        "The directory shows no {attribute} of this entry, or several.",
        attribute=attribute,
        advice="Let the account that looks people up read it; an entry has one.",
    )


def _texts(attributes: Any, *names: str) -> list[str]:
    """Return the values of attributes; one that is empty or no UTF-8 counts as missing."""
    return [text for name in names for value in attributes.get(name) or () if (text := _text(value))]


def _listed(attributes: Any, at: Directory) -> Listed:
    """Return one entry; of several values the first counts."""

    def first(*names: str) -> str:
        return next(iter(_texts(attributes, *names)), "")

    typed = _texts(attributes, at.name_attribute)
    return Listed(
        subject=_subject(attributes, at.id_attribute),
        username=typed[0] if len(typed) == 1 else "",
        name=first("displayName", "cn"),
        post=first("title"),
        email=first("mail"),
        extension=re.sub(r"[^+0-9]", "", first("telephoneNumber")),
    )


def _text(value: bytes) -> str:
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        return ""


def _away(why: str) -> WayAwayError:
    return WayAwayError("The directory does not answer as it should: {why}.", why=why)
