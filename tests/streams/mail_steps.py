"""What an office does with e-mail, each step a process: ``python -m tests.streams.mail_steps DIR STEP ARGUMENT…`` prints JSON."""

import json
import smtplib
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.streams.mail_corpus import DELIVERED_TWICE, HARD, HTML, JOURNAL, ORDINARY, THIRD, WITHHELD, letter

NOON = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
CASE, CONTROL = "hasło pierwszej roli", "hasło drugiej roli"
SENT = (ORDINARY, DELIVERED_TWICE, HTML, THIRD, *WITHHELD, *HARD)


def record(source: str) -> dict[str, Any]:
    """Hand the corpus over, as a mail server does, and count what it was told is taken."""
    from django.conf import settings

    from rejent.kernel.clock import ManualClock
    from rejent.retention.services import keep_once
    from rejent.streams.mail.simulated.receiving import receiving

    failed = keep_once(settings.KEEPING()).failed
    clock = ManualClock(NOON)
    taken = 0
    with receiving(source, clock) as (_, port), smtplib.SMTP("127.0.0.1", port) as client:
        for content in SENT:
            client.ehlo_or_helo_if_needed()
            client.mail("anna@urzad.example")
            client.rcpt(JOURNAL)
            assert client.docmd("DATA")[0] == 354
            sent = content.replace(b"\r\n.", b"\r\n..")
            client.send(sent + (b"" if sent.endswith(b"\r\n") else b"\r\n") + b".\r\n")
            taken += client.getreply()[0] == 250
            clock.advance(timedelta(seconds=7))
    return {"taken": taken, "failed": failed}


def office_people() -> list[Any]:
    """Return two readers, the head and the data protection officer, each entered once."""
    from django.conf import settings

    from rejent.access import services
    from rejent.office import queries as office
    from rejent.office.errors import NoSuchPersonError
    from tests.people import add_person

    people = []
    for username, role in (("viewer", "viewer"), ("second", "viewer"), ("head", "head"), ("iod", "iod")):
        try:
            people.append(office.person_by_username(username))
        except NoSuchPersonError:
            people.append(
                add_person(f"Osoba {username}", post="", roles=[role], username=username, password="długie hasło do listów", clock=settings.CLOCK, actor="")
            )  # fmt: skip
            if role == "viewer":
                services.issue_authorisation(
                    person_id=people[-1].id, acts=["recordings"], stream="mail", source_ids=None, valid_from=NOON.date(),
                    valid_until=None, clock=settings.CLOCK, actor="",
                )  # fmt: skip
    return people


def browser_of(person: Any) -> Any:
    """Return a browser in which somebody signed in."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    browser = Client(headers={"host": "localhost"})
    browser.force_login(get_user_model().objects.get(person_id=person.id))
    return browser


def enter_case(*sources: str) -> str:
    """Enter a case of the office itself about the messages of the first hour; return its number."""
    from django.conf import settings

    from rejent.cases import services
    from rejent.cases.views import Applicant, Application, Channel, Kind
    from rejent.kernel.clock import civil_date
    from rejent.kernel.intervals import Interval

    today = civil_date(settings.CLOCK.now())
    wanted = Application(
        Kind.INTERNAL, "mail", Channel.IN_PERSON, today, NOON.date(), NOON.date(), Interval(NOON, NOON + timedelta(hours=1)),
        Applicant("Urząd Gminy"), details={"purpose": "wyjaśnienie zgłoszenia"}, source_ids=frozenset(sources),
    )  # fmt: skip
    return services.enter_case(wanted, clock=settings.CLOCK, ledger=None, actor="").number


ANSWERS = {
    "notified": "Tak, pismem z 2 października.",
    "extent": "Jedna osoba, jeden dzień.",
    "reasons": "Zgłoszenie nadużycia.",
    "less_intrusive": "Rozmowa nie wystarczyła.",
    "consequences": "Tylko postępowanie wyjaśniające.",
    "safeguards": "Listy prywatne zostają zamknięte.",
    "ground": "internal",
    "paper": "notatka OR.7",
    "first": "02.11.2026",
    "last": "02.11.2026",
}


def ask(browser: Any, case: str, **changed: str) -> Any:
    """Answer the questions on the case's page; return the page that follows."""
    from datetime import timedelta as days

    from django.conf import settings

    last = settings.CLOCK.now() + days(days=7)
    given = {**ANSWERS, "addresses": "anna@urzad.example", "words": "", "expires_on": f"{last:%d.%m.%Y}", **changed}  # fmt: skip
    return browser.post(f"/cases/{case}/messages", given)


