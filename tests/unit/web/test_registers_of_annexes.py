"""Registers printed beside the annexes and paragraphs of the five regulations: no column of theirs is missing, none stands in another order."""

from datetime import date
from typing import Any, NamedTuple

import pytest
from django.utils import translation

from rejent.documents.papers import Book
from rejent.documents.rendering import render_pdf
from rejent.kernel.clock import ManualClock
from rejent.office import services
from rejent.office.regulation.loading import example
from rejent.web.registers.books.kinds import register_called
from rejent.web.registers.letterheads import letterhead
from tests.printed import words_of
from tests.unit.cases.conftest import START


class Annex(NamedTuple):
    """What a text demands of a register.

    Attributes:
        office: whose text.
        clause: where, with the form's number in `research/governance.md` § 1.7.
        register: its name in addresses.
        columns: as they are printed, each for one of the text's, in its order.
    """

    office: str
    clause: str
    register: str
    columns: tuple[str, ...]


ANNEXES = (
    Annex("pleszew", "R1, § 7 ust. 5", "copies-video", (
        "Numer porządkowy kopii", "Okres, którego dotyczy nagranie", "Źródło danych", "Data wykonania kopii",
        "Dane osoby, która sporządziła kopię", "Podpis osoby, która sporządziła kopię",
        "Informacje o udostępnieniu lub zniszczeniu kopii",
    )),
    Annex("walbrzych-mops", "R2, § 7 ust. 8 lit. a–h", "copies-calls", (
        "Numer porządkowy kopii", "Okres (data i godzina), którego dotyczy nagranie",
        "Numer telefonu osoby wykonującej połączenie przychodzące", "Numer telefonu MOPS, na który dokonano połączenia",
        "Data wykonania kopii", "Dane osoby, która sporządziła kopię", "Podpis osoby, która sporządziła kopię",
        "Informacje o udostępnieniu lub zniszczeniu kopii",
    )),
    Annex("pleszew", "R3, zał. 4", "disclosures", (
        "Lp.", "Wnioskodawca", "Data złożenia wniosku", "Cel udostępnienia", "Sposób załatwienia wniosku",
        "Podpis odbierającego nośnik", "Podpis wydającego nośnik", "Uwagi",
    )),
    Annex("pleszew", "R4, § 8 ust. 3", "actions", (
        "Wpis w dzienniku", "Data i godzina", "Rodzaj czynności", "Osoba", "Co zrobiono", "Numer dokumentu",
    )),
    Annex("boleslawiec", "R5, § 3 ust. 2", "authorisations", (
        "Numer", "Osoba", "Stanowisko służbowe", "Zbiór danych", "Zakres", "Źródła", "Od", "Do", "Nadaje", "Data cofnięcia",
    )),
    Annex("pleszew", "R6, § 6 ust. 2–6, zał. 3", "applications", (
        "Numer", "Rodzaj", "Wnioskodawca", "Data wpływu", "Zdarzenie", "Termin złożenia", "Po terminie", "Decyzja",
        "Osoba rozstrzygająca", "Data rozstrzygnięcia", "Zabezpieczenia",
    )),
    Annex("miedziana-gora", "R7, § 5 ust. 3, § 60 ust. 2, zał. 2", "statements", (
        "Osoba", "Stanowisko służbowe", "Wersja regulaminu", "Data podpisania", "Sposób", "Data wpisu", "Kto wpisał",
    )),
    Annex("elblag", "R8, ust. 1 pkt 13–14", "holds", (
        "Numer", "Źródło", "Zabezpieczono od", "Zabezpieczono do", "Sprawa", "Podstawa", "Data zabezpieczenia",
        "Kto zabezpieczył", "Przegląd", "Data zakończenia",
    )),
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("annex", ANNEXES, ids=lambda each: f"{each.office}-{each.register}")
def test_a_register_is_printed_with_every_column_of_its_text(annex: Annex, settings: Any) -> None:
    """In Polish, on the paper itself, in the text's order; a column that went, or took another's place, would be missed."""
    settings.CLOCK = ManualClock(START)
    services.activate_regulation(
        example(annex.office), in_force_from=date(2026, 1, 1), clock=settings.CLOCK, actor=""
    )
    with translation.override("pl"):
        register = register_called(annex.register)
        columns = tuple(column for column in register.columns() if column.printed)
        head = letterhead(str(register.title), made_at=START, entry=None)
        book = Book(head, remarks=(), columns=columns, rows=[["–"] * len(columns)], empty="–")
        words = words_of(render_pdf(book)).replace("\xad ", "")
    assert " ".join(annex.columns) in words
