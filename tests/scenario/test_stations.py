"""Stations from end to end: the real program over HTTPS on the loopback, browsers with and without certificates.

The regulation is Elbląg's with the words of Wałbrzych's about stations (§ 6 ust. 2–3): Wałbrzych records calls only, and
calls cannot be played yet. The office is asked by its own name, so that nobody counts as the machine itself.
"""

import json
import re
import shutil
import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from socket import create_connection
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from websockets.sync.client import connect
from websockets.typing import Origin

from rejent.devices.authority import DeviceAuthority
from rejent.kernel.clock import SystemClock, civil_date, local_midnight
from rejent.office.regulation.loading import example
from tests.authority import openssl
from tests.installation import (
    Office,
    RunningProgram,
    new_office,
    recorded,
    rejent,
    running,
)
from tests.ports import free_port
from tests.scenario.browsing import HOST, PASSWORD, Browser, Proxy
from tests.waiting import CEILING_S

CLAUSE = "§ 6 ust. 2–3, § 8 ust. 1"
PASSPHRASE = "sealed for a stick"
YESTERDAY = civil_date(SystemClock().now()) - timedelta(days=1)
EIGHT = local_midnight(YESTERDAY) + timedelta(hours=8)
WEB = """[web]
tls_certificate = "secrets/pages.pem"
tls_key = "secrets/pages.key"
client_certificates = true
"""
BEHIND_A_PROXY = """[web]
trusted_proxies = ["127.0.0.1"]
station_header = "X-Station-Certificate"
"""
LISTED = example("elblag").replace(
    'clause = "ust. 1 pkt 6–7"', f'stations = "listed"\nclause = "{CLAUSE}"', 1
)


@dataclass
class House:
    """The office under test."""

    office: Office
    camera: str
    folder: Path
    port: int

    def station(self, name: str, *options: str, **env: str) -> Path:
        """Enrol a station by the command; the file of its key and certificate as Python takes it."""
        bundle = self.folder / f"{name}.p12"
        done = rejent(
            "device", "enrol", self.office.directory, "--kind", "station", "--name", name, "--to", bundle, "--passphrase-stdin", *options,
            stdin=f"{PASSPHRASE}\n", env=env,
        )  # fmt: skip
        assert done.status == 0, done
        assert done.out.strip().isdigit()
        return unpacked(bundle)

    def browser(self, pem: Path | None = None) -> Browser:
        """A browser on some computer."""
        return Browser(self.port, self.office.directory / "secrets" / "pages.pem", pem)

    def running(self, **env: str) -> Any:
        """Run the pages."""
        return running(self.office, "--role", "web", "--listen", f"127.0.0.1:{self.port}", **env)

    def facts(self, act: str) -> list[dict[str, Any]]:
        """What the ledger holds of acts of a name, oldest first."""
        with closing(sqlite3.connect(self.office.directory / "catalog" / "catalog.db")) as database:
            rows = database.execute('SELECT facts FROM registers_entry WHERE act = ? ORDER BY "index"', [act])
            return [json.loads(facts) for (facts,) in rows]


def unpacked(bundle: Path) -> Path:
    """Key and certificate of a PKCS #12 file as PEM."""
    key, certificate, _ = pkcs12.load_key_and_certificates(bundle.read_bytes(), PASSPHRASE.encode())
    assert key is not None
    assert certificate is not None
    pem = bundle.with_suffix(".pem")
    pem.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    return pem


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """An office with a recorded minute, a viewer and a guard, whose pages ask for certificates; and its camera."""
    folder = tmp_path_factory.mktemp("made")
    regulation = folder / "regulation.toml"
    regulation.write_text(LISTED, encoding="utf-8")
    office = new_office(folder / "office", regulation=str(regulation), at=EIGHT)
    camera = office.add_camera("Kamera 1", "rtsp://127.0.0.1:9/hol", EIGHT)
    recorded(office, camera, EIGHT, 1)
    for username, act in (("viewer", "recordings"), ("guard", "live")):
        office.add_person(username, username, PASSWORD)
        assert office.run("authorise", "--person", username, "--act", act).status == 0
    openssl(
        office.directory / "secrets", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-days", "2", "-subj", f"/CN={HOST}", "-keyout", "pages.key", "-out", "pages.pem",
    )  # fmt: skip
    configuration = office.directory / "rejent.toml"
    text = configuration.read_text(encoding="utf-8").replace("hosts = []", f'hosts = ["{HOST}"]')
    configuration.write_text(f"{text}\n{WEB}", encoding="utf-8")
    return office.directory, camera


