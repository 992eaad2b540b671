"""Recording sessions by TLS: from whoever shows a certificate of the right authority, and from nobody else."""

import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from rejent.kernel.errors import InputRefusedError
from rejent.office.installation import Installation
from rejent.streams.calls.network.sip.message import write_message
from rejent.streams.calls.receiving.siprec.connection import session_encryption
from tests.calls.exchange import HOST, free_ports, until
from tests.certificates import Authority, Signed
from tests.installation import CommandServer, Office, another_office, running
from tests.ports import free_port
from tests.unit.streams_calls.sip_messages import request

NAME = "Switchboard"
SETTINGS = """
[calls]
rtp_ports = [{first}, {last}]
tls_certificate = "{own.certificate}"
tls_key = "{own.key}"
tls_client_authorities = "{authorities}"
"""
DESCRIPTION = (
    f"v=0\r\no=s 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
    "m=audio 9 RTP/AVP 8\r\na=sendonly\r\nm=audio 11 RTP/AVP 8\r\na=sendonly\r\n"
)


def encrypted(office: Office, first: int, own: Signed, authorities: Path) -> None:
    """Name what sessions are taken with."""
    told = SETTINGS.format(first=first + 2, last=first + 41, own=own, authorities=authorities)
    with (office.directory / "rejent.toml").open("a") as file:
        file.write(told)


def spoken(port: int, authority: Authority, own: Signed | None, *messages: bytes) -> list[str]:
    """What the recorder answers to each message, by its first line."""
    context = ssl.create_default_context(cafile=authority.file)
    if own is not None:
        context.load_cert_chain(own.certificate, own.key)
    found = []
    with (
        socket.create_connection((HOST, port), 10) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as call,
    ):
        for message in messages:
            call.sendall(message)
            found.append(call.recv(65536).decode().splitlines()[0])
    return found


def session() -> tuple[bytes, bytes]:
    """The first and the last message of a session."""
    extra = [
        ("Require", "siprec"),
        ("Content-Type", "application/sdp"),
        ("Content-Length", str(len(DESCRIPTION))),
    ]
    invite = write_message(request(body=DESCRIPTION.encode(), extra=extra))
    return invite, write_message(request("OPTIONS", 2, branch="z9hG4bKb", call_id="c2@sbc.example.org"))


def test_calls_are_taken_by_tls(tmp_path: Path) -> None:
    """A line of its own takes sessions by TLS alone, and records them; who has no certificate is not spoken to."""
    ours, others = Authority(tmp_path, "Office"), Authority(tmp_path, "Other")
    first = free_ports(42)
    office = another_office(tmp_path / "office", regulation="walbrzych-mops")
    line = (
        "--stream",
        "calls",
        "--name",
        NAME,
        "--siprec",
        f"siprecs://{HOST}:{first}",
        "--numbers",
        "+48 74 841",
    )
    own = ours.server(HOST)
    caller = ours.server("sbc.example.org")
    command = CommandServer(office)
    assert "rejent.toml names no certificate" in command("source add", *line).line()
    encrypted(office, first, own, ours.file)
    command = CommandServer(office)
    assert command("source add", *line).status == 0
    assert command("keep", "--once").status == 0
    with running(office, "--role", "recorder") as program:
        program.until("calls.listening")
        until(lambda: command("source list", "--json").json[0]["state"] == "recording")
        assert spoken(first, ours, caller, *session()) == ["SIP/2.0 200 OK"] * 2
        for stranger in (None, others.server("sbc.example.com")):
            with pytest.raises((OSError, IndexError)):
                spoken(first, ours, stranger, *session())
        with socket.create_connection((HOST, first), 10) as plain:
            plain.sendall(session()[0])
            with pytest.raises((OSError, IndexError)):
                plain.recv(65536).decode("ascii").splitlines()[0]
    command = CommandServer(office)
    (call,) = command("calls list", "--json").json
    assert call["line"] == NAME


def test_a_certificate_named_while_the_program_runs_is_taken_when_it_begins_anew(tmp_path: Path) -> None:
    """The command says so, and the program's log why nobody listens."""
    ours = Authority(tmp_path, "Office")
    first = free_ports(42)
    office = another_office(tmp_path / "office", regulation="walbrzych-mops")
    stated = ("--siprec", f"siprecs://{HOST}:{first}", "--numbers", "+48 74 841")
    plain = ("--siprec", f"{HOST}:{free_port()}", "--numbers", "+48 74 841")
    command = CommandServer(office)
    assert command("source add", "--stream", "calls", "--name", "Plain", *plain).status == 0
    assert command("keep", "--once").status == 0
    with running(office, "--role", "recorder") as program:
        program.until("calls.listening")
        encrypted(office, first, ours.server(HOST), ours.file)
        command = CommandServer(office)
        added = command("source add", "--stream", "calls", "--name", NAME, *stated)
        assert (added.status, "once it is restarted" in added.err) == (0, True)
        program.until("calls.no-tls")


@pytest.mark.parametrize("harm", ["key", "certificate", "authorities", "missing", "passphrase"])
def test_files_that_cannot_be_used_are_named(tmp_path: Path, harm: str) -> None:
    """Files that do not belong together, are none, or are not there: one line says which."""
    ours, others = Authority(tmp_path, "Office"), Authority(tmp_path, "Other")
    own, foreign = ours.server(HOST), others.server("sbc.example.org")
    chosen = {
        "key": (Signed(own.certificate, foreign.key), ours.file),
        "certificate": (Signed(own.key, own.key), ours.file),
        "authorities": (own, own.key),
        "missing": (Signed(tmp_path / "none.pem", own.key), ours.file),
        "passphrase": (Signed(own.certificate, _sealed(own.key)), ours.file),
    }
    named, authorities = chosen[harm]
    installation = Installation(
        tmp_path, "0" * 32, "office", True, datetime(2026, 11, 22, tzinfo=UTC),
        stated={"calls": {
            "tls_certificate": str(named.certificate), "tls_key": str(named.key),
            "tls_client_authorities": str(authorities),
        }},
    )  # fmt: skip
    with pytest.raises(InputRefusedError, match="cannot be taken by TLS") as refused:
        session_encryption(installation)
    assert len(str(refused.value).splitlines()) == 1


def _sealed(key: Path) -> Path:
    sealed = key.with_suffix(".sealed")
    opened = load_pem_private_key(key.read_bytes(), None)
    sealed.write_bytes(
        opened.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase"))
    )
    return sealed
