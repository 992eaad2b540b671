"""What is tried against the running program from outside: paths that lead out of the pages, and files of the office over them."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import requests

from rejent.kernel.clock import SystemClock, civil_date, local_midnight
from tests.installation import Office, new_office, recorded, running
from tests.ports import free_port
from tests.waiting import CEILING_S

PASSWORD = "cicha rzeka o świcie 7"
CAMERA_PASSWORD = "Sekret-7-kamery"
MARKER = "ZNAK-NAGRANIA-"
SHORTEST = 16
"""Lines of the office's files that are at least so long are looked for in every answer."""
LINK = re.compile(r'(?:href|src|action)="([^"#]+)')


@dataclass(frozen=True)
class Attacked:
    """The running office."""

    office: Office
    base: str

    def signed_in(self, username: str) -> requests.Session:
        """A browser of somebody."""
        session = requests.Session()
        entrance = f"{self.base}/account/login/"
        session.get(entrance, timeout=CEILING_S)
        form = {"login": username, "password": PASSWORD, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
        answer = session.post(entrance, form, headers={"Origin": self.base}, timeout=CEILING_S)
        assert urlsplit(answer.url).path == "/", answer.text
        return session

    def raw(self, target: str, session: requests.Session) -> tuple[int, bytes]:
        """Status and body of a request whose target is sent as it is written."""
        with closing(HTTPConnection(self.base.removeprefix("http://"), timeout=CEILING_S)) as connection:
            connection.putrequest("GET", target)
            connection.putheader("Cookie", "; ".join(f"{one.name}={one.value}" for one in session.cookies))
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, answer.read()

    def secrets(self) -> set[bytes]:
        """What no page may show: recordings, and every line of the files that only the program reads."""
        files = [
            path
            for folder in ("keys", "secrets")
            for path in (self.office.directory / folder).rglob("*")
            if path.is_file() and path.suffix != ".pub"
        ]
        lines = {line.strip() for path in files for line in path.read_bytes().splitlines()}
        return {line for line in lines if len(line) >= SHORTEST} | {MARKER.encode(), CAMERA_PASSWORD.encode()}


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """An office with a recorded minute, whose administrator and head have accounts."""
    eight = local_midnight(civil_date(SystemClock().now()) - timedelta(days=1)) + timedelta(hours=8)
    office = new_office(tmp_path_factory.mktemp("attacked") / "office", at=eight)
    camera = office.add_camera("Hol", f"rtsp://viewer:{CAMERA_PASSWORD}@127.0.0.1:9/hol", eight)
    recorded(office, camera, eight, 1, MARKER)
    for role in ("administrator", "head"):
        office.add_person(role, role, PASSWORD)
    address = f"127.0.0.1:{free_port()}"
    with running(office, "--role", "web", "--listen", address) as program:
        program.until("web.listening")
        yield Attacked(office, f"http://{address}")


def tricks(folder: Path) -> Iterator[str]:
    """Request targets that would lead to a file of the office, or out of the program's own, if they were followed."""
    for wanted in ("rejent.toml", "secrets/session", "catalog/catalog.db"):
        for up in ("..", "%2e%2e", "..%2f..", "%252e%252e", "..%5c..", "....//"):
            yield f"/static/{up}/{up}/{up}/{wanted}"
            yield f"/authorisations/{up}/{up}/{wanted}/document.pdf"
            yield f"/sources/{up}%2f{wanted}"
            yield f"/ledger/export/{up}%2f{wanted}"
            yield f"/holds/{up}/{up}/{wanted}"
        yield f"/static/{folder}/{wanted}"
        yield f"/static//{quote(str(folder), safe='')}%2f{wanted}"
        yield f"//{folder}/{wanted}"
        yield f"/static/style.css%00/../../{wanted}"
        yield f"/?file={folder}/{wanted}"
    yield from (
        "/static/",
        "/static/../settings.py",
        "/static/%2e%2e/templates/base.html",
        "/%ff%fe",
        "/static/%ff",
    )


def test_no_path_leads_out_of_the_pages(attacked: Attacked) -> None:
    """Dots, doubled slashes, encodings and absolute paths are answered like any address that is none, never by a file."""
    session = attacked.signed_in("administrator")
    configuration = (attacked.office.directory / "rejent.toml").read_bytes().splitlines()
    kept = attacked.secrets() | {line for line in configuration if line.startswith(b"id = ")}
    for target in tricks(attacked.office.directory):
        status, body = attacked.raw(target, session)
        assert status in ({200} if target.startswith("/?") else {301, 302, 400, 403, 404}), (target, status)
        assert b"SQLite format" not in body, target
        assert not [line for line in kept if line in body], target


@pytest.mark.parametrize("role", ["administrator", "head"])
def test_no_page_shows_what_lies_in_the_offices_files(attacked: Attacked, role: str) -> None:
    """Every link that the administrator or the head is offered, followed to the end: no recording, no key, no password."""
    session, kept = attacked.signed_in(role), attacked.secrets()
    waiting, seen = ["/", "/metrics", "/readyz", "/api/v1/openapi.json"], set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = session.get(f"{attacked.base}{path}", timeout=CEILING_S)
        assert answer.status_code < 500 or path == "/readyz", (path, answer.status_code)
        assert not [line for line in kept if line in answer.content], path
        if answer.headers["Content-Type"].startswith("text/html"):
            waiting += [
                link for link in LINK.findall(answer.text) if link.startswith("/") and "?" not in link
            ]
    assert {"/people", "/sources", "/stations", "/promises"} <= seen
