"""Reminders reach who decides, at each stage once, through a mail server that really listens; a server that fails is an alarm."""

from datetime import UTC, date, datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from rejent.access.errors import AccessRefusedError
from rejent.cases.reminding import Stage, send_reminders, stage_of
from rejent.cases.views import Applicant
from rejent.kernel.clock import civil_date
from rejent.office import services as office
from rejent.office.people.mailing import MailServer, Security, read_mail_server, write_mail_server
from rejent.office.regulation.loading import example
from rejent.registers import queries as registers
from rejent.retention import queries as retention
from rejent.retention.services import keep_once
from tests.mail_server import Mailbox, mail_server
from tests.people import add_person
from tests.unit.cases.application import entered
from tests.unit.cases.test_deciding import People, decide
from tests.unit.retention.office import RecordingOffice

PEOPLE = {"head": "burmistrz@urzad.example", "clerk": "kancelaria@urzad.example"}


@pytest.fixture(autouse=True)
def reachable(pleszew: RecordingOffice, people: People) -> None:
    """Two people of the office say where they read mail."""
    for name, address in PEOPLE.items():
        office.change_person(people[name].id, {"email": address}, clock=pleszew.clock, actor="cli")


def server_of(box: Mailbox, folder: Path, **changed: Any) -> Path:
    """Set this server as the office's, in a folder of secrets."""
    stated = {"host": "127.0.0.1", "security": Security.NONE, "sender": "rejent@urzad.example"}
    write_mail_server(folder, MailServer(**{**stated, "port": box.port, **changed}))
    return folder


def text_of(letter: Message) -> str:
    """Subject and text."""
    return f"{letter['Subject']}\n{letter.get_content()}"  # type: ignore[attr-defined]  # of the default policy


def test_each_stage_is_mailed_once_to_who_decides(
    pleszew: RecordingOffice, people: People, camera: str, tmp_path: Path
) -> None:
    """Number and last day, no name and no word of the application; the clerk gets none; each mail is an act."""
    case = entered(pleszew.clock, camera)
    with mail_server() as box:
        server = server_of(box, tmp_path, user="rejent", password="Tajne-Haslo-7")
        assert send_reminders(server, clock=pleszew.clock) == 0
        for day, sent in (("12", 1), ("13", 0), ("16", 1), ("17", 1), ("18", 0)):
            pleszew.go_to(datetime(2026, 3, int(day), 9, 0, tzinfo=UTC))
            assert send_reminders(server, clock=pleszew.clock) == sent
            assert send_reminders(server, clock=pleszew.clock) == 0
    assert case.decide_by == date(2026, 3, 16)
    assert {to for to, _ in box.letters} == {"burmistrz@urzad.example"}
    assert set(box.signed_in) == {":rejent:Tajne-Haslo-7"}
    told = [text_of(letter) for _, letter in box.letters]
    assert "W-2026-1 – ostatni dzień: 16.03.2026" in told[0]
    assert "dziś jest ostatni dzień" in told[1]
    assert "PO TERMINIE" in told[2]
    for private in ("Przykładowa", "rower", "hol", "600 000 000"):
        assert private not in "".join(told)
    acts = registers.acts(names=["case.reminded"]).acts
    assert [act.facts["reminder"] for act in acts if act.facts] == ["late", "last-day", "soon"]
    decide(pleszew, case.number, people["head"])
    assert send_reminders(server, clock=pleszew.clock) == 0


def test_nobody_is_reminded_of_what_is_not_theirs(
    pleszew: RecordingOffice, people: People, camera: str, tmp_path: Path
) -> None:
    """An application of the head's own waits for somebody else."""
    case = entered(pleszew.clock, camera, applicant=Applicant("Osoba head", person=str(people["head"].id)))
    pleszew.go_to(datetime(2026, 3, 16, 9, 0, tzinfo=UTC))
    with mail_server() as box:
        assert send_reminders(server_of(box, tmp_path), clock=pleszew.clock) == 0
    assert box.letters == []
    with pytest.raises(AccessRefusedError):
        decide(pleszew, case.number, people["head"])


def test_mail_that_fails_is_an_alarm(
    pleszew: RecordingOffice, people: People, camera: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """A server that is away or takes nothing: the alarm stands, no act, no password in the log; it ends with the next mail."""
    assert people["head"].username == "head"
    entered(pleszew.clock, camera)
    pleszew.go_to(datetime(2026, 3, 16, 9, 0, tzinfo=UTC))
    with mail_server() as box:
        server = server_of(box, tmp_path, user="rejent", password="Tajne-Haslo-7")
        box.refuses = True
        assert send_reminders(server, clock=pleszew.clock) == 0
        keep_once(pleszew.keeping)
        assert "mail-fails" in {alarm.kind for alarm in retention.alarms()}
        box.refuses = False
        pleszew.clock.advance(timedelta(minutes=1))
        assert send_reminders(server, clock=pleszew.clock) == 1
    keep_once(pleszew.keeping)
    assert "mail-fails" not in {alarm.kind for alarm in retention.alarms()}
    pleszew.go_to(datetime(2026, 3, 17, 9, 0, tzinfo=UTC))
    assert send_reminders(server, clock=pleszew.clock) == 0
    keep_once(pleszew.keeping)
    assert "mail-fails" in {alarm.kind for alarm in retention.alarms()}
    assert "Tajne-Haslo-7" not in caplog.text + repr(read_mail_server(server))


@pytest.mark.parametrize(
    ("today", "stage"),
    [
        (date(2026, 12, 22), None),
        (date(2026, 12, 23), Stage.SOON),
        (date(2026, 12, 28), Stage.SOON),
        (date(2026, 12, 29), Stage.LAST_DAY),
        (date(2026, 12, 30), Stage.LATE),
    ],
)
def test_stages_are_counted_in_working_days(today: date, stage: Stage | None) -> None:
    """Between Christmas Eve and the Sunday after Christmas nobody works."""
    assert stage_of(date(2026, 12, 29), today) is stage


def test_who_has_not_stated_is_reminded_each_week(pleszew: RecordingOffice, tmp_path: Path) -> None:
    """At the address of their own details; no content; given, the reminders end."""
    text = example("pleszew").replace(
        "[streams.video.notices]", "[streams.video.notices]\nnew_staff_statement = true"
    )
    office.activate_regulation(text, in_force_from=date(2026, 1, 2), clock=pleszew.clock, actor="")
    viewer = add_person(
        "Osoba viewer", post="", roles=["viewer"], username="viewer", password="a long and quiet river", clock=pleszew.clock, actor=""
    ).id  # fmt: skip
    office.change_person(viewer, {"email": "ogladajaca@urzad.example"}, clock=pleszew.clock, actor="cli")
    with mail_server() as box:
        server = server_of(box, tmp_path)
        assert send_reminders(server, clock=pleszew.clock) == 3
        assert send_reminders(server, clock=pleszew.clock) == 0
        pleszew.clock.advance(timedelta(days=7))
        today = civil_date(pleszew.clock.now())
        office.enter_statement(viewer, today, clock=pleszew.clock, actor="cli")
        assert send_reminders(server, clock=pleszew.clock) == 2
    assert {to for to, _ in box.letters} == {*PEOPLE.values(), "ogladajaca@urzad.example"}
    assert "oświadczenie" in text_of(box.letters[0][1])
    assert len(registers.acts(names=["statement.reminded"]).acts) == 5
