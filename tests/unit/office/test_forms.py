"""Forms of annexes as data: what may stand in one, and an office's own as a file."""

import pytest

from rejent.office.regulation.annexes import AnnexRefusedError, with_annex
from rejent.office.regulation.findings import Severity
from rejent.office.regulation.forms import FormPaper
from rejent.office.regulation.loading import EXAMPLES, check, example, load

ANNEX = """[[streams.video.forms]]
papers = ["preservation", "disclosure"]
title = "Wniosek o nagranie"
lines = [
    { field = "applicant", name = "Kto wnosi" },
    { text = "Chodzi o dzień {event_day}." },
]
"""


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_form_of_the_five_offices_can_be_printed(name: str) -> None:
    """None has a mistake; each says where the text gives it."""
    assert [each for each in check(example(name)) if each.severity is Severity.ERROR] == []
    for rules in load(example(name)).streams.values():
        assert all(form.clause for form in rules.forms)


@pytest.mark.parametrize(
    ("old", "new", "told", "line"),
    [
        ("{event_day}", "{event_dya}", "no placeholder event_dya", 6),
        ("{event_day}", "{event_day", "belongs to no placeholder", 6),
        ('"applicant"', '"aplicant"', "no field aplicant", 5),
        ('text = "Chodzi o dzień {event_day}."', 'text = "Chodzi o dzień."', "lacks the field event-day", 4),
        ('{ field = "applicant", name = "Kto wnosi" }', '{ name = "Kto wnosi" }', "a heading, a text or a field", 5),
        ('title = "Wniosek o nagranie"', "", "The key title is missing", 1),
    ],
)  # fmt: skip
def test_a_mistake_of_an_annex_is_one_line_with_its_place(old: str, new: str, told: str, line: int) -> None:
    """A wrong placeholder or field, and one that is needed and missing, are named with their line of the file."""
    with pytest.raises(AnnexRefusedError) as refused:
        with_annex(example("pleszew"), ANNEX.replace(old, new))
    assert told in str(refused.value)
    assert f"line {line}:" in str(refused.value)


def test_an_annex_takes_the_place_of_the_form_for_the_same_papers_alone() -> None:
    """Other forms, remarks and provisions stay as they were."""
    before, after = load(example("pleszew")), load(with_annex(example("pleszew"), ANNEX))
    old, new = before.streams["video"], after.streams["video"]
    assert [form.title for form in new.forms if FormPaper.DISCLOSURE in form.papers] == ["Wniosek o nagranie"]
    assert len(new.forms) == len(old.forms)
    assert {form.title for form in old.forms} - {form.title for form in new.forms} == {
        "Wniosek o zabezpieczenie i udostępnienie danych z monitoringu wizyjnego Urzędu Miasta i Gminy Pleszew"
    }
    assert (new.retention, new.copies, new.purposes) == (old.retention, old.copies, old.purposes)
    again = with_annex(with_annex(example("pleszew"), ANNEX), ANNEX.replace("Wniosek o", "Prośba o"))
    assert again.count("[[streams.video.forms]]") == example("pleszew").count("[[streams.video.forms]]")


@pytest.mark.parametrize(
    "wrong", ["name = 'Inny'\n", "[streams.video]\nsound = true\n", ANNEX.replace('"preservation", ', "")]
)
def test_an_annex_changes_nothing_but_whole_forms(wrong: str) -> None:
    """No provision comes in with it, and a form for two papers is not parted."""
    with pytest.raises(AnnexRefusedError):
        with_annex(example("pleszew"), wrong)


def test_no_form_names_other_columns_than_its_register() -> None:
    """Title and names are the form's; which columns, and in which order, the register says."""
    moved = example("pleszew").replace(
        'label = ["number", "period", "source", "made-on"]',
        'label = ["number", "source", "period", "made-on"]',
    )
    assert [
        "has other columns than copies.label" in each.sentence
        for each in check(moved)
        if each.severity is Severity.ERROR
    ] == [True]
    twice = example("pleszew") + "\n" + ANNEX
    assert any("Two forms are given" in each.sentence for each in check(twice))


def test_what_was_adopted_names_a_provision_of_its_stream() -> None:
    """A key that is none is a finding; one that the text has answers with its place, one that it has not with why."""
    wrong = example("elblag").replace('key = "access.second_person"', 'key = "access.second"')
    assert [each.sentence for each in check(wrong) if each.severity is Severity.ERROR] == [
        "The stream has no provision access.second."
    ]
    video = load(example("pleszew")).streams["video"]
    assert video.source_of("handover.fields.case-number")[0].startswith("wydanie musi")
    assert video.source_of("preservation.fields.place") == ("", "§ 6 ust. 3–6, załącznik 3")
