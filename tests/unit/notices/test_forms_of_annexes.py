"""Plates, clauses and statements printed beside the annexes of the offices' regulations."""

from dataclasses import replace

import pytest

from rejent.documents.rendering import render_pdf
from rejent.notices.documents.paper import SIZES, Size, page, paper_of
from rejent.office.regulation.loading import example
from tests.annexes import MIEDZIANA_GORA_1, MIEDZIANA_GORA_2, PLESZEW_2, find_missing
from tests.printed import opened, placed_words, words_of
from tests.unit.notices.conftest import documents, of_example, words_in

PRINTED = (
    ("pleszew", "plate.video.Ratusz", PLESZEW_2),
    ("miedziana-gora", "clause.video", MIEDZIANA_GORA_1),
    ("miedziana-gora", "statement.video", MIEDZIANA_GORA_2),
)

MORE_AIMS = (
    "Przestrzeganie bezpiecznych i higienicznych warunków użytkowania obiektu, wyjaśnianie sytuacji konfliktowych, "
    "ustalanie sprawców zniszczeń i kradzieży, ograniczanie dostępu osób nieuprawnionych i niepożądanych."
)


@pytest.mark.parametrize(
    ("office", "name", "annex"), PRINTED, ids=[f"{each[0]}-{each[1]}" for each in PRINTED]
)
def test_a_notice_has_the_title_and_the_fields_of_its_annex_in_order(
    office: str, name: str, annex: tuple[str, ...]
) -> None:
    """As it is printed; a field that went or moved would be missed."""
    printed = words_of(render_pdf(paper_of(of_example(office)[name])))
    assert find_missing(printed, annex) == []


def test_what_the_law_demands_and_an_annex_leaves_out_follows_it() -> None:
    """Miedziana Góra's clause names neither the areas, nor withdrawal, nor how to ask for a recording; they stand below it."""
    clause = of_example("miedziana-gora")["clause.video"]
    keys = [section.key for section in clause.sections]
    assert (
        keys.index("recipients") < keys.index("rights") < keys.index("recorded") < keys.index("preservation")
    )
    assert {item.provision for item in clause.missing} == {
        "13(1)(a)",
        "13(1)(b)",
        "13(1)(f)",
    }


@pytest.mark.parametrize("office", ["pleszew", "elblag", "miedziana-gora"])
@pytest.mark.parametrize("size", SIZES)
def test_what_a_plate_says_ends_above_the_way_to_the_full_clause(office: str, size: Size) -> None:
    """On one page of any size; of Pleszew's long annex with every aim of its § 2, too, no line lies on the code below it."""
    plate = of_example(office)["plate.video.Ratusz"]
    sections = (
        replace(each, text=(*each.text, MORE_AIMS)) if each.key == "purposes" else each
        for each in plate.sections
    )
    plate = replace(plate, sections=tuple(sections))
    made = render_pdf(paper_of(plate, size=size, test=True))
    with opened(made) as drawn:
        assert len(drawn.pages) == 1
    placed = placed_words(made)
    more = next(at for at, one in enumerate(placed) if one.word == "Pełna")
    assert max(one.bottom for one in placed[:more]) < placed[more].top


def test_calls_and_messages_are_called_so() -> None:
    """No document for those whose messages are kept speaks of recordings; calls are recorded calls; keys are destroyed, nothing is overwritten."""
    calls = words_in(of_example("walbrzych-mops")["clause.calls"])
    assert "Nagrane rozmowy przechowujemy nie dłużej niż 30 dni" in calls
    assert "niszczymy klucze" in calls
    assert "nadpis" not in calls


def test_what_a_form_states_and_nobody_gave_is_asked_for_and_the_paper_is_a_draft() -> None:
    """Across its pages and at its head, as PDF and as HTML; with everything given it is none."""
    clause = of_example("miedziana-gora")["clause.video"]
    asked = {ask.key for ask in clause.asks}
    assert asked == {"address", "email", "telephone", "contact", "contact_telephone", "transfers"}
    printed, shown = words_of(render_pdf(paper_of(clause))), page(clause)
    for told in (printed, shown):
        assert "PROJEKT" in told
        assert "numer telefonu urzędu" in told
    given = 'head = "Wójt"' + "".join(f'\n{key} = "podano {key}"' for key in sorted(asked - {"transfers"}))
    text = example("miedziana-gora").replace('head = "Wójt"', given)
    text = text.replace("assurances = []", 'assurances = ["no-third-country-transfer"]')
    whole = documents(text, "video")["clause.video"]
    assert whole.missing == ()
    printed = words_of(render_pdf(paper_of(whole)))
    assert "podano email" in printed
    assert "PROJEKT" not in printed + page(whole)


@pytest.mark.parametrize(
    "line",
    ['{ field = "opening", text = "Odbiorcy: {recipients}." }', '{ text = "Odbiorcy: {recipients}." }'],
)
def test_no_row_of_dots_is_published(line: str) -> None:
    """A sentence of a form for which the regulation has no value, be it the first or one under no name, makes the clause a draft that says what is missing."""
    recipients = 'recipients = ["courts", "prosecutor", "police", "other-entitled"]'
    form = f'\n[[streams.video.forms]]\npapers = ["clause"]\ntitle = "KLAUZULA"\nlines = [{line}]\n'
    text = example("pleszew") + form
    assert recipients in text
    given = documents(text, "video")["clause.video"]
    assert "......" not in words_in(given)
    unknown = documents(text.replace(recipients, "recipients = []"), "video")["clause.video"]
    assert "......" in words_in(unknown)
    assert "recipients" in {ask.key for item in unknown.missing for ask in item.asks}
    assert "kto może otrzymać nagrania" in words_of(render_pdf(paper_of(unknown)))
    assert "recipients" not in {ask.key for item in given.missing for ask in item.asks}


@pytest.mark.parametrize("paper", ["statement", "clause"])
def test_a_title_of_a_form_is_printed_as_it_stands(paper: str) -> None:
    """Braces in it are nobody's placeholder: they neither keep every document from being made nor show what the program has inside."""
    title = "Znam {a} {monitoring.__class__} {"
    lines = (
        '{ field = "person", name = "Imię" }, { text = "Znam {purposes}." }'
        if paper == "statement"
        else '{ text = "Znam {purposes}." }'
    )
    form = f'\n[[streams.video.forms]]\npapers = ["{paper}"]\ntitle = "{title}"\nlines = [{lines}]\n'
    made = documents(example("pleszew") + form, "video")
    assert title in {each.title for each in made.values()}


def test_a_purpose_is_said_as_the_regulation_says_it() -> None:
    """Braces in it are nobody's placeholder, either."""
    purpose = "bezpieczeństwo użytkowników obiektu, zwłaszcza pracowników i klientów urzędu"
    odd = "bezpieczeństwo {a} {x.__class__} {"
    text = example("pleszew")
    assert purpose in text
    assert odd in words_in(documents(text.replace(purpose, odd), "video")["clause.video"])