@pytest.fixture
def house(made: tuple[Path, str], tmp_path: Path) -> House:
    """A copy of that office."""
    directory, camera = made
    shutil.copytree(directory, tmp_path / "office")
    return House(Office(tmp_path / "office"), camera, tmp_path, free_port())


@pytest.fixture
def program(house: House) -> Iterator[RunningProgram]:
    """The pages, served."""
    with house.running() as program:
        program.until("web.listening")
        yield program


def test_a_station_enrolled_while_the_program_runs_opens_plays_and_ends_when_struck_off(
    house: House, program: RunningProgram
) -> None:
    """Index and media arrive at the station; struck off by the command, its next piece is refused with what to do."""
    browser = house.browser(house.station("Kasa", "--place", "parter")).sign_in("viewer")
    viewing = browser.open(house.camera)
    assert "· Kasa · OR.1431.17.2026" in browser.ask("GET", viewing).text
    status, index = browser.json(f"{viewing}/index.json")
    (segment,) = index["segments"]
    piece = f"{viewing}/media/{segment['id']}?from=28800&to=28810"
    played = browser.ask("GET", piece)
    assert (status, played.status, played.headers["Content-Type"]) == (200, 200, "video/mp4")
    (opened,) = house.facts("viewing.opened")
    assert opened["station"] == "1"
    assert house.office.run("device revoke", "Kasa", "--reason", "komputer wymieniono").status == 0
    status, refused = browser.json(piece)
    assert status == 403
    assert CLAUSE in refused["error"]
    assert "skreślono" in refused["now"]
    assert program.process.poll() is None
    listed = house.office.json("device list")
    assert [(one["id"], one["name"], one["place"], one["state"]) for one in listed] == [
        (1, "Kasa", "parter", "revoked")
    ]
    assert house.office.run("keep", "--once").status == 0
    (closed,) = house.facts("viewing.closed")
    assert closed["reason"] == "station-not-listed"


def test_without_a_certificate_the_pages_open_and_recordings_do_not(
    house: House, program: RunningProgram
) -> None:
    """Signing in and the rest of the pages work; the recording is refused with the clause, and the attempt entered."""
    assert program.process.poll() is None
    browser = house.browser().sign_in("viewer")
    assert browser.ask("GET", "/").status == 200
    for answer in (browser.ask("GET", "/find"), browser.find(house.camera)):
        assert answer.status == 403
        assert CLAUSE in answer.text
        assert "Co dalej" in answer.text
    assert [one["rule"] for one in house.facts("access.refused")] == ["station-not-listed"] * 2
    assert house.facts("viewing.opened") == []


def test_no_cookie_leaves_the_encrypted_pages(house: House, program: RunningProgram) -> None:
    """Every cookie that pages over TLS set is marked so that no plain request carries it, from the entrance on."""
    assert program.process.poll() is None
    browser = house.browser()
    set_by = [
        browser.ask("GET", "/account/login/"),
        browser.ask("POST", "/account/login/", {"login": "viewer", "password": PASSWORD}),
    ]
    for answer, name in zip(set_by, ("csrftoken", "sessionid"), strict=True):
        (cookie,) = (one for one in answer.cookies if one.startswith(f"{name}="))
        assert "; Secure" in cookie


def test_a_session_carried_to_another_computer_opens_nothing_there(
    house: House, program: RunningProgram
) -> None:
    """The cookie of an open viewing is worth nothing without the station's key, nor at another station."""
    assert program.process.poll() is None
    browser = house.browser(house.station("Kasa")).sign_in("viewer")
    viewing = browser.open(house.camera)
    for other in (None, house.station("Sekretariat")):
        thief = house.browser(other)
        thief.cookies = dict(browser.cookies)
        status, refused = thief.json(f"{viewing}/index.json")
        assert status == 403, refused
    assert browser.json(f"{viewing}/index.json")[0] == 200


