"""Papers to try the press with."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from rejent.documents.papers import Book, Column, Form, Letterhead

MADE_AT = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)


@pytest.fixture
def letterhead() -> Letterhead:
    """The head and foot of a Polish office."""
    return Letterhead(
        language="pl",
        office="Urząd Miasta i Gminy Przykładowo",
        title="Upoważnienie U-2026-1",
        made_at=MADE_AT,
        marks=("Wpis 17 w rejestrze działań, dziennik rejent/test",),
        page="strona {page} z {pages}",
    )


@pytest.fixture
def form(letterhead: Letterhead) -> Callable[..., Form]:
    """An authorisation, changed as a test wants."""

    def made(**changed: Any) -> Form:
        paper = Form(
            letterhead=letterhead,
            opening="Burmistrz upoważnia niżej wymienioną osobę.",
            facts=(("Osoba", ("Zażółć Gęślą-Jaźń",)), ("Zakres", ("podgląd na żywo", "odtwarzanie nagrań"))),
            duties_title="Obowiązki",
            duties=("Ekranu się nie fotografuje.", "Hasła nie przekazuje się nikomu."),
            undertaking="Znam zakres upoważnienia.",
            signatures=("data i podpis wydającego", "data i podpis osoby upoważnionej"),
        )
        return replace(paper, **changed)

    return made


@pytest.fixture
def book(letterhead: Letterhead) -> Callable[..., Book]:
    """A register with three columns, one of them for spreadsheets alone, and so many rows."""

    def made(count: int, **changed: Any) -> Book:
        paper = Book(
            letterhead=replace(letterhead, title="Rejestr działań"),
            remarks=("Osoba: każdy", f"Liczba wierszy: {count}"),
            columns=(Column("Wpis", 1), Column("Co zrobiono", 6), Column("Skrót", 3, printed=False)),
            rows=[(str(row), f"Odtworzenie O-2026-{row} zakończone", "9c" * 32) for row in range(count)],
            empty="W tym zakresie nie ma wpisów.",
        )
        return replace(paper, **changed)

    return made
