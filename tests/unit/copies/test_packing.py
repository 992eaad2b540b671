"""The evidence package of a copy that an office made: everything the books know of it, verified with nothing but itself and the key."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import av
import pytest
from django.utils import translation

from rejent.access.errors import AccessRefusedError
from rejent.cases.copies.errors import CopyStateError
from rejent.cases.copies.services.handing import Handing
from rejent.cases.copies.views import Absence
from rejent.cases.views import Kind
from rejent.catalog.services import book_segments
from rejent.evidence.sealing import seal_in_ledger
from rejent.evidence.targets import FolderTarget
from rejent.evidence.verifier.command import SHOWN, check_path, report, status
from rejent.evidence.writing import write_package
from rejent.formats.mp4.reader import scan
from rejent.formats.source import BytesSource
from rejent.kernel.clock import ManualClock
from rejent.ledger.location import LedgerLocation
from rejent.retention.models import Hold
from rejent.streams.cameras.player.workshop import derived_workshop
from rejent.web.cases.copies.packing import package_contents
from tests.handing import hand_over
from tests.printed import words_of
from tests.unit.cases.application import NOON
from tests.unit.copies.conftest import CopyingOffice
from tests.unit.formats.clips import clip
from tests.unit.formats.written import content_of, fragments_of
from tests.unit.retention.office import MINUTE


def test_the_package_of_a_copy_holds_its_whole_story(pleszew: CopyingOffice, tmp_path: Path) -> None:
    """Parts, gap, acts of case, sealing and making, label and custody sheet; whoever makes copies may open it, others may not."""
    copy, clock = pleszew.copy(pleszew.decided().number), pleszew.office.clock
    place = LedgerLocation(tmp_path / "ledger", tmp_path / "ledger-key", "rejent/test")
    administrator, folder = pleszew.people["administrator"], tmp_path / copy.number
    with translation.override("pl"):
        contents = package_contents(copy, person=administrator, clock=clock)
    seal = seal_in_ledger(place, copy.number, contents.acts, clock=clock, actor="")
    write_package(contents, FolderTarget(folder), seal)
    verdict = check_path(folder, stated_key=str(place.verifier()), number=copy.number)
    assert status(verdict) == SHOWN, verdict.findings
    assert len(contents.recordings) == len(copy.parts) == 3
    assert (
        len(
            [
                sentence
                for sentence in contents.acts.values()
                if sentence["pl"].startswith("Zapieczętowanie odcinka")
            ]
        )
        == 3
    )
    told = "; ".join(sentence["pl"] for sentence in contents.acts.values())
    assert copy.case in told
    assert f"Sporządzono kopię {copy.number}" in told
    assert [each.cause for each in contents.gaps]
    assert "12:01:30" in "".join(report(verdict, "pl"))
    paper = words_of((folder / "data/custody.pdf").read_bytes())
    assert copy.parts[0].sha256[:20] in paper.replace(" ", "").replace("\n", "")
    assert copy.number in words_of((folder / "data/label.pdf").read_bytes())
    with pytest.raises(AccessRefusedError):
        package_contents(copy, person=pleszew.people["clerk"], clock=clock)


TOLD = {
    "pl": """\
Wpisano wniosek W-2026-1: wniosek o zabezpieczenie, wpłynął 02.03.2026
Rozstrzygnięto wniosek W-2026-1: zgoda
Zapieczętowanie odcinka: źródło „Korytarz”, od 01.03.2026 12:00:00 do 01.03.2026 12:01:00
Zapieczętowanie odcinka: źródło „Korytarz”, od 01.03.2026 12:01:00 do 01.03.2026 12:02:00
Sporządzono kopię K-2026-1 do wniosku W-2026-1; do zniszczenia najpóźniej 01.06.2026""",
    "en": """\
Application W-2026-1 entered: application for preservation, received on 02.03.2026
Application W-2026-1 decided: consent
Segment of source “Korytarz” sealed, from 01.03.2026 12:00:00 to 01.03.2026 12:01:00
Segment of source “Korytarz” sealed, from 01.03.2026 12:01:00 to 01.03.2026 12:02:00
Copy K-2026-1 made for application W-2026-1; to be destroyed by 01.06.2026""",
}
"""What a package and its custody sheet tell of two minutes, in office words."""


@pytest.mark.parametrize("language", TOLD)
def test_the_acts_are_told_in_office_words_and_each_sealing_is_of_the_copy(
    pleszew: CopyingOffice, language: str
) -> None:
    """No identifier and no time of a machine; of another recording with the same content, as a demo's history has it, nothing."""
    pleszew.camera = pleszew.office.add_camera("Korytarz")
    for minute in range(2):
        made = pleszew.office.record(pleszew.camera, NOON + minute * MINUTE, b"MARK")
        later = {"start": made.start + 60 * MINUTE, "end": made.end + 60 * MINUTE}
        twin = replace(made, id=uuid4(), object_name=f"twin {minute}", **later)
        book_segments([twin], pleszew.office.clock)
    copy = pleszew.copy(pleszew.decided(Kind.PRESERVATION).number)
    with translation.override(language):
        contents = package_contents(copy, person=pleszew.people["administrator"], clock=pleszew.office.clock)
    assert [each[language] for each in contents.acts.values()] == TOLD[language].splitlines()
    assert contents.language == language
    paper = " ".join(words_of(contents.custody).split())
    assert all(line in paper for line in TOLD[language].splitlines())
    assert pleszew.camera not in paper