def test_a_resumed_connection_still_knows_its_certificate(house: House, program: RunningProgram) -> None:
    """A browser that takes up an earlier handshake shows nothing anew, and is the same station."""
    assert program.process.poll() is None
    browser = house.browser(house.station("Kasa")).sign_in("viewer")
    context, session, answers = browser.context, None, []
    question = f"GET /find HTTP/1.1\r\nHost: {HOST}\r\nCookie: {browser.cookie}\r\nConnection: close\r\n\r\n"
    for resumed in (False, True):
        with (
            create_connection(("127.0.0.1", house.port), timeout=CEILING_S) as plain,
            context.wrap_socket(plain, session=session) as encrypted,
        ):
            assert encrypted.session_reused is resumed
            encrypted.sendall(question.encode())
            answers.append(encrypted.recv(64).split(b"\r\n")[0])
            session = encrypted.session
    assert answers == [b"HTTP/1.1 200 OK"] * 2


def test_a_certificate_that_has_ended_is_told_on_a_page(house: House) -> None:
    """The handshake takes it, and the page says that it has ended, by the machine's clock and by the office's alike."""
    long_ago = SystemClock().now() - timedelta(days=10)
    ended = house.station("Stary", "--valid-days", "1", REJENT_CLOCK=long_ago.isoformat())
    tomorrow = house.station("Nowy", "--valid-days", "1")
    later = (SystemClock().now() + timedelta(days=2)).isoformat()
    cases: list[tuple[Path, dict[str, str]]] = [(ended, {}), (tomorrow, {"REJENT_CLOCK": later})]
    for pem, env in cases:
        with house.running(**env) as program:
            program.until("web.listening")
            answer = house.browser(pem).sign_in("viewer").ask("GET", "/find")
            assert answer.status == 403
            assert "Certyfikat tego komputera wygasł" in answer.text


def test_a_certificate_of_another_authority_ends_the_handshake(house: House, program: RunningProgram) -> None:
    """Also one that bears the same names: no request is answered, and none without it was needed to know."""
    house.station("Kasa")
    installation = re.search(
        r'id = "(\w+)"', (house.office.directory / "rejent.toml").read_text(encoding="utf-8")
    )
    assert installation is not None
    foreign = house.folder / "foreign"
    foreign.mkdir()
    now = SystemClock().now()
    authority = DeviceAuthority.open_or_found(foreign, installation[1], now)
    bundle = foreign / "Kasa.p12"
    bundle.write_bytes(authority.issue("Kasa", days=9, now=now, passphrase=PASSPHRASE).bundle)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        house.browser(unpacked(bundle)).ask("GET", "/healthz")
    assert house.browser().ask("GET", "/healthz").status == 200
    assert program.process.poll() is None


def test_a_header_proves_nothing_where_no_proxy_is_trusted(house: House, program: RunningProgram) -> None:
    """The digest of a listed certificate, written by whoever asks in each spelling, opens nothing."""
    assert program.process.poll() is None
    house.station("Kasa")
    (station,) = house.office.json("device list")
    browser = house.browser().sign_in("viewer")
    for name in ("X-Station-Certificate", "X_Station_Certificate", "Client-Cert", "X-SSL-Client-Cert"):
        assert browser.ask("GET", "/find", headers=[(name, station["certificate"])]).status == 403


def test_behind_a_trusted_proxy_its_header_counts_if_it_stands_there_once(house: House) -> None:
    """In any case of letters; not twice, not under a name that looks alike, and a certificate that is not listed opens nothing."""
    configuration = house.office.directory / "rejent.toml"
    text = configuration.read_text(encoding="utf-8")
    configuration.write_text(text.replace(WEB, BEHIND_A_PROXY), encoding="utf-8")
    house.station("Kasa", "--address", "192.0.2.0/24")
    (station,) = house.office.json("device list")
    digest, other = station["certificate"], "cd" * 32
    pem = quote((house.folder / "Kasa.pem").read_text(encoding="ascii").partition("-----BEGIN CERT")[2])
    escaped = f"-----BEGIN%20CERT{pem}"
    here, name = ("X-Forwarded-For", "192.0.2.7"), "X-Station-Certificate"
    opening = [
        [(name, digest)],
        [(name.upper(), digest)],
        [(name, escaped)],
        [("X_Station_Certificate", other), (name, digest)],
    ]
    refused = [
        [], [(name, "")], [(name, other)], [("X_Station_Certificate", digest)], [(name, digest), (name, digest)],
        [(name, digest), (name, "")], [(name, f"{digest},{other}")], [(name, f"{escaped},{escaped}")],
    ]  # fmt: skip
    with house.running() as program:
        program.until("web.listening")
        browser = Proxy(house.port, house.folder).sign_in("viewer")
        for headers in opening:
            assert browser.ask("GET", "/find", headers=[here, *headers]).status == 200, headers
        for headers in refused:
            assert browser.ask("GET", "/find", headers=[here, *headers]).status == 403, headers
        elsewhere = browser.ask(
            "GET", "/find", headers=[("X-Forwarded-For", "192.0.2.7, 198.51.100.1"), *opening[0]]
        )
        assert elsewhere.status == 403
        assert "pod innym adresem" in elsewhere.text


