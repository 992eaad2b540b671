"""Every page in Polish as every role: no identifier and no English sentence is left on it."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from rejent.access import services as access
from rejent.access.acts import REPORT_DESTROYED, REPORT_MADE, REPORT_TAKEN, SAMPLE_DRAWN
from rejent.access.models import Draw, SampledViewing
from rejent.access.rules.decision import Rule, SeeingAct
from rejent.access.services import supervision
from rejent.kernel.acts import all_acts
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.models import Account, Person
from rejent.office.regulation.gates import FactKind
from rejent.office.regulation.loading import EXAMPLES, example
from rejent.office.regulation.vocabulary import PlaceKind, RoleName, StreamName
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.registers.services import enter
from rejent.registers.signing import checkpoints
from rejent.retention import services as retention
from tests.unit.web.conftest import ROLES, Browser
from tests.unit.web.test_pages import PLAIN_PAGES

POLISH_TOO = {"iod", "administrator"}
IDENTIFIERS = {
    value
    for kind in (PlaceKind, RoleName, StreamName, FactKind, Rule, SeeingAct)
    for value in map(str, kind)
    if value not in POLISH_TOO
}
ENGLISH = set(
    re.findall(
        r"\w+",
        "the of and is are was were not from with for by days months weeks maximum fixed recording recordings held hold "
        "case source sources camera cameras day until since nothing nobody entry entries ended missing entered True False",
    )
)
WORDS = re.compile(
    r"(?<![\w./@-])("
    + "|".join(sorted(map(re.escape, IDENTIFIERS | ENGLISH), key=len, reverse=True))
    + r")(?![\w/@-])"
)
UNSEEN = re.compile(r"<(script|style|svg|code|pre)\b.*?</\1>|<option value=\"en\".*?</option>", re.DOTALL)
SAID = re.compile(r"\s(?:aria-label|title|placeholder|alt|data-title)=\"([^\"]*)\"")
IN_ENGLISH = re.compile(r"<(\w+)[^>]*\slang=\"en\"[^>]*>.*?</\1>", re.DOTALL)


def said(html: str) -> Iterator[str]:
    """What a person reads or hears of a page."""
    html = IN_ENGLISH.sub("", UNSEEN.sub("", html))
    yield from map(unescape, SAID.findall(html))
    yield from (
        line for line in map(str.strip, unescape(re.sub(r"<[^>]*>", "\n", html)).splitlines()) if line
    )


@pytest.fixture
def busy(
    people: dict[str, PersonView],
    source: str,
    recording: tuple[datetime, datetime],
    clock: ManualClock,
    settings: Any,
) -> list[str]:
    """The office after a day on which much happened; the addresses of what is there."""
    head = str(people["head"].id)
    start, end = recording
    hold = _held(source, start, end, clock, head)
    office.enter_gate(StreamName.VIDEO, "staff-told", date(2026, 11, 1), note="", clock=clock, actor=head)
    viewing = access.open_viewing(
        person=people["viewer"], source_id=source, start=start, end=end, purpose="bezpieczenstwo", case="OR.1", session="s",
        clock=clock, acknowledged=True,
    )  # fmt: skip
    access.close_viewing(viewing.id, clock=clock, actor=str(people["viewer"].id))
    _written(viewing.number, people, clock)
    access.watch_live(people["guard"], [source], "s", clock=clock)
    _overseen(viewing.number, people, clock)
    checkpoints.checkpoint(settings.LEDGER, clock=clock)
    return [
        reverse("hold", args=[hold]),
        reverse("source", args=[source]),
        reverse("person", args=[people["viewer"].id]),
        reverse("protocol", args=[viewing.number]),
        *_owed(people, source, clock),
        reverse("review", args=[viewing.number]),
        f"{reverse('viewings')}?week=2026-W47",
        f"{reverse('supervision')}?week=2026-W46",
        f"{reverse('holds')}?ended",
        f"{reverse('ledger')}?machinery=on",
        f"{reverse('due')}?until={(clock.now() + timedelta(days=40)).date().isoformat()}",
        *(reverse("entry", args=[index]) for index in range(registers.tree_head().size)),
        "/nothing-here",
    ]


def _renamed() -> None:
    """Give people, posts and accounts names that are no identifiers."""
    Person.objects.update(post="stanowisko", name="Ktoś")
    Account.objects.update(username=Concat(Value("konto"), Cast("pk", CharField())))


def _held(source: str, start: datetime, end: datetime, clock: ManualClock, head: str) -> str:
    """Hold twice and end one hold; the number of the other."""
    going_on, ended = (
        retention.place_hold(
            source_id=source, start=start, end=end, case=case, basis="art. 22", review_on=review_on,
            clock=clock, ledger=None, actor=head,
        )
        for case, review_on in (("OR.1", date(2026, 11, 23)), ("OR.2", date(2026, 12, 1)))
    )  # fmt: skip
    retention.end_hold(ended.number, reason="koniec", clock=clock, ledger=None, actor=head)
    return going_on.number


def _written(number: str, people: dict[str, PersonView], clock: ManualClock) -> None:
    """Finish a protocol, append a note, and enter that it was printed."""
    texts = {"findings": "Nic.", "follow-up": "Nic."}
    access.finish_protocol(number, texts, person=people["viewer"], clock=clock)
    access.append_note(number, "Uwaga.", person=people["head"], clock=clock)
    access.export_protocol(number, clock=clock, actor=str(people["viewer"].id))


def _overseen(number: str, people: dict[str, PersonView], clock: ManualClock) -> None:
    """Draw a viewing and review it; file a week's report, have it taken and destroyed, as the ledger tells it."""
    draw = Draw.objects.create(week="2026-W46", size=1, population=9, percent=5, least=3, at=clock.now())
    SampledViewing.objects.create(draw=draw, number=number)
    supervision.review_viewing(
        number, reviewer=people["iod"], outcome="breach-suspected", note="Nie ma takiej sprawy.", clock=clock
    )
    week = {"week": "2026-W46", "sha256": "00" * 32}
    drawn = {
        "size": 1,
        "root": "AA==",
        "population": 9,
        "percent": 5,
        "least": 3,
        "count": 1,
        "numbers": [number],
    }
    told = (
        (SAMPLE_DRAWN, drawn),
        (REPORT_MADE, {"bytes": 1}),
        (REPORT_TAKEN, {"kept": True}),
        (REPORT_DESTROYED, {}),
    )
    with transaction.atomic():
        for act, facts in told:
            enter(act, actor="", subject="week:2026-W46", record={**week, **facts}, at=clock.now())


