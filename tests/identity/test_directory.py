"""The directory's side of signing in: a real slapd over LDAPS and StartTLS, and servers that cheat (RFC 4511, 4513)."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from rejent.office.errors import NotProvenError, WayAwayError
from rejent.office.sign_in.configured import Directory
from rejent.office.sign_in.directory import Found, LdapDirectory
from tests.certificates import Authority, Signed
from tests.identity.slapd import LOOKER, LOOKERS_PASSWORD, PASSWORD, PEOPLE, Slapd

START_TLS_REFUSED = bytes.fromhex("300c02010178070a010204000400")
"""An extended response with the result ``protocolError`` (RFC 4511 § 4.12), as a stripping relay sends it."""


def opened(at: Directory, secret: str = LOOKERS_PASSWORD) -> LdapDirectory:
    """Our side of a directory."""
    return LdapDirectory(at, Path("/"), secret)


@pytest.fixture(params=[True, False], ids=["ldaps", "starttls"])
def directory(request: pytest.FixtureRequest, ldap_server: Slapd) -> LdapDirectory:
    """The running server, asked either way."""
    return opened(ldap_server.directory(tls_at_once=request.param))


def test_people_are_found_by_the_name_they_type(directory: LdapDirectory) -> None:
    """As they write it elsewhere; the entry's UUID is what counts, by name or by distinguished name."""
    directory.demand()
    anna = directory.find("anna")
    assert anna is not None
    assert directory.find(" Anna ") == anna == directory.find_dn(anna.dn)
    assert len(anna.subject) == 36
    assert directory.find("jan") != anna
    assert directory.find("nobody") is None


def test_the_password_is_asked_of_the_directory(directory: LdapDirectory) -> None:
    """Right, wrong, and somebody else's name with it."""
    anna = directory.find("anna")
    assert anna is not None
    assert directory.opens(anna, PASSWORD)
    assert not directory.opens(anna, PASSWORD + " ")
    assert not directory.opens(Found(f"uid=nobody,{PEOPLE}", anna.subject), PASSWORD)
    assert not directory.opens(Found("no name at all", anna.subject), PASSWORD)


def test_an_empty_password_is_nobodys(directory: LdapDirectory) -> None:
    """Servers answer it as a wish to stay unknown, with success; it never reaches them (RFC 4513 § 5.1.2)."""
    anna = directory.find("anna")
    assert anna is not None
    assert not directory.opens(anna, "")
    assert not directory.opens(anna, "\0")


@pytest.mark.parametrize(
    "name",
    ["*", "a*", "anna)(uid=*", "anna)(|(uid=*", "*)(objectClass=*", "\\61nna", "anna\0", "(anna)", "", " ", "x" * 300,
     "anna)", "\\", "anna\u202e", "uid=anna," + PEOPLE],
)  # fmt: skip
def test_a_name_is_never_a_filter(directory: LdapDirectory, name: str) -> None:
    """Stars, parentheses and backslashes are signs of a name like any other (RFC 4515 § 3)."""
    assert directory.find(name) is None


def test_two_people_of_one_name_are_nobody(ldap_server: Slapd) -> None:
    """A search that finds more than one entry signs nobody in."""
    at = ldap_server.directory()
    everybody = Directory(
        at.host, at.port, at.tls_at_once, LOOKER, PEOPLE, name_attribute="objectClass", ca=at.ca
    )
    assert opened(everybody).find("person") is None


def test_a_name_given_to_somebody_else_is_not_the_same_person(ldap_server: Slapd) -> None:
    """After a renaming the identifier stays with the person; who gets the old name has another."""
    directory = opened(ldap_server.directory())
    ldap_server.add("ewa")
    first = directory.find("ewa")
    ldap_server.rename("ewa", to="ewa.nowak")
    ldap_server.add("ewa")
    second, renamed = directory.find("ewa"), directory.find("ewa.nowak")
    for uid in ("ewa", "ewa.nowak"):
        ldap_server.remove(uid)
    assert first is not None
    assert second is not None
    assert renamed is not None
    assert first.subject == renamed.subject != second.subject


def test_the_account_that_looks_people_up_must_be_let_in(ldap_server: Slapd) -> None:
    """A wrong password of its own is a fault of the way, not of who signs in; so is a base that is not there."""
    with pytest.raises(WayAwayError, match="49"):
        opened(ldap_server.directory(), "wrong").find("anna")
    at = ldap_server.directory()
    nowhere = Directory(at.host, at.port, at.tls_at_once, LOOKER, "ou=nowhere,dc=gmina,dc=example", ca=at.ca)
    with pytest.raises(WayAwayError, match="32"):
        opened(nowhere).demand()


def test_an_entry_without_a_readable_identifier_is_nobody(ldap_server: Slapd) -> None:
    """Active Directory's attribute, which this server does not have: refused with its name."""
    at = ldap_server.directory()
    without = Directory(at.host, at.port, at.tls_at_once, LOOKER, PEOPLE, id_attribute="objectGUID", ca=at.ca)
    with pytest.raises(NotProvenError, match="objectGUID"):
        opened(without).find("anna")


def test_people_of_active_directory_are_known_by_their_guid(ldap_server: Slapd) -> None:
    """Its octets are written as Windows writes them: the first three groups backwards (MS-DTYP § 2.3.4)."""
    ldap_server.add_windows_person(bytes(range(16)))
    at = replace(ldap_server.directory(), name_attribute="sAMAccountName", id_attribute="objectGUID")
    adam = opened(at).find("A.Nowak")
    assert adam is not None
    assert adam.subject == "03020100-0504-0706-0809-0a0b0c0d0e0f"
    assert opened(at).opens(adam, PASSWORD)
    assert not opened(at).opens(adam, "wrong")


