"""A kind of stream is one folder: notes are recorded, found, opened, held, destroyed and checked, and nothing of the program names them."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.installation import CommandStarter, environment, rejent
from tests.streams.steps import APART, DAY, NOON, TEXTS

REGULATION = Path(__file__).parent / "notes" / "regulation.toml"
WRITTEN = [f"{(NOON + number * APART).isoformat()} {text}" for number, text in enumerate(TEXTS)]
HELD = NOON + timedelta(seconds=30), NOON + timedelta(seconds=100)
"""The second note and the third."""
AFTERWARDS = NOON + timedelta(hours=2)
OVER = NOON + timedelta(days=40)


class NotesOffice:
    """An installation of a program that has notes as one kind more."""

    def __init__(self, folder: Path, programs: CommandStarter) -> None:
        self.folder = folder
        self._programs = programs

    def _done(self, at: datetime, *arguments: str | Path, module: str = "") -> str:
        env = environment(DJANGO_SETTINGS_MODULE="tests.streams.notes_settings", REJENT_CLOCK=at.isoformat())
        done = self._programs.done(*map(str, arguments), env=env, module=module)
        assert done.status == 0, done
        return done.out

    def rejent(self, at: datetime, command: str, *arguments: str | Path) -> str:
        """Run a command that must succeed."""
        return self._done(at, *command.split(), self.folder, *arguments)

    def step(self, at: datetime, step: str, *arguments: str) -> dict[str, Any]:
        """Do one of the steps."""
        return dict(json.loads(self._done(at, self.folder, step, *arguments, module="tests.streams.steps")))


@pytest.fixture(scope="module")
def programs() -> Iterator[CommandStarter]:
    """Runs the program with the line that registers notes."""
    starter = CommandStarter("tests.streams.registered")
    yield starter
    starter.stop()


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory, programs: CommandStarter) -> dict[str, Any]:
    """What came of each step of two sources of notes, one of them held, past their term."""
    office = NotesOffice(tmp_path_factory.mktemp("notes") / "office", programs)
    office.rejent(NOON - timedelta(hours=1), "init", "--regulation", REGULATION, "--test")
    added = [
        office.rejent(
            NOON, "source add", "--stream", "notes", "--name", name, "--notebook", f"https://notatki.example/{name}"
        ).strip()
        for name in ("sekretariat", "kancelaria", "teren")
    ]  # fmt: skip
    held = office.step(NOON, "record", added[0])
    free = office.step(NOON, "record", added[1], "killed")
    recovered = office.step(NOON + timedelta(minutes=10), "recover")
    since, until = (at.isoformat() for at in HELD)
    told: dict[str, Any] = {
        "recorded": [held, free, recovered],
        "viewed": office.step(AFTERWARDS, "view", held["source"]),
    }
    told["mended"] = office.step(AFTERWARDS + timedelta(hours=1), "view", free["source"])["notes"]
    told["sources"] = office.step(AFTERWARDS + timedelta(hours=1), "sources", held["source"])
    office.rejent(
        AFTERWARDS + timedelta(hours=1),
        "notices write",
        "--to",
        office.folder.parent / "told",
        "--language",
        "en",
    )
    told["documents"] = {
        each.name: each.read_text() for each in (office.folder.parent / "told").glob("*.html")
    }
    told["late"] = [office.step(NOON + timedelta(days=3), "late", added[2]) for _ in range(2)]
    told["clean"] = json.loads(office.rejent(NOON + timedelta(days=3, hours=1), "fsck", "--json"))
    office.rejent(
        AFTERWARDS + timedelta(hours=3), "hold add", "--source", "sekretariat", "--from", since, "--to", until, "--case", "OR.2",
        "--basis", "dowód", "--review", (AFTERWARDS + timedelta(days=60)).date().isoformat(),
    )  # fmt: skip
    told["kept"] = office.rejent(OVER, "keep", "--once")
    told["left"] = [
        office.step(OVER + hours * timedelta(hours=1), "view", each["source"])
        for hours, each in enumerate((held, free), 1)
    ]
    told["clean_after"] = json.loads(office.rejent(OVER + timedelta(hours=3), "fsck", "--json"))
    told["over"] = office.step(OVER + timedelta(hours=3), "late", added[2])
    told["refused"] = office.step(OVER + timedelta(hours=3), "refuse")
    return told


def test_what_was_written_is_read_under_a_viewing_with_its_protocol(life: dict[str, Any]) -> None:
    """The page shows every note exactly; the viewing says how much of the recording was seen, and leaves its protocol."""
    viewed = life["viewed"]
    assert viewed["notes"] == WRITTEN
    assert viewed["protocol"] == viewed["viewing"]
    assert viewed["seen_s"] == len(TEXTS)


def test_people_are_told_of_notes_by_the_kinds_own_words(life: dict[str, Any]) -> None:
    """Clause, staff's papers, register and assessment name it; a kind that is neither marked nor heard has no plate and no announcement."""
    assert sorted(life["documents"]) == [
        "authorisation.notes.html",
        "clause.notes.html",
        "impact-assessment.notes.html",
        "processing-register.html",
        "regulation.notes.html",
        "staff-information.notes.html",
        "statement.notes.html",
    ]
    assert "notes of work" in life["documents"]["clause.notes.html"]


