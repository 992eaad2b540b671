"""Every kind of mail that the program sends to people of the office is Polish: no English word, nothing of the machine's."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

import rejent
from rejent.cases.reminding import send_reminders
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.services.mail_server import try_mail_server
from rejent.streams.mail.receiving.trial import write_test_message
from tests.demo.crawl import english, wrong_with
from tests.mail_server import mail_server
from tests.unit.cases.application import entered
from tests.unit.cases.test_deciding import People
from tests.unit.cases.test_reminding import PEOPLE, server_of, text_of
from tests.unit.retention.office import RecordingOffice

MACHINE = re.compile(
    r"[{}_<>]|%\(|\b\d{4}-\d\d-\d\d\b|\b[0-9a-f]{8,}\b|\bNone\b|\b(?:video|calls|mail|late|soon|last-day)\b"
)
"""Gaps of sentences, identifiers, days as the machine writes them, names of states."""


def wrong_words(text: str) -> list[str]:
    """Return what nobody should be mailed: English words, numbers without groups, words of the machine."""
    found = [f"{what}: {line}" for what, line in wrong_with(iter(text.splitlines()), english())]
    return found + [f"machine: {each}" for each in MACHINE.findall(text)]


def test_what_is_looked_for_is_found() -> None:
    """An English sentence, a gap and a day of the machine's are named; a Polish mail is left alone."""
    assert len(wrong_words("Sign in to the program to decide.\n{number} 2026-03-16")) == 4
    assert wrong_words("W-2026-1 – ostatni dzień: 16.03.2026") == []


@pytest.mark.parametrize("demanded", [True, False])
def test_every_mail_to_people_is_polish(
    pleszew: RecordingOffice, people: People, camera: str, tmp_path: Path, *, demanded: bool
) -> None:
    """A decision at its three stages, a statement that is owed (also by whom nothing opens before it), the test message."""
    regulation = example("pleszew").replace(
        "[streams.video.notices]", f"[streams.video.notices]\nnew_staff_statement = {str(demanded).lower()}"
    )
    office.activate_regulation(
        regulation, in_force_from=datetime(2026, 1, 2, tzinfo=UTC).date(), clock=pleszew.clock, actor=""
    )
    for name, address in PEOPLE.items():
        office.change_person(people[name].id, {"email": address}, clock=pleszew.clock, actor="cli")
    entered(pleszew.clock, camera)
    with mail_server() as box:
        folder = server_of(box, tmp_path)
        for day in (12, 16, 17):
            pleszew.go_to(datetime(2026, 3, day, 9, 0, tzinfo=UTC))
            send_reminders(folder, clock=pleszew.clock)
        try_mail_server(folder, "asi@urzad.example", clock=pleszew.clock, actor="cli")
    told = [text_of(letter) for _, letter in box.letters]
    subjects = {text.partition("\n")[0] for text in told}
    assert len(subjects) == (3 if demanded else 2)
    for stage in ("ostatni dzień: 16", "dziś jest ostatni dzień", "PO TERMINIE"):
        assert any(stage in text for text in told)
    for text in told:
        assert wrong_words(text) == []


def test_every_place_that_writes_a_mail_is_looked_at_here() -> None:
    """A further kind of mail joins this test; papers are letters of another kind."""
    package = Path(rejent.__file__).parent
    sources = {
        path.relative_to(package).as_posix(): path.read_text(encoding="utf-8")
        for path in package.rglob("*.py")
    }
    writers = {
        name
        for name, text in sources.items()
        if "EmailMessage(" in text or ("people.mailing import" in text and "Letter(" in text)
    }
    assert writers == {
        "cases/reminding.py",
        "office/people/mailing.py",
        "office/people/reminding.py",
        "office/services/mail_server.py",
        "streams/mail/receiving/trial.py",
        "streams/mail/simulated/letters.py",
    }


def test_the_test_message_of_the_archive_is_polish() -> None:
    """It is sent to a mailbox of the office, where somebody may read it."""
    message = message_from_bytes(
        write_test_message("archiwum@urzad.example", "token", datetime(2026, 3, 16, tzinfo=UTC)),
        policy=policy.default,
    )
    assert wrong_words(text_of(message)) == []
