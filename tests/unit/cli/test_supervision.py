"""The week's sample and report from the command line: what the keeper draws and files when a week has closed."""

import hashlib
from base64 import b64decode
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rejent.access.supervision.samples import CLOSES_AFTER, drawn, seed
from rejent.access.supervision.weeks import Week
from rejent.kernel.clock import OFFICE_ZONE
from tests.installation import Office, new_office
from tests.printed import claims_of, words_of

WEDNESDAY = datetime(2026, 11, 18, 12, tzinfo=OFFICE_ZONE)
WEEK = Week.at(WEDNESDAY)
CLOSED = WEEK.interval.end + CLOSES_AFTER


@pytest.fixture(scope="module")
def closed_week(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose keeper came by after the week had closed; by the second round the closing state is signed."""
    office = new_office(tmp_path_factory.mktemp("week") / "office", at=WEDNESDAY)
    office.add_camera("Hol", "rtsp://192.0.2.7/hol", added=CLOSED + timedelta(minutes=1))
    for minutes in (2, 4):
        done = office.at(CLOSED + timedelta(minutes=minutes), "keep", "--once")
        assert done.status == 0, done
    return office


def test_the_keeper_draws_the_week_that_closed(closed_week: Office) -> None:
    """The sample is told with the signed state that decides it; of a week without viewings it is empty, and drawn."""
    told = closed_week.json("supervision sample", "--week", str(WEEK))
    assert (told["population"], told["percent"], told["least"], told["viewings"]) == (0, 5, 3, [])
    assert drawn([], seed(WEEK, told["size"], b64decode(told["root"])), 3) == []
    assert "2026-W48" in closed_week.run("supervision sample", "--week", "2026-W48").line()
    assert "no week" in closed_week.run("supervision sample", "--week", "lately").line()


def test_the_filed_report_is_handed_out_and_entered(closed_week: Office, tmp_path: Path) -> None:
    """The file is the one that the keeper filed, in Polish; who took it is the command line, before it is written."""
    file = tmp_path / "week.pdf"
    done = closed_week.run("supervision digest", "--week", "2026-W47", "--output", file)
    assert done.status == 0, done
    made = file.read_bytes()
    assert claims_of(made)["title"] == "Raport z nadzoru, tydzień 16.11–22.11.2026"
    assert "Kto i po co otwierał nagrania" in words_of(made)
    again = closed_week.run("supervision digest", "--week", "2026-W47", "--output", file)
    assert "is there already" in again.line()
    other = tmp_path / "again.pdf"
    assert closed_week.run("supervision digest", "--week", "2026-W47", "--output", other).status == 0
    assert hashlib.sha256(other.read_bytes()).digest() == hashlib.sha256(made).digest()
    assert closed_week.run("fsck").status == 0