def view(source: str, passphrases: str = "", stop: str = "last") -> dict[str, Any]:
    """Open a case, have its opening agreed to, read it by two people with and without the keys of the two roles, stop at a message as private."""
    from django.conf import settings
    from django.test import Client

    from rejent.access import queries, services
    from rejent.access.viewings import protocols
    from rejent.cases import services as cases
    from rejent.cases.views import State
    from rejent.streams.mail.messages.reading import WORKSPACES
    from rejent.web.signing_in.sessions import kept_as

    clock, people = settings.CLOCK, office_people()
    browser, case = browser_of(people[0]), enter_case(source)
    asked = ask(browser, case)
    leave = asked["Location"]
    found: dict[str, Any] = {"by-asker": browser.post(f"{leave}/agree").status_code}
    found["before"] = browser.get("/mail").content.decode()
    found["waits"] = [
        "Otwarcie wiadomości" in one.get("/").content.decode() for one in (browser, browser_of(people[3]))
    ]
    found["agreed"] = browser_of(people[3]).post(f"{leave}/agree").status_code
    opened = services.open_viewing(
        person=people[0], source_id=source, start=NOON, end=NOON + timedelta(hours=1), case=case, session=kept_as(str(browser.session.session_key)),
        purpose=next(iter(queries.purposes("mail", clock=clock))), clock=clock, acknowledged=True, second=people[1],
    )  # fmt: skip
    page = f"/viewings/{opened.id}"
    found |= {"sealed": browser.get(page).content.decode(), "find": browser.get("/mail").content.decode()}
    watching = browser_of(people[3])
    answer = give_keys(page, browser, watching, CASE if passphrases == "one" else CONTROL)
    found["unsealed"], found["refused"] = answer.status_code, answer.content.decode()
    found["open"] = browser.get(page).content.decode()
    if passphrases != "one":
        found["searched"] = browser.get(page, {"words": "zamow papier"}).content.decode()
        links = sorted(
            {each.partition('"')[0] for each in found["open"].split(f'href="{page}/messages/')[1:]}
        )
        found["links"] = len(links)
        found["messages"] = [browser.get(f"{page}/messages/{link}").content.decode() for link in links]
        if links:
            private = links[0 if stop == "first" else -1]
            found["private"] = browser.post(f"{page}/messages/{private}/private").status_code
        found["after"] = browser.get(page).status_code
        found["message-after"] = [browser.get(f"{page}/messages/{link}").status_code for link in links[:1]]
    else:
        services.close_viewing(opened.id, clock=clock, actor="")
    found["held"] = len(WORKSPACES)
    number = protocols.protocol(opened.number).number
    services.finish_protocol(number, {"findings": "Przeczytano."}, person=people[0], clock=clock)
    cases.decide_case(
        case, State.REFUSED, reasons="Wyjaśniono.", basis="§ 4", knowledge=False, person=people[2], clock=clock, ledger=None
    )  # fmt: skip
    stranger = Client(headers={"host": "localhost"}).get("/mail")
    return {**found, "stranger": stranger.status_code}


