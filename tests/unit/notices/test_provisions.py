"""What the regulation provides, as people read it: sentences and lists, never the file of the parameters."""

import pytest

from rejent.documents.rendering import render_pdf
from rejent.notices.documents.paper import page, paper_of
from rejent.office.regulation.loading import EXAMPLES
from tests.printed import words_of
from tests.unit.notices.conftest import of_example, words_in

MACHINE = (
    "gdpr-6-1",
    "proceedings-concluded",
    "administrator.",
    "it-unit",
    "max",
    "[[",
    "true",
    "head",
    "clause",
)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_provisions_of_every_office_are_prose(name: str) -> None:
    """What, why, how long, who sees, how it is handed over, how one asks, how people are told; no word of the file."""
    (document,) = (each for each in of_example(name).values() if each.kind == "regulation")
    keys = [section.key for section in document.sections]
    assert keys == ["recorded", "purposes", "retention", "access", "handover", "preservation", "notices"]
    said = words_in(document)
    assert [word for word in MACHINE if word in said] == []
    printed = words_of(render_pdf(paper_of(document)))
    assert said.split()[-1] in printed
    assert "<pre" not in page(document)


def test_each_part_names_where_the_regulation_says_so() -> None:
    """Miedziana Góra: the period with its §, who may see, who decides and who destroys."""
    said = words_in(of_example("miedziana-gora")["regulation.video"])
    for words in (
        "nie dłużej niż 3 miesiące",
        "§ 4 ust. 4, § 4 ust. 5",
        "Wójt, Zastępca Wójta, sekretarz urzędu",
        "§ 3 ust. 4",
        "komisja: 2 osoby",
        "§ 5 ust. 4–5 i 8",
    ):
        assert words in said