@pytest.mark.parametrize("tls_at_once", [True, False])
def test_no_certificate_is_believed_that_the_office_does_not(
    ldap_server: Slapd, tmp_path: Path, tls_at_once: bool
) -> None:
    """Another authority's, or another host's: nothing is said to that server."""
    stranger = Authority(tmp_path, "Stranger")
    for changed in ({"ca": stranger.file}, {"host": "127.0.0.1"}):
        at = ldap_server.directory(tls_at_once=tls_at_once, **changed)  # type: ignore[arg-type]  # one of two kinds
        with pytest.raises(WayAwayError):
            opened(at).find("anna")


@contextmanager
def cheating(answered: Callable[[socket.socket, bytearray], None]) -> Iterator[tuple[int, bytearray]]:
    """A server that does what a test wants with each connection; its port, and all it was sent in the clear."""
    heard = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            try:
                while True:
                    connection, _ = listening.accept()
                    with connection:
                        answered(connection, heard)
            except OSError:
                return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1], heard
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def at_port(port: int, *, tls_at_once: bool, ca: Path) -> Directory:
    """A directory at a port of this machine."""
    return Directory("localhost", port, tls_at_once, LOOKER, PEOPLE, ca=str(ca))


def test_a_relay_that_strips_starttls_hears_no_password(authority: Authority) -> None:
    """Where TLS is refused, or what follows is none, the connection ends before anything is said."""

    def refuse(connection: socket.socket, heard: bytearray) -> None:
        heard += connection.recv(4096)
        connection.sendall(START_TLS_REFUSED)
        heard += connection.recv(4096)

    with cheating(refuse) as (port, heard), pytest.raises(WayAwayError):
        opened(at_port(port, tls_at_once=False, ca=authority.file)).find("anna")
    assert b"1.3.6.1.4.1.1466.20037" in heard
    assert LOOKER.encode() not in heard
    assert LOOKERS_PASSWORD.encode() not in heard


def test_a_server_that_signed_its_own_certificate_hears_no_password(
    authority: Authority, tmp_path: Path
) -> None:
    """The handshake ends with the certificate."""
    own = Authority(tmp_path, "Own").server("localhost")

    def shake(connection: socket.socket, heard: bytearray) -> None:
        try:
            with _tls(own).wrap_socket(connection, server_side=True) as encrypted:
                heard += encrypted.recv(4096)
        except ssl.SSLError:
            return

    with cheating(shake) as (port, heard), pytest.raises(WayAwayError, match="certificate is not believed"):
        opened(at_port(port, tls_at_once=True, ca=authority.file)).find("anna")
    assert heard == b""


@pytest.mark.parametrize("moment", ["handshake", "answer"])
def test_a_directory_that_hangs_is_given_up(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """An octet now and then, in the handshake or after it, keeps nobody waiting beyond the bound."""
    monkeypatch.setattr("rejent.office.sign_in.directory.LONGEST_S", 1.0)
    served = authority.server("localhost")
    over = threading.Event()

    def drip(connection: socket.socket, _: bytearray) -> None:
        try:
            talking = (
                connection
                if moment == "handshake"
                else _tls(served).wrap_socket(connection, server_side=True)
            )
            first = b"\x16\x03\x03\x40\x00" if moment == "handshake" else b"\x30\x84\x00\xff\xff\xff"
            with talking:
                talking.sendall(first)
                while not over.wait(0.3):
                    talking.sendall(b"\x02")
        except OSError:
            return

    with cheating(drip) as (port, _):
        try:
            with pytest.raises(WayAwayError):
                opened(at_port(port, tls_at_once=True, ca=authority.file)).find("anna")
        finally:
            over.set()


SUCCESS_OF_BIND = bytes.fromhex("300c02010161070a010004000400")


@pytest.mark.parametrize(
    "answers",
    [
        [b"HTTP/1.1 400 Bad Request\r\n\r\n"],
        [b"\x30\x05hello"],
        [b"\x30\x80\x02\x01\x01\x00\x00"],
        [b"\x30\x84\xff\xff\xff\xff"],
        [bytes.fromhex("300c02010961070a010004000400")],
        [bytes.fromhex("300c02010061070a010004000400")],
        [bytes.fromhex("300c02010161070aff0004000400")],
        [bytes.fromhex("3003020101")],
        [SUCCESS_OF_BIND, b"\x30\x05hello"],
        [SUCCESS_OF_BIND, bytes.fromhex("300c02010264070400300330010a")],
        [SUCCESS_OF_BIND, SUCCESS_OF_BIND],
        [SUCCESS_OF_BIND, b""],
    ],
)
def test_what_is_no_ldap_is_a_directory_that_is_away(authority: Authority, answers: list[bytes]) -> None:
    """Whatever comes instead of an answer is one error, which never lets anybody in."""
    served = authority.server("localhost")

    def answer(connection: socket.socket, _: bytearray) -> None:
        try:
            with _tls(served).wrap_socket(connection, server_side=True) as encrypted:
                for each in answers:
                    encrypted.recv(4096)
                    encrypted.sendall(each)
        except OSError:
            return

    with cheating(answer) as (port, _), pytest.raises(WayAwayError):
        opened(at_port(port, tls_at_once=True, ca=authority.file)).find("anna")


def test_a_directory_that_is_not_there_is_away(ldap_server: Slapd) -> None:
    """Nobody listens: said as it is, without the name that was typed."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(WayAwayError) as away:
        opened(at_port(port, tls_at_once=True, ca=ldap_server.ca)).find("anna")
    assert "anna" not in str(away.value)


def _tls(served: Signed) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served.certificate, served.key)
    return context
