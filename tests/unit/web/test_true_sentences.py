"""Sentences that would claim more than the program knows: none is left in the words of the pages, and each stands where it is true."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.test import Client
from django.urls import reverse

import rejent
from rejent.catalog.forecast import Demand, forecast
from rejent.cli.recordings import storage_line
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import EXAMPLES, example, load
from rejent.office.regulation.vocabulary import StreamName
from tests.unit.web.conftest import Browser, text_of
from tests.unit.web.test_duty_pages import firm, service

__all__ = ["firm", "service"]

IN_WRITING = "regulamin wymaga formy pisemnej"


def polish() -> list[tuple[str, str]]:
    """Every Polish text of the program's pages and papers, with the file that has it."""
    texts = []
    for path in Path(rejent.__file__).parent.rglob("*.po"):
        with path.open("rb") as opened:
            for message in read_po(opened):
                forms = message.string if isinstance(message.string, tuple | list) else [message.string]
                texts += [(str(path), form) for form in forms if message.id]
    assert len(texts) > 6000
    return texts


@pytest.mark.parametrize(
    "claim",
    [
        r"niezauważenie",
        r"nie zmieni wpisu",
        r"potem są niszczone",
        r"odtwarzając(y|a|ego|ej|emu|ym|ą)\b",
        r"22² § 4",
        r"Tak stanowi regulamin\.",
        r"Nikt już nie otworzy",
        r"Nikt nie otworzy",
    ],
)
def test_no_text_claims_what_the_program_cannot_know(claim: str) -> None:
    """What a witness alone shows, what copies outside the office can do, a role that nobody has, an article about cameras as anybody's basis."""
    assert [text for text in polish() if re.search(claim, text[1])] == []


def test_what_the_regulation_demands_is_said_with_its_place() -> None:
    """A sentence that the regulation demands something of an application names the clause; without one it is the program's reading."""
    demanding = [text for _, text in polish() if re.match(r"[Rr]egulamin wymaga", text)]
    assert demanding
    assert [text for text in demanding if "clause" not in text] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_provision_about_cameras_is_the_basis_of_another_stream(name: str) -> None:
    """Holds rest on these clauses: of calls, mail and work at computers none names the Labour Code's article about cameras."""
    for stream, rules in load(example(name)).streams.items():
        clauses = (rules.clause, rules.extension.clause, rules.preservation.clause, rules.handover.clause)
        if stream != StreamName.VIDEO:
            assert [clause for clause in clauses if "22²" in clause or "Kodeksu pracy" in clause] == []


@pytest.mark.parametrize(
    ("name", "stream", "clause"),
    [
        ("pleszew", "video", "§ 6 ust. 3–6, załącznik 3"),
        ("boleslawiec", "calls", ""),
        ("elblag", "video", ""),
    ],
)
@pytest.mark.usefixtures("people")
def test_a_written_form_is_demanded_where_the_text_has_it(
    browser: Browser, clock: ManualClock, name: str, stream: str, clause: str
) -> None:
    """Pleszew's text does, with its place; Bolesławiec's and Elbląg's say nothing of it, and neither does the page."""
    office.activate_regulation(example(name), in_force_from=clock.now().date(), clock=clock, actor="")
    page = text_of(browser("clerk").get(reverse("case-enter", args=["preservation", stream])))
    assert ("<h1>" in page, IN_WRITING in page) == (True, bool(clause))
    assert not clause or f"{IN_WRITING} ({clause})" in page


def test_a_contractor_is_not_refused_with_the_paragraph_that_admits_one(
    service: Callable[[], Client],
) -> None:
    """The refusal says what is missing, and shows no clause: the one about contractors lets them in."""
    page = text_of(service().get(reverse("sources")))
    assert "otwarta jest awaria" in page
    assert "§" not in page


def test_the_storage_promises_no_days_beyond_ten_years() -> None:
    """Little that is recorded on a large disk would give a hundred thousand days; what a week tells does not reach that far."""
    roomy = forecast(38_000_000_000, 900_000_000_000, {"one": Demand(per_day=1e6, days=30, kept=0)})
    assert storage_line(roomy).endswith("days left: over ten years")
    near = forecast(38_000_000_000, 900_000_000_000, {"one": Demand(per_day=1e9, days=30, kept=0)})
    assert storage_line(near).endswith("days left: 900.0")