def give_keys(
    page: str, conducting: Any, watching: Any, control: str = CONTROL, asked: str = "opening"
) -> Any:
    """Give the key of each role at the page of a viewing, each in the browser of its holder; return the answer to the second."""
    conducting.post(f"{page}/key", {"key": "1", "passphrase": CASE, "asked": asked})
    return watching.post(f"{page}/key", {"key": "2", "passphrase": control, "asked": asked})


def own() -> dict[str, Any]:
    """Show two employees the page of their own data: one whose address the openings have, and another."""
    from django.conf import settings

    from rejent.office import queries as office
    from rejent.office.errors import NoSuchPersonError
    from rejent.office.services import change_person
    from tests.people import add_person

    pages = {}
    for username in ("anna", "ewa"):
        try:
            person = office.person_by_username(username)
        except NoSuchPersonError:
            person = add_person(
                f"Osoba {username}", post="", roles=["employee"], username=username, password="długie hasło do swoich", clock=settings.CLOCK, actor=""
            )  # fmt: skip
            change_person(person.id, {"email": f"{username}@urzad.example"}, clock=settings.CLOCK, actor="")
        pages[username] = browser_of(person).get("/me").content.decode()
    return pages


def erase() -> dict[str, Any]:
    """Erase who applied in every case, and show the page of its opening before and after."""
    from django.conf import settings

    from rejent.cases import queries, services
    from rejent.streams.mail.records.openings import openings_of

    people = office_people()
    browser, pages, ended = browser_of(people[3]), [], []
    for case in queries.cases().cases:
        (leave,) = openings_of(case.number)
        ended.append(leave.ended_at is not None)
        services.erase_applicant(
            case.number, grounds="B5", person=people[2], clock=settings.CLOCK, ledger=None
        )
        pages.append(browser.get(f"/mail/openings/{leave.number}").content.decode())
    return {"pages": pages, "ended": ended}


def sources(source: str) -> dict[str, Any]:
    """Show an administrator the pages of sources, and the first one."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    from tests.people import add_person

    person = add_person(
        "Jan Dogląda", post="", roles=["administrator"], username="asi", password="długie hasło do źródeł", clock=settings.CLOCK, actor=""
    )  # fmt: skip
    browser = Client(headers={"host": "localhost"})
    browser.force_login(get_user_model().objects.get(person_id=person.id))
    return {page: browser.get(page).content.decode() for page in ("/sources", f"/sources/{source}", "/")}


def log_gaps(source: str) -> dict[str, Any]:
    """Return the gaps that the mail server's log told of, what was entered of them, and how many a message in their time would correct."""
    from rejent.catalog import queries
    from rejent.catalog.services.gaps import corrections
    from rejent.kernel.intervals import Interval
    from rejent.registers.queries import entered

    gaps = queries.gaps(source, NOON - timedelta(days=1), NOON + timedelta(days=1))
    told = [act.facts["unaccounted"] for act in entered(["mail.log-differs"]) if act.facts]
    return {
        "gaps": [
            [each.start.isoformat(), each.end and each.end.isoformat()]
            for each in gaps
            if each.cause == "mail-log-differs"
        ],
        "acts": told,
        "corrected": sum(
            each.row.cause == "mail-log-differs"
            for recovered in (False, True)
            for each in corrections([(source, Interval(NOON, NOON + timedelta(minutes=1)), recovered)])
        ),
    }


def killed(source: str) -> dict[str, Any]:
    """Hand one message over, and die once its object is durable, before the mail server is told."""
    import os
    from unittest.mock import patch

    from django.conf import settings

    from rejent.kernel.clock import ManualClock
    from rejent.recording.records import Records
    from rejent.streams.mail.simulated.receiving import receiving

    with (
        receiving(source, ManualClock(settings.CLOCK.now())) as (_, port),
        patch.object(Records, "_end_known", lambda *_: os._exit(0)),
        smtplib.SMTP("127.0.0.1", port) as client,
    ):
        client.sendmail(
            "anna@urzad.example", [JOURNAL], letter("a@urzad.example", "b@firma.example", "po", "awarii")
        )
    return {}


