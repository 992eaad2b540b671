"""A regulation that was written anew says what it said."""

import tomllib
from datetime import date

import pytest

from rejent.office.regulation.loading import EXAMPLES, check, example, load
from rejent.office.regulation.writing import set_value, value_at, write_regulation
from rejent.office.setting_up.draft import draft_from, office_in


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_written_reads_as_it_was(name: str) -> None:
    """Every key of every example, in its order; and the statute finds in it what it found before."""
    document = tomllib.loads(example(name))
    written = write_regulation(document)
    assert tomllib.loads(written) == document
    assert load(written) == load(example(name))
    before = [(each.key, each.sentence) for each in check(example(name))]
    assert sorted((each.key, each.sentence) for each in check(written)) == sorted(before)


def test_odd_keys_and_values_survive() -> None:
    """Quotes, line ends, invisible signs, dates, empty lists and tables within rows of tables."""
    document = {
        "a.b": 'x "y" \\ \n\x7f ą',
        "day": date(2026, 2, 28),
        "none": [],
        "yes": True,
        "t": {"rows": [{"id": "a", "within": {"count": 3}}, {"id": "b"}], "list": ["ż", "1"]},
    }
    assert tomllib.loads(write_regulation(document)) == document


def test_a_value_is_set_and_taken_out_at_its_path() -> None:
    """Tables are made on the way; a path into nothing finds nothing."""
    document: dict[str, object] = {}
    set_value(document, ("a", "b", "c"), 1)
    assert value_at(document, ("a", "b", "c")) == 1
    set_value(document, ("a", "b", "c"), None)
    assert document == {"a": {"b": {}}}
    assert value_at({"rows": [{"id": 7}]}, ("rows", 0, "id")) == 7
    assert value_at({"rows": []}, ("rows", 0, "id")) is None


@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_of_the_other_office_stays_in_a_draft(name: str) -> None:
    """Name, address, contact and posts are the new office's own; what it leaves empty is left out."""
    own = {
        "name": "Urząd Gminy",
        "controller": "Wójt",
        "address": "ul. Polna 1",
        "head": "Wójt",
        "deputy": "Zastępca Wójta",
        "contact": "iod@example",
        "title": "Zasady",
    }
    draft = draft_from(name, own)
    assert office_in(draft) == own
    before = tomllib.loads(example(name))
    assert load(draft).streams == load(example(name)).streams
    assert before["name"] not in draft
    assert "deputy" not in office_in(draft_from(name, own | {"deputy": ""}))