def test_a_package_is_silent_about_time_of_which_nothing_is_known(pleszew: CopyingOffice) -> None:
    """It tells gaps and what does not open, so that a verifier never calls complete what nobody can account for."""
    copy, clock = pleszew.copy(pleszew.decided().number), pleszew.office.clock
    missing = tuple(replace(copy.missing[0], why=why) for why in (Absence.UNKNOWN, Absence.UNREADABLE))
    contents = package_contents(
        replace(copy, missing=missing), person=pleszew.people["administrator"], clock=clock
    )
    assert len(contents.gaps) == 1
    assert contents.gone == []


@pytest.mark.usefixtures("as_after_a_restart")
def test_nobody_packs_what_is_past_its_last_day_or_restricted(pleszew: CopyingOffice) -> None:
    """The copy waits for its commission then; a restriction shuts this door as it shuts every viewing."""
    copy, clock = pleszew.copy(pleszew.decided().number), pleszew.office.clock
    administrator = pleszew.people["administrator"]
    late = ManualClock(clock.now() + timedelta(days=200))
    with pytest.raises(CopyStateError):
        package_contents(copy, person=administrator, clock=late)
    Hold.objects.update(restricted=True)
    with pytest.raises(AccessRefusedError):
        package_contents(copy, person=administrator, clock=clock)


def test_the_package_tells_the_hand_over_of_this_copy_alone(pleszew: CopyingOffice) -> None:
    """Of two copies of one application the one that was handed over has the act, once; the other has none of it."""
    case, clock = pleszew.decided().number, pleszew.office.clock
    first, second = pleszew.copy(case), pleszew.copy(case)
    handing = Handing(first.number, case, recipient="asp. Jan Testowy", post="dzielnicowy", body="Policja")
    people = pleszew.people
    done = hand_over(handing, maker=people["administrator"], giver=people["clerk"], clock=clock)
    number = done.number
    told = [
        [
            sentence
            for sentence in package_contents(
                each, person=pleszew.people["administrator"], clock=clock
            ).acts.values()
            if number in sentence["pl"]
        ]
        for each in (first, second)
    ]
    assert [len(each) for each in told] == [1, 0]


def test_the_clock_statement_is_of_the_time_of_the_recording(
    pleszew: CopyingOffice,
) -> None:
    """The offsets that its recordings were sealed with, half of their difference and the network's share as uncertainty; else that it is unknown."""
    person, clock = pleszew.people["administrator"], pleszew.office.clock
    silent = pleszew.copy(pleszew.decided().number)
    with translation.override("en"):
        told = package_contents(silent, person=person, clock=clock).clock
    assert (told.offset_ms, told.uncertainty_ms) == (None, None)
    assert "unknown" in told.sentence["en"]
    assert "No jump of the office's clock" in told.sentence["en"]
    pleszew.camera = pleszew.office.add_camera("Zegar")
    for place, offset in enumerate((2.1, 2.5)):
        pleszew.office.record(
            pleszew.camera, NOON + place * MINUTE, b"MARK", traits={"clock_offset_s": offset}
        )
    pleszew.office.record(pleszew.camera, NOON + 2 * MINUTE, b"MARK")
    measured = pleszew.copy(pleszew.decided().number)
    with translation.override("en"):
        told = package_contents(measured, person=person, clock=clock).clock
    assert (told.offset_ms, told.uncertainty_ms) == (2300, 450)
    assert "recordings: 2 of 3" in told.sentence["en"]


def test_h265_lies_beside_a_form_that_every_browser_plays(pleszew: CopyingOffice, tmp_path: Path) -> None:
    """The original is untouched; the form to watch is H.264, of the same length, marked as derived by its folder, and bound as everything is."""
    film = clip("h265", (320, 180))
    content = content_of(film.parameters, fragments_of(film.parameters, film.units))
    pleszew.camera = pleszew.office.add_camera("H.265")
    pictures = (content, scan(BytesSource(content)))
    pleszew.office.record(pleszew.camera, NOON, b"", seconds=4, pictures=pictures)
    copy, clock = pleszew.copy(pleszew.decided().number), pleszew.office.clock
    place = LedgerLocation(tmp_path / "ledger", tmp_path / "ledger-key", "rejent/test")
    contents = package_contents(copy, person=pleszew.people["administrator"], clock=clock)
    seal = seal_in_ledger(place, copy.number, contents.acts, clock=clock, actor="")
    folder = tmp_path / copy.number
    write_package(contents, FolderTarget(folder), seal)
    derived_workshop().close()
    derived_workshop.cache_clear()
    verdict = check_path(folder, stated_key=str(place.verifier()), number=copy.number)
    assert verdict.findings == []
    name = f"{copy.number}-001.mp4"
    assert (folder / "data/originals" / name).read_bytes() == content
    with av.open(str(folder / "data/viewing" / name)) as shown:
        assert shown.streams.video[0].codec_context.name == "h264"
        assert len(list(shown.decode(video=0))) == 100