def stolen(source: str) -> dict[str, Any]:
    """Try to open every message with database, disk, the day keys and the passphrase of one role."""
    from django.conf import settings

    from rejent.catalog import queries
    from rejent.formats.fragment_index import FragmentIndex
    from rejent.streams.mail.messages.framing import MessageFrame
    from rejent.streams.mail.messages.sealing import KeyRole, MessageOpener
    from rejent.streams.mail.models import RoleKey
    from rejent.vault.age import Identity, Passphrase, unseal
    from rejent.vault.errors import SealedObjectError

    rows = {row.role: bytes(row.identity) for row in RoleKey.objects.all()}
    had = {
        role: Identity.parse(unseal(rows[role.value], [Passphrase(text)]).decode())
        for role, text in ((KeyRole.CASE, CASE), (KeyRole.CONTROL, CONTROL))
    }
    opened: dict[str, int] = {}
    for name, keys in {
        "case": dict.fromkeys(KeyRole, had[KeyRole.CASE]),
        "control": dict.fromkeys(KeyRole, had[KeyRole.CONTROL]),
        "both": had,
    }.items():
        for segment in queries.segments(source, NOON, NOON + timedelta(hours=1)):
            content = settings.OPENER(segment)
            for place in FragmentIndex.decode(segment.index).places:
                frame = MessageFrame.decoded(content.read(place.offset, place.length))
                try:
                    MessageOpener(keys).open(frame.sealed)
                    opened[name] = opened.get(name, 0) + 1
                except SealedObjectError:
                    continue
    return opened


def read_all(source: str) -> dict[str, Any]:
    """Open every message of a journal with the keys of both roles; bytes as Latin-1."""
    from django.conf import settings

    from rejent.catalog import queries
    from rejent.formats.fragment_index import FragmentIndex
    from rejent.streams.mail.messages.framing import MessageFrame
    from rejent.streams.mail.messages.sealing import MessageOpener
    from rejent.streams.mail.records.role_keys import open_role_key

    keys = dict([open_role_key(1, CASE), open_role_key(2, CONTROL)])
    found = []
    for segment in queries.segments(source, NOON, NOON + timedelta(days=1)):
        content = settings.OPENER(segment)
        for place in FragmentIndex.decode(segment.index).places:
            frame = MessageFrame.decoded(content.read(place.offset, place.length))
            opened = MessageOpener(keys).open(frame.sealed)
            found.append((opened.sender, opened.recipients, opened.content.decode("latin-1")))
    return {"messages": found}


def recover() -> dict[str, Any]:
    """Book what a killed receiver left, and let the keepers mend it."""
    from django.conf import settings

    from rejent.catalog import queries
    from rejent.recording.catalogue_books import CatalogueBooks
    from rejent.recording.recovery import left_behind, recover
    from rejent.retention.services import keep_once

    left = left_behind(queries.recorder_sources(stream="mail"), settings.CLOCK)
    recover(left, CatalogueBooks(settings.CLOCK).recovered)
    return {"left": len(left.unfinished) + len(left.unbooked), "failed": keep_once(settings.KEEPING()).failed}


def main(directory: str, step: str, *arguments: str) -> None:
    """Do one step and print what came of it."""
    from rejent.cli.command_setup import open_installation
    from rejent.ops.logs import configure_logs
    from tests.streams.mail_copying import copied

    configure_logs()
    open_installation(Path(directory))
    steps: dict[str, Callable[..., dict[str, Any]]] = {
        "record": record,
        "view": view,
        "sources": sources,
        "erase": erase,
        "own": own,
        "copied": copied,
        "stolen": stolen,
        "recover": recover,
        "killed": killed,
        "log_gaps": log_gaps,
        "read_all": read_all,
    }
    sys.stdout.write(json.dumps(steps[step](*arguments)))


if __name__ == "__main__":
    main(*sys.argv[1:])
