"""The whole corpus through SMTP, opening, rendering, search and copy: ``python -m tests.streams.mail_shown_steps DIR STEP SOURCE FOLDER`` prints JSON."""

import html
import json
import re
import smtplib
import socketserver
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from tests.streams.mail_corpus import JOURNAL
from tests.streams.mail_steps import NOON, ask, browser_of, give_keys, office_people

HOST = "sledzenie.example"
"""Where every trick of the corpus leads."""


def record(source: str, folder: str) -> dict[str, Any]:
    """Hand every message of a folder over, as a mail server does."""
    from django.conf import settings

    from rejent.kernel.clock import ManualClock
    from rejent.retention.services import keep_once
    from rejent.streams.mail.simulated.receiving import receiving

    keep_once(settings.KEEPING())
    clock, taken = ManualClock(NOON), dict[str, int]()
    with receiving(source, clock) as (_, port), smtplib.SMTP("127.0.0.1", port) as client:
        for file in sorted(Path(folder).iterdir()):
            client.ehlo_or_helo_if_needed()
            client.mail("anna@urzad.example")
            client.rcpt(JOURNAL)
            assert client.docmd("DATA")[0] == 354
            client.send(re.sub(rb"(?m)(\A|(?<=\r\n))\.", b"..", file.read_bytes()) + b".\r\n")
            taken[file.name] = client.getreply()[0]
            clock.advance(timedelta(seconds=7))
    return {"taken": taken}


def show(source: str, folder: str) -> dict[str, Any]:
    """Open them in a granted case, look at each in every way, search, copy all, and let Chromium show each."""
    from django.conf import settings

    from rejent.access import queries, services
    from rejent.cases import services as cases
    from rejent.cases.views import Kind, State
    from rejent.kernel.intervals import Interval
    from rejent.web.signing_in.sessions import kept_as
    from tests.unit.cases.application import entered as disclosure

    clock, people = settings.CLOCK, office_people()
    browser = browser_of(people[0])
    case = disclosure(
        clock, source, kind=Kind.DISCLOSURE, stream="mail", received_on=clock.now().date(), event_first=NOON.date(),
        event_last=NOON.date(), interval=Interval(NOON, NOON + timedelta(hours=1)),
    ).number  # fmt: skip
    cases.decide_case(
        case,
        State.GRANTED,
        reasons="",
        basis="§ 5",
        knowledge=True,
        person=people[2],
        clock=clock,
        ledger=None,
    )
    browser_of(people[3]).post(f"{ask(browser, case)['Location']}/agree")
    opened = services.open_viewing(
        person=people[0], source_id=source, start=NOON, end=NOON + timedelta(hours=1), case=case,
        session=kept_as(str(browser.session.session_key)), purpose=next(iter(queries.purposes("mail", clock=clock))), clock=clock,
        acknowledged=True, second=people[1],
    )  # fmt: skip
    page = f"/viewings/{opened.id}"
    found: dict[str, Any] = {"unsealed": give_keys(page, browser, browser_of(people[3])).status_code}
    names = [file.name for file in sorted(Path(folder).iterdir())]
    messages = dict(zip(names, _listed(browser, page), strict=True))
    found |= {"shown": {name: _shown(browser, f"{page}/messages/{one}") for name, one in messages.items()}}
    stranger = browser_of(people[1])
    one = f"{page}/messages/{messages['html']}"
    found["missing"] = [browser.get(f"{one}/files/{each}").status_code for each in (1, "9" * 40)]
    found["others"] = [stranger.get(f"{one}{way}").status_code for way in ("", "/markup", "/files/0")]
    found["searched"] = {
        words: len(_listed(browser, page, words))
        for words in ("umowa-najmu", "na-samym-dnie", "znak-wielki", "nie ma")
    }
    found["looks"] = _entered()
    looked = {name: one for name, one in messages.items() if found["shown"][name]["looked"] == [200, 200]}
    found["browsed"] = _browsed(browser, page, messages, looked)
    made = browser.post(f"{page}/messages/copy", {"message": list(messages.values())})
    services.close_viewing(opened.id, clock=clock, actor="")
    found["closed"] = [browser.get(f"{one}{way}").status_code for way in ("", "/markup", "/files/0")]
    return {**found, "copied": made.status_code, "kept": _copied(case, people[0])}


def _listed(browser: Any, page: str, words: str = "") -> list[str]:
    """Return the messages of a viewing, of all pages of the list."""
    found: list[str] = []
    for number in range(1, 10):
        listed = browser.get(page, {"page": number, "words": words}).content.decode()
        found += [
            each for each in re.findall(rf'href="{page}/messages/([0-9a-f-]+)"', listed) if each not in found
        ]
    return found


def _shown(browser: Any, message: str) -> dict[str, Any]:
    """Return a message as each page shows it."""
    text, markup, framed = (browser.get(f"{message}{way}") for way in ("", "/markup", "?look=markup"))
    whole = text.content.decode()
    files = re.findall(rf'href="{message}/files/(\d+)"', whole)
    seen = [browser.get(f"{message}/files/{each}") for each in files[:3]]
    return {
        "statuses": [each.status_code for each in (text, *seen)],
        "looked": [markup.status_code, framed.status_code],
        "text": html.unescape(re.sub(r"<[^>]+>", " ", whole.partition("<main")[2].partition("</main")[0]))[
            :20_000
        ],
        "markup": markup.content.decode()[:200_000],
        "policy": [
            markup.get(name, "")
            for name in ("Content-Security-Policy", "Cache-Control", "X-Frame-Options", "Referrer-Policy")
        ],
        "framed": 'sandbox=""' in framed.content.decode(),
        "files": [each.content.decode().partition("<main")[2][:5000] for each in seen],
    }


