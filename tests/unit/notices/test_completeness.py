"""Nothing that the law demands is left out silently; secret places stay secret; what cannot be chosen is not told."""

from unittest.mock import patch

import pytest

from rejent.notices.documents import clause as module
from rejent.notices.documents.clause import clause, sections_of
from rejent.notices.documents.views import State
from rejent.notices.wording import documents_of
from rejent.office.regulation.loading import example
from tests.unit.notices.conftest import PLACES, documents, truth_of, words_in

ITEMS = {
    "controller": "13(1)(a)",
    "officer": "13(1)(b)",
    "purposes": "13(1)(c)",
    "recipients": "13(1)(e)",
    "transfers": "13(1)(f)",
    "retention": "13(2)(a)",
    "rights": "13(2)(b)",
    "withdrawal": "13(2)(c)",
    "complaint": "13(2)(d)",
    "provision": "13(2)(e)",
}


@pytest.mark.parametrize(("section", "provision"), ITEMS.items())
def test_a_section_that_is_gone_is_missed(section: str, provision: str) -> None:
    """Without a section of the clause its item of art. 13 is missing, and no other."""
    truth = truth_of(example("boleslawiec"), "calls")
    whole = clause(truth)
    assert whole.missing == ()
    left = [each for each in sections_of(truth) if each.key != section]
    with patch.object(module, "sections_of", lambda _: left):
        assert [item.provision for item in clause(truth).missing] == [provision]


def test_what_need_not_be_said_says_why() -> None:
    """No legitimate interests, no consent to withdraw, no automated decisions: each with its reason."""
    text = example("pleszew").replace(
        'assurances = ["no-automated-decisions", "no-profiling", ', "assurances = ["
    )
    found = documents(text, "video")["clause.video"]
    excused = {item.provision: item.why for item in found.items if item.state is State.NOT_APPLICABLE}
    assert set(excused) == {"13(1)(d)", "13(2)(c)", "13(2)(f)"}
    assert all(excused.values())


@pytest.mark.parametrize("language", ["pl", "en"])
def test_secret_places_appear_nowhere_and_monitored_areas_always(language: str) -> None:
    """EL ust. 1 pkt 9: no document names a place; building and kind of area stand on plate and clause (A12, X6)."""
    found = documents(example("elblag"), "video", language)  # type: ignore[arg-type]
    assert not [each.name for each in found.values() for place in PLACES if place.name in str(each)]
    kinds = {"pl": ("hole", "wejścia"), "en": ("halls", "entrances")}[language]
    assert kinds[0] in words_in(found["plate.video.Ratusz"])
    assert kinds[1] in words_in(found["plate.video.Dworzec"])
    assert {area.places for area in found["clause.video"].areas} == {(1,), (2,), (3,)}


def test_listed_places_appear_on_the_plate_of_their_building_and_in_the_clause() -> None:
    """PL § 3 ust. 1: by name, each where it is."""
    found = documents(example("pleszew"), "video")
    assert [area.name for area in found["plate.video.Ratusz"].areas] == ["hol przy kasie", "sala 100"]
    assert [area.name for area in found["plate.video.Dworzec"].areas] == ["wejście od ulicy"]
    assert all(place.name in words_in(found["clause.video"]) for place in PLACES)


def test_a_digest_changes_with_what_is_said_and_with_nothing_else() -> None:
    """Another place in one building changes its plate and the clause, and not the plate of another building."""
    before = documents(example("pleszew"), "video")
    after = documents(example("pleszew"), "video", places=[*PLACES[:1], PLACES[2]])
    differs = {name for name in before if before[name].digest != after[name].digest}
    assert differs == {
        "plate.video.Ratusz",
        "clause.video",
        "staff-information.video",
        "impact-assessment.video",
    }
    assert {each.digest for each in before.values()} == {
        each.digest for each in documents(example("pleszew"), "video").values()
    }


def test_a_purpose_outside_the_statute_is_left_out_until_there_is_a_position() -> None:
    """R-OPEN-8: it is named in a remark, and in the clause once the officer has a position on it, with its own basis."""
    text = example("pleszew")
    found = documents(text, "video")["clause.video"]
    assert "konfliktowych" not in words_in(found)
    assert any("konfliktowych" in remark for remark in found.remarks)
    marked = 'text = "wyjaśnianie sytuacji konfliktowych"\n'
    positioned = text.replace(marked, marked + 'position = "dopuszczalny"\nbasis = "gdpr-6-1-e"\n')
    told = documents(positioned, "video")["clause.video"]
    assert "konfliktowych – zadanie w interesie publicznym" in words_in(told)
    no_basis = documents(text.replace(marked, marked + 'position = "dopuszczalny"\n'), "video")[
        "clause.video"
    ]
    assert [item.provision for item in no_basis.missing] == ["13(1)(c)"]


def test_an_empty_inventory_leaves_a_plate_that_is_not_complete() -> None:
    """A plate without an area says so, rather than none at all."""
    found = documents(example("pleszew"), "video", places=[])
    assert [item.provision for item in found["plate.video"].missing] == ["first-layer:areas"]


def test_the_register_names_what_nothing_records() -> None:
    """Art. 30: each recorded stream item by item; EL's mail, activity and network in a remark."""
    (register,) = [
        each
        for each in documents_of([truth_of(example("elblag"), "video")])
        if each.kind == "processing-register"
    ]
    assert [section.key for section in register.sections] == ["video"]
    assert len(register.items) == 7
    assert len(register.remarks) == 3


def test_an_assessment_marks_what_people_must_answer() -> None:
    """Art. 35(7): described by the program; necessity, risks and measures stay open, with their questions."""
    found = documents(example("walbrzych-mops"), "calls")["impact-assessment.calls"]
    assert [item.state.value for item in found.items] == ["present", "open", "open", "open"]
    assert len(found.asks) >= 8
    assert found.missing == ()
