"""An office under one of the five regulations: made once, run as in life, and used in Debian's Chromium by its people.

The steps read as sentences. A step that a page does not allow fails the test; what is refused is a step of its own. The office is made
in a process of its own, for its past lies under another clock: ``python -m tests.scenario.regulated DIR REGULATION CAMERA PEOPLE
FORGOTTEN``.
"""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from rejent.kernel.clock import ManualClock, SystemClock, civil_date, local_midnight
from rejent.kernel.intervals import Interval
from tests.chromium import headless
from tests.forked import run_module
from tests.installation import Done, Office, environment, running
from tests.people import add_person
from tests.ports import free_port
from tests.waiting import CEILING_MS

PASSWORD = "cicha rzeka o świcie 7"
CASE = "OR.1431.17.2026"
HALL = "Kamera 1"
CALLER, CALLED = "+48225550123", "+48745550100"
"""Numbers of the two calls."""
THREE_MONTHS = 93
"""Days in which three months are over, whichever they are."""
Roles = dict[str, tuple[str, str]]
"""People by their user name: role, and what they are authorised to see – `live`, `recordings`, both with a space, or nothing."""


@dataclass
class Person:
    """Somebody at a computer of the office."""

    base: str
    page: Page

    def sees_the_live_picture(self) -> None:
        """The wall shows the camera's picture of now."""
        self.page.goto(f"{self.base}/live")
        expect(self.page.locator(".tile[data-state=recording]")).to_be_visible(timeout=CEILING_MS)

    def is_refused_the_live_picture(self, why: str) -> None:
        """The wall does not open, and the page says by which rule."""
        answer = self.page.goto(f"{self.base}/live")
        assert answer is not None
        assert answer.status == 403
        expect(self.page.locator("main")).to_contain_text(why)
        expect(self.page.locator("video")).to_have_count(0)

    def is_offered_no_recording(self, why: str) -> None:
        """The page of recordings opens none, and says by which rule."""
        self.page.goto(f"{self.base}/find")
        expect(self.page.locator("main")).to_contain_text(why)
        expect(self.page.locator("[name=case]")).to_have_count(0)

    def asks_for_the_recording(self, *, purpose: str, case: str = CASE, knows_the_ban: bool = True, **boxes: bool) -> None:  # fmt: skip
        """Fill in the form for yesterday, 8:00:30, and send it."""
        self.page.goto(f"{self.base}/find")
        self.page.select_option("[name=source]", index=1)
        expect(self.page.locator("[name=source] option:checked")).to_contain_text(HALL)
        self.page.fill("[name=day]", "wczoraj")
        self.page.fill("[name=time]", "8:00:30")
        self.page.select_option("[name=purpose]", label=purpose)
        self.page.fill("[name=case]", case)
        ticked = {"acknowledged": knows_the_ban, **boxes}
        for name, tick in ticked.items():
            if tick and self.page.locator(f"[name={name}]").count():
                self.page.check(f"[name={name}]")
        self.page.press("[name=case]", "Enter")

    def sees_the_recording(self) -> None:
        """The player shows a picture of that second."""
        self.page.wait_for_selector("#player[data-shown]", timeout=CEILING_MS)

    def sends(self, address: str, **filled: str) -> None:
        """Open a page with a form, fill in fields by name, and send it."""
        self.page.goto(f"{self.base}{address}")
        self.fills(**filled)

    def fills(self, **filled: str) -> None:
        """Fill in fields of the form that is open, and send it; `listed=` chooses somebody's box by their name."""
        for name, value in filled.items():
            if name == "listed":
                self.page.get_by_label(value).check()
            elif (field := self.page.locator(f"[name={name}]")).evaluate(
                "field => field.tagName"
            ) == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        self.page.click("form.form button:not([type=button])")

    def reads(self, address: str, *words: str) -> None:
        """A page opens and says all of this."""
        answer = self.page.goto(f"{self.base}{address}")
        assert answer is not None
        assert answer.status == 200, self.page.locator("main").inner_text()
        for each in words:
            expect(self.page.locator("body")).to_contain_text(each)

    def is_told(self, *words: str) -> None:
        """The page that is open says all of this."""
        for each in words:
            expect(self.page.locator("main")).to_contain_text(each)

    def is_refused(self, address: str) -> None:
        """A page is not for this person."""
        answer = self.page.goto(f"{self.base}{address}")
        assert answer is not None
        assert answer.status == 403

    def has_to_sign_in_for(self, address: str) -> None:
        """The session has ended: the page leads to the entrance."""
        self.page.goto(f"{self.base}{address}")
        assert "/account/login/" in self.page.url

    def authorises(self, name: str, *acts: str) -> None:
        """Fill in the form of an authorisation for every camera, send it, and confirm what is shown to be checked."""
        self.page.goto(f"{self.base}/authorisations/new")
        self.page.select_option("[name=person]", label=self._listed(name))
        for act in acts:
            self.page.check(f"[name=acts][value={act}]")
        for box in self.page.locator("[name=sources]").all():
            if box.get_attribute("type") == "checkbox":
                box.check()
        with self.page.expect_navigation():
            self.page.click("form.form button:not([type=button])")
        self.page.click("main button[name=confirmed]")

    def may_authorise(self) -> list[str]:
        """Whom the form of an authorisation lists."""
        self.page.goto(f"{self.base}/authorisations/new")
        return self.page.locator("[name=person] option").all_inner_texts()

    def _listed(self, name: str) -> str:
        """How a form's list tells of somebody."""
        told = self.page.locator("[name=person] option").all_inner_texts()
        (found,) = (each for each in told if each.startswith(f"Osoba {name}"))
        return found