def _entered() -> dict[str, int]:
    """Count looks in the ledger, by act and how it was shown."""
    from rejent.registers.queries import entered

    looks = entered(["mail.message-read", "mail.message-file"])
    return dict(Counter(f"{each.act} {(each.facts or {}).get('look')}" for each in looks))


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class _Threaded(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


@contextmanager
def _serving() -> Iterator[int]:
    """Serve the pages on this machine."""
    from django.core.wsgi import get_wsgi_application

    server = make_server("127.0.0.1", 0, get_wsgi_application(), _Threaded, _Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


@contextmanager
def _elsewhere() -> Iterator[tuple[int, list[str]]]:
    """Listen where the tricks lead; the beginnings of what came."""
    came: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            came.append(self.rfile.readline().decode("latin-1"))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], came
        server.shutdown()


def _barred(window: Any, port: int, page: str, messages: dict[str, str]) -> list[tuple[str, str, str]]:
    """Hold the pages of messages against the rules of accessibility, and against a narrow screen."""
    from tests.chromium import barriers

    barred = []
    for name, way in (
        ("html", ""),
        ("html", "?look=markup"),
        ("pictures", "/files/0"),
        ("nested", ""),
        ("winmail", ""),
    ):
        window.goto(f"http://localhost:{port}{page}/messages/{messages[name]}{way}")
        barred += [(name, way, each) for each in barriers(window, iframes=False)]
        window.set_viewport_size({"width": 360, "height": 900})
        if (wide := window.evaluate("document.documentElement.scrollWidth")) > 360:
            barred.append((name, way, f"{wide} wide"))
        window.set_viewport_size({"width": 1280, "height": 900})
    return barred


def _browsed(browser: Any, page: str, messages: dict[str, str], looked: dict[str, str]) -> dict[str, Any]:
    """Let Chromium show every message as it looked, in its frame and alone; then one trick without us, to see that the trap is set."""
    from playwright.sync_api import Error

    from tests.chromium import headless
    from tests.streams.mail_tricks import AWAY

    cookies = [
        {"name": name, "value": morsel.value, "domain": "localhost", "path": "/"}
        for name, morsel in browser.cookies.items()
    ]
    said: list[str] = []
    asked: set[str] = set()
    with (
        _serving() as port,
        _elsewhere() as (trap, came),
        headless(f"--host-resolver-rules=MAP *{HOST} 127.0.0.1:{trap}") as chromium,
    ):
        context = chromium.new_context()
        context.add_cookies(cookies)  # type: ignore[arg-type]  # the names and values of a session
        window = context.new_page()
        context.on("request", lambda one: asked.add(one.url.partition(f":{port}/")[0][:40]))
        window.on("dialog", lambda one: (said.append(one.message), one.dismiss()))
        inside: dict[str, str] = {}
        for name, one in looked.items():
            address = f"http://localhost:{port}{page}/messages/{one}"
            window.goto(f"{address}?look=markup")
            frames = [each for each in window.frames if each.url == f"{address}/markup"]
            inside[name] = frames[0].locator("body").inner_text()[:10_000] if frames else ""
            if frames and name.startswith("trick"):
                for link in frames[0].locator(".link").all():
                    link.click(force=True)
                window.goto(f"{address}/markup")
        barred = _barred(window, port, page, messages)
        quiet, reached, windows = list(came), sorted(asked), len(context.pages)
        with suppress(Error):  # it answers nothing
            context.new_page().goto(f"{AWAY}/trap.gif")
    return {"came": quiet, "said": said, "asked": reached, "inside": inside, "trap": len(came), "windows": windows, "barred": barred}  # fmt: skip


def _copied(case: str, person: Any) -> list[str]:
    """Pack the copy of a case; the digests of the messages in it."""
    from django.conf import settings

    from rejent.cases.copies import queries as copies
    from rejent.evidence.sealing import seal_in_ledger
    from rejent.evidence.targets import FolderTarget
    from rejent.evidence.writing import write_package
    from rejent.web.cases.copies.packing import package_contents

    (made,) = copies.of_case(case)
    contents = package_contents(made, person=person, clock=settings.CLOCK)
    package = settings.VAULT.keys_folder.parent.parent / "package"
    write_package(contents, FolderTarget(package), seal_in_ledger(settings.LEDGER, made.number, contents.acts, clock=settings.CLOCK, actor=""))  # fmt: skip
    return [sha256(each.read_bytes()).hexdigest() for each in (package / "data/originals").glob("*.eml")]


def main(directory: str, step: str, *arguments: str) -> None:
    """Do one step and print what came of it."""
    from rejent.cli.command_setup import open_installation
    from rejent.ops.logs import configure_logs

    configure_logs()
    open_installation(Path(directory))
    sys.stdout.write(json.dumps({"record": record, "show": show}[step](*arguments)))


if __name__ == "__main__":
    main(*sys.argv[1:])
