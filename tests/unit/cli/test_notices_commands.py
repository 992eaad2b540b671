"""``rejent notices differences``, ``publish``: what does not agree, and the files for the website."""

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from rejent.office.regulation.loading import example
from tests.installation import Office, another_office, environment

STATED = """
import sys
from datetime import date
from pathlib import Path
from rejent.cli.command_setup import open_installation
open_installation(Path(sys.argv[1]))
from rejent.kernel.clock import SystemClock
from rejent.notices.publication.services import state_accessibility
from rejent.notices.publication.views import Accessibility, Assessed, Conformance
words = dict.fromkeys(("site", "contact", "phone", "mail", "building"), "x")
days = dict.fromkeys(("published_on", "changed_on", "made_on", "reviewed_on"), date(2026, 1, 1))
stated = Accessibility(**words, **days, conformance=Conformance.FULL, assessed=Assessed.OFFICE)
state_accessibility(stated, clock=SystemClock(), ledger=None, actor="cli")
"""


@pytest.fixture(scope="module")
def gora(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose regulation wants its clause on the website, in the bulletin and on the board."""
    return another_office(tmp_path_factory.mktemp("gora") / "dir", regulation="miedziana-gora")


def test_what_differs_is_listed_with_its_law_and_who_must_act(gora: Office) -> None:
    """Status 1 while there is anything; one line each, as text and as JSON."""
    done = gora.run("notices differences", "--json")
    assert done.status == 1
    missing = [one for one in done.json if one["difference"] == "publication-missing"]
    assert {(one["stream"], one["act"]) for one in missing} == {("video", "publish-notices")}
    assert len({one["says"] for one in missing}) == 3
    assert "§ 5" in missing[0]["law"]
    assert gora.run("notices differences").out.count("publication-missing") == 3


def test_the_bundle_is_written_to_an_empty_folder_and_entered(gora: Office, tmp_path: Path) -> None:
    """Pages and papers of both languages; the digest that is printed is the one that is entered; a folder with anything in it is refused."""
    folder = tmp_path / "bip"
    refused = gora.run("notices publish", "--to", folder)
    assert refused.status == 1
    assert "the controller's address" in refused.err
    assert not folder.exists()
    _complete(gora, tmp_path)
    done = gora.run("notices publish", "--to", folder)
    assert done.status == 0, done
    told = re.search(r"(\d+) files in .* ([0-9a-f]{64})\.", done.out.replace("\n", " "))
    assert told is not None
    written = [each for each in folder.rglob("*") if each.is_file()]
    assert len(written) == int(told[1])
    assert (folder / "en" / "index.html").read_text("utf-8").startswith("<!doctype html>")
    assert (folder / "clause-video.pdf").read_bytes().startswith(b"%PDF-")
    with closing(sqlite3.connect(gora.directory / "catalog" / "catalog.db")) as database:
        entered = database.execute("SELECT facts FROM registers_entry WHERE act = 'publication.bundle-made'")
        assert [told[2] in str(facts) for (facts,) in entered] == [True]
    before = sorted(each.stat().st_mtime_ns for each in written)
    assert "not empty" in gora.run("notices publish", "--to", folder).line()
    assert sorted(each.stat().st_mtime_ns for each in written) == before


def test_what_lacks_something_is_not_spoken(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    """A sound bears no mark of a draft; on paper the same document is one."""
    office = another_office(tmp_path_factory.mktemp("calls") / "dir", regulation="boleslawiec")
    done = office.run("notices write", "--to", tmp_path / "told", "--spoken", "--language", "en")
    assert done.status == 0, done
    assert "was not spoken" in done.out
    written = [each.name for each in (tmp_path / "told").iterdir()]
    assert [name for name in written if name.startswith("announcement")]
    assert [name for name in written if name.endswith(".wav")] == []


def _complete(office: Office, tmp_path: Path) -> None:
    """Let the office state what its regulation leaves open, and the facts of its statement of accessibility."""
    text = example("miedziana-gora").replace(
        'head = "Wójt"',
        'head = "Wójt"\naddress = "ul. Urzędowa 18"\nemail = "gmina@gora.example"\ntelephone = "41 303 16 00"\n'
        'contact = "iod@gora.example"\ncontact_telephone = "41 303 16 01"',
    )
    whole = text.replace("assurances = []", 'assurances = ["no-third-country-transfer"]')
    (tmp_path / "whole.toml").write_text(whole, "utf-8")
    assert office.run("regulation activate", "--regulation", tmp_path / "whole.toml").status == 0
    subprocess.run([sys.executable, "-c", STATED, str(office.directory)], check=True, env=environment())