@dataclass
class Regulated:
    """The running office."""

    office: Office
    base: str
    chromium: Browser
    people: dict[str, Person] = field(default_factory=dict)

    def person(self, username: str) -> Person:
        """Somebody, signed in at a computer of their own; the same one each time."""
        if username not in self.people:
            self.people[username] = self.signed_in(username, PASSWORD)
            self.people[username].page.wait_for_url(f"{self.base}/")
        return self.people[username]

    def signed_in(self, username: str, password: str) -> Person:
        """Somebody who has just signed in at a computer of their own."""
        page = self.chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(f"{self.base}/account/login/")
        page.fill("[name=login]", username)
        page.fill("[name=password]", password)
        page.press("[name=password]", "Enter")
        page.wait_for_url(re.compile(f"^{re.escape(self.base)}/(?!account/login)"))
        return Person(self.base, page)

    def command(self, words: str, *options: str) -> Done:
        """Run a command on the office."""
        return self.office.run(words, *options)

    def acts(self, name: str) -> int:
        """How many acts of a name the ledger holds."""
        with closing(sqlite3.connect(self.office.directory / "catalog" / "catalog.db")) as database:
            (count,) = database.execute(
                "SELECT count(*) FROM registers_entry WHERE act = ?", [name]
            ).fetchone()
        return int(count)