def test_a_killed_recorder_loses_no_whole_note(life: dict[str, Any]) -> None:
    """What it left is booked and mended, and is read as if it had ended well."""
    assert life["recorded"][2]["left"] == 1
    assert life["mended"] == WRITTEN


def test_what_comes_late_goes_under_its_own_days_key_once(life: dict[str, Any]) -> None:
    """Two days in one delivery are two objects, each of its day; what is told twice, then or days later, is kept once and counted."""
    first, again = life["late"]
    objects = [[True, (NOON + days * DAY).isoformat(), 2] for days in (0, 1)]
    objects[1][1] = (NOON + DAY - APART).isoformat()
    assert (first["kept"], first["doubled"], first["told"], first["refused"]) == (4, 1, [""], {})
    assert (again["kept"], again["doubled"], again["told"]) == (0, 5, [""])
    assert first["objects"] == again["objects"] == objects


def test_what_comes_after_its_day_was_destroyed_is_refused_and_counted(life: dict[str, Any]) -> None:
    """Nothing of it is kept, and who delivered it is told that there is nothing to wait for."""
    over = life["over"]
    assert (over["kept"], over["told"], over["objects"]) == (0, [""], [])
    assert over["refused"] == {NOON.date().isoformat(): 3, (NOON + DAY).date().isoformat(): 2}


def test_notes_are_found_by_who_may_read_them(life: dict[str, Any]) -> None:
    """The way to them stands beside those of other streams, and a stranger is sent to sign in; of what is destroyed there is nothing to find."""
    assert 'href="/notes"' in life["viewed"]["start"]
    assert life["viewed"]["found"] == [
        f"{name} {NOON.isoformat()} {len(TEXTS)}" for name in ("kancelaria", "sekretariat")
    ]
    assert life["viewed"]["stranger"] == [302, True]
    assert life["left"][0]["found"] == [f"sekretariat {HELD[0].isoformat()} 2"]


def test_pages_of_sources_show_notes_by_their_own_templates(life: dict[str, Any]) -> None:
    """Their table stands in the list of sources, their facts on the page of one."""
    listed, of_one = life["sources"].values()
    assert "<caption>Notatniki</caption>" in listed
    assert "sekretariat" in listed
    assert "https://notatki.example/sekretariat" in of_one


def test_only_what_is_held_outlives_the_term(life: dict[str, Any]) -> None:
    """The keepers cut the held notes out and destroy the others, of both sources."""
    assert [each["notes"] for each in life["left"]] == [WRITTEN[1:3], []]


def test_nothing_is_amiss_before_and_after(life: dict[str, Any]) -> None:
    """Neither the keepers nor ``fsck`` find anything wrong with what was recorded, viewed, held and destroyed."""
    assert [each["failed"] for each in life["recorded"]] == [[], [], []]
    assert [life["clean"], life["clean_after"]] == [{"clean": True, "findings": []}] * 2
    assert "failed: []" in life["kept"]


def test_a_stream_that_no_kind_records_is_refused(life: dict[str, Any]) -> None:
    """There is no default: notes are known beside cameras and calls, and nothing else is."""
    assert life["refused"] == {
        "refused": "No stream is named dreams.",
        "known": ["video", "calls", "mail", "notes"],
    }


def test_without_the_line_that_registers_them_notes_are_nothing() -> None:
    """The same regulation is refused by the program as it is delivered."""
    done = rejent("regulation", "check", REGULATION)
    assert done.status == 1
    assert "There is no key notes" in done.out