def _owed(people: dict[str, PersonView], source: str, clock: ManualClock) -> list[str]:
    """The pages of a protocol whose viewing goes on."""
    viewing = access.open_viewing(
        person=people["viewer"], source_id=source, start=clock.now() - timedelta(hours=1), end=clock.now(),
        purpose="bezpieczenstwo", case="OR.3", session="s", clock=clock, acknowledged=True,
    )  # fmt: skip
    return [reverse("protocol-write", args=[viewing.number]), reverse("protocol", args=[viewing.number])]


@pytest.mark.parametrize("role", ROLES)
def test_polish_pages_hold_no_english_and_no_identifiers(
    role: str, browser: Browser, busy: list[str]
) -> None:
    """Whatever a role may open is Polish from the title to the last label."""
    client = browser(role)
    _renamed()
    addresses = [*map(reverse, PLAIN_PAGES), *busy]
    acts = {name for name in all_acts() if not name.startswith("test.")}
    left = {
        (address, line)
        for address in addresses
        for line in said(client.get(address, headers={"accept-language": "pl"}).content.decode())
        if WORDS.search(line) or line in acts
    }
    assert sorted(left) == []


@pytest.mark.parametrize("role", ["head", "administrator", "iod"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_pages_of_every_office_are_polish(
    name: str, role: str, browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """Whatever streams, roles and purposes an office's regulation names, its pages tell them in words."""
    office.activate_regulation(example(name), in_force_from=date(2026, 11, 1), clock=clock, actor="")
    office.enter_statement(people[role].id, date(2026, 11, 2), clock=clock, actor="")
    client = browser(role)
    _renamed()
    left = {
        (door, line)
        for door in PLAIN_PAGES
        for line in said(client.get(reverse(door), headers={"accept-language": "pl"}).content.decode())
        if WORDS.search(line)
    }
    assert sorted(left) == []


def test_every_stream_is_headed_in_words(browser: Browser, source: str, clock: ManualClock) -> None:
    """The page of the regulation names mail and work at computers as people do, not as the file does."""
    del source
    office.activate_regulation(example("elblag"), in_force_from=date(2026, 11, 1), clock=clock, actor="")
    page = browser("head").get(reverse("regulation")).content.decode()
    headings = re.findall(r'<h2 id="stream-\w+">([^<]*)</h2>', page)
    assert headings == ["Kamery", "Poczta", "Praca na komputerach", "Korzystanie z sieci"]