@contextmanager
def regulated(
    folder: Path, regulation: str, people: Roles, *, live: bool = False, forgotten: bool = False
) -> Iterator[Regulated]:
    """An office under a regulation with these people, running until the end of the block.

    Args:
        folder: an empty folder.
        regulation: the name of the example.
        people: who is there.
        live: whether its camera sends pictures now; without it there is none where the regulation prescribes none.
        forgotten: whether it has the copy K-…-1 of a minute of three months ago, which nobody asked for since.
    """
    camera, address = (f"127.0.0.1:{free_port()}" for _ in range(2))
    office = made_office(folder / "office", regulation, camera, people, forgotten=forgotten)
    with ExitStack() as stack:
        if live:
            simulated = [sys.executable, "-m", "rejent.streams.cameras.simulated", "--listen", camera]
            process = subprocess.Popen(
                [*simulated, "--size", "480x270", "--rate", "12", "kamera-1"],
                env=environment(),
                stdout=subprocess.DEVNULL,
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
        program = stack.enter_context(
            running(office, "--listen", address, "--role", "all" if live else "web")
        )
        program.until("web.listening")
        yield Regulated(office, f"http://{address}", stack.enter_context(headless()))


def made_office(
    directory: Path, regulation: str | Path, camera: str, people: Roles, *, forgotten: bool = False
) -> Office:
    """Make an office in a process of its own, as `make` fills it."""
    asked = (regulation, camera, json.dumps(people), json.dumps(forgotten))
    run_module("tests.scenario.regulated", directory, *asked, env=environment())
    return Office(directory)


def make(directory: Path, regulation: str, camera: str, people: Roles, *, forgotten: bool = False) -> None:
    """Fill an empty folder: people with their authorisations, a camera or a line as the regulation knows, a minute of yesterday."""
    yesterday = local_midnight(civil_date(SystemClock().now()) - timedelta(days=1)) + timedelta(hours=6)
    begun = yesterday - timedelta(days=THREE_MONTHS) if forgotten else yesterday
    os.environ["REJENT_CLOCK"] = begun.isoformat()
    from rejent.ops.commands import init as init_command

    init_command.create(directory, regulation, test=True)
    from django.conf import settings

    from rejent.office import queries
    from rejent.retention import services as retention

    settings.CLOCK = settings.VAULT.clock = clock = ManualClock(begun)
    stream = "video" if "video" in queries.verified_streams(civil_date(begun)) else "calls"
    _people(people, stream, clock)
    source = _camera(f"rtsp://{camera}/kamera-1", clock) if stream == "video" else _line(clock)
    retention.keep_once(settings.KEEPING())
    if forgotten:
        _copy(source, _minute(source, clock), clock)
        clock.advance(yesterday - clock.now())
        retention.keep_once(settings.KEEPING())
    _minute(source, clock) if stream == "video" else _calls(source, clock)
    settings.CLOCK = settings.VAULT.clock = SystemClock()
    retention.keep_once(settings.KEEPING())
    retention.confirm_clock(settings.CLOCK, "cli")
    retention.keep_once(settings.KEEPING())


def _people(people: Roles, stream: str, clock: ManualClock) -> None:
    from rejent.access import services as access
    from rejent.office import services
    from rejent.office.people import statements

    made = {
        name: add_person(
            f"Osoba {name}", post=role, roles=[role], username=name, password=PASSWORD, clock=clock, actor="cli"
        )
        for name, (role, _) in people.items()
    }  # fmt: skip
    if statements.demanded(civil_date(clock.now())):
        for person in made.values():
            services.enter_statement(person.id, civil_date(clock.now()), clock=clock, actor="cli")
    head = next(str(made[name].id) for name, (role, _) in people.items() if role == "head")
    for name, (_, acts) in people.items():
        if acts:
            access.issue_authorisation(
                person_id=made[name].id, acts=acts.split(), stream=stream, source_ids=None,
                valid_from=civil_date(clock.now()), valid_until=None, clock=clock, actor=head if people[name][0] != "head" else "cli",
            )  # fmt: skip


def _camera(address: str, clock: ManualClock) -> str:
    from django.conf import settings

    from rejent.catalog import services as catalog

    return catalog.add_source(
        stream="video", name=HALL, address=address, building="Ratusz", place="przy kasie", kind="hall", clock=clock,
        actor="cli", credentials_box=settings.VAULT.credentials,
    )  # fmt: skip


def _minute(source: str, clock: ManualClock) -> Interval:
    from rejent.streams.cameras.simulated.history import Stretch, book_stretch, recorded_minute

    eight = clock.now() + timedelta(hours=2)
    book_stretch(Stretch(source, eight, [recorded_minute(eight)]), clock)
    return Interval(eight, clock.now())


def _line(clock: ManualClock) -> str:
    from rejent.streams.calls.catalog import services as calls
    from rejent.streams.calls.catalog.lines.addresses import StatedLine

    stated = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 74 555",))
    return calls.add_line(name="Sekretariat", stated=stated, clock=clock, actor="cli")


def _calls(line: str, clock: ManualClock) -> None:
    """Two calls of eight seconds, yesterday at 8 and ten minutes later, from CALLER to CALLED."""
    from tests.spoken_call import book

    begun = clock.now() + timedelta(hours=2)
    for call, later in (("0a" * 16, 0), ("0b" * 16, 10)):
        start = begun + timedelta(minutes=later)
        clock.advance(start + timedelta(minutes=1) - clock.now())
        book(line, call, start, 8, clock=clock, caller=CALLER, called=CALLED)


def _copy(source: str, minute: Interval, clock: ManualClock) -> None:
    """Copy a minute for somebody who asked that it be kept, as the regulation lets that be done."""
    from django.conf import settings

    from rejent.cases import services as cases
    from rejent.cases.copies import services as copies
    from rejent.cases.copies.views import Medium
    from rejent.cases.views import State
    from rejent.office import queries
    from tests.handing import write_copy
    from tests.unit.cases.application import entered

    clock.advance(timedelta(hours=2))
    today, times = civil_date(clock.now()), (minute.start, minute.end)
    case = entered(clock, source, event_first=today, received_on=today, times=times)
    by_role = {role: person for person in queries.people() for role in person.roles}
    cases.decide_case(
        case.number, State.GRANTED, reasons="", basis="§ 7", knowledge=None, person=by_role["head"], clock=clock, ledger=None,
    )  # fmt: skip
    maker = by_role["administrator"]
    made = copies.make_copy(
        copies.Asked(case.number, source, minute), person=maker, keeping=settings.KEEPING()
    )
    write_copy(made.number, maker=maker, clock=clock, medium=Medium.USB, sign="P-1")


if __name__ == "__main__":
    folder, rules, address, roles, old = sys.argv[1:]
    make(Path(folder), rules, address, json.loads(roles), forgotten=json.loads(old))