def test_the_live_wall_tells_at_which_station_it_was_watched(house: House, program: RunningProgram) -> None:
    """The certificate reaches the WebSocket too; without one the wall opens as well, for it asks for no station."""
    assert program.process.poll() is None
    for pem in (house.station("Portiernia"), None):
        browser = house.browser(pem).sign_in("guard")
        assert ("· Portiernia" in browser.ask("GET", "/live").text) is (pem is not None)
        with (
            create_connection(("127.0.0.1", house.port), timeout=CEILING_S) as plain,
            connect(
                f"wss://{HOST}/live/ws?sources={house.camera}", sock=plain, ssl=browser.context, server_hostname=HOST,
                origin=Origin(f"https://{HOST}"), additional_headers={"Cookie": browser.cookie},
            ) as socket,
        ):  # fmt: skip
            assert json.loads(socket.recv(timeout=CEILING_S))["pictures"]
    assert [one["station"] for one in house.facts("live.started")] == ["1", None]


def test_the_key_of_the_authority_lies_with_the_keys_and_nowhere_else(
    house: House, program: RunningProgram
) -> None:
    """It is its user's alone; neither catalogue nor vault nor any other file holds it or a station's key."""
    assert program.process.poll() is None
    pem = house.station("Kasa")
    authority = house.office.directory / "keys" / "stations.pem"
    assert authority.stat().st_mode & 0o077 == 0
    keys = [path.read_bytes().split(b"-----END")[0].split(b"\n", 1)[1].strip() for path in (authority, pem)]
    assert all(len(key) > 100 for key in keys)
    found = [path for path in house.office.directory.rglob("*") if path.is_file() and path != authority]
    assert not [path for path in found if any(key in path.read_bytes() for key in keys)]
    assert house.office.run("fsck").status == 0


@pytest.mark.parametrize(
    ("certificate", "key"),
    [
        ("pages.pem", "other.key"),
        ("missing.pem", "pages.key"),
        ("pages.key", "pages.pem"),
        ("pages.pem", "closed.key"),
    ],
)
def test_pages_that_cannot_be_served_are_refused_in_one_line(
    house: House, certificate: str, key: str
) -> None:
    """A key of another certificate, a file that is not there, files mixed up, a key under a passphrase."""
    secrets = house.office.directory / "secrets"
    openssl(
        secrets, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "other.key"
    )
    openssl(secrets, "ec", "-in", "pages.key", "-aes256", "-passout", "pass:river", "-out", "closed.key")
    configuration = house.office.directory / "rejent.toml"
    text = configuration.read_text(encoding="utf-8")
    text = re.sub(r"pages\.(pem|key)", lambda found: certificate if found[1] == "pem" else key, text)
    configuration.write_text(text, encoding="utf-8")
    done = house.office.run("run", "--role", "web", "--listen", f"127.0.0.1:{house.port}")
    assert "cannot be served over HTTPS" in done.line()


def test_a_browser_that_leaves_in_the_middle_of_the_handshake_harms_nobody(
    house: House, program: RunningProgram
) -> None:
    """Nonsense and silence on the port end for themselves; the next one is served."""
    for sent in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01", b""):
        with create_connection(("127.0.0.1", house.port), timeout=CEILING_S) as plain:
            plain.sendall(sent)
    assert house.browser().ask("GET", "/healthz").status == 200
    assert program.process.poll() is None
