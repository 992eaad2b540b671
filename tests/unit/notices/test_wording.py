"""An office's own words: checked, from a day, numbered, kept as they were entered."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from rejent.notices import queries
from rejent.notices.checks import findings
from rejent.notices.documents.truth import PASSAGES, Passage, Truth
from rejent.notices.errors import WordingRefusedError
from rejent.notices.wording import LONGEST, enter_wording, require_sound, wordings
from rejent.registers.errors import LedgerMismatchError
from tests.unit.notices.conftest import words_in
from tests.unit.retention.office import RecordingOffice

OWN = "Za dane odpowiada {controller}."
TODAY = date(2026, 3, 2)


def truth(office: RecordingOffice) -> Truth:
    """What is true of the cameras, in Polish."""
    return queries.truth_of("video", "pl", clock=office.clock)


def clause(office: RecordingOffice) -> str:
    """The words of the clause today."""
    return words_in(queries.document("clause.video", "pl", clock=office.clock))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Za dane odpowiada {kto}.", "The text holds the placeholder {kto}, which this passage does not have. Allowed: {controller}."),
        ("Za dane odpowiada urząd.", "The text lacks the placeholder {controller}. Needed: {controller}."),
        ("Odpowiada {controller", "A brace in the text belongs to no placeholder. Allowed: {controller}."),
        ("Odpowiada {controller!r}", "A brace in the text belongs to no placeholder. Allowed: {controller}."),
        ("Odpowiada {controller.__class__}", "A brace in the text belongs to no placeholder. Allowed: {controller}."),
        ("Odpowiada {}", "A brace in the text belongs to no placeholder. Allowed: {controller}."),
        ("x" * (LONGEST + 1), f"The text is longer than {LONGEST} characters."),
    ],
)  # fmt: skip
def test_a_text_with_other_placeholders_is_refused_in_one_line(text: str, said: str) -> None:
    """The line names what is wrong and what is allowed."""
    with pytest.raises(WordingRefusedError) as refused:
        require_sound(PASSAGES["controller"], text)
    assert refused.value.sentence(str) == said


def test_a_text_of_a_passage_without_placeholders_takes_none() -> None:
    """A dash stands where none is allowed."""
    require_sound(Passage("x", "X", "as it is"), "otherwise")
    with pytest.raises(WordingRefusedError, match="–"):
        require_sound(Passage("x", "X", "as it is"), "{day}")


def test_a_wording_counts_from_its_day_until_it_is_ended(pleszew: RecordingOffice) -> None:
    """Not before; then in every document with the passage; the program's own again after an empty text."""
    acting = {"clock": pleszew.clock, "actor": ""}
    assert (
        enter_wording(truth(pleszew), "controller", OWN, in_force_from=TODAY + timedelta(days=2), **acting)
        == 1
    )
    before = clause(pleszew)
    assert "Administratorem danych" in before
    pleszew.clock.advance(timedelta(days=2))
    assert "Za dane odpowiada Burmistrz Miasta i Gminy Pleszew." in clause(pleszew)
    assert (
        enter_wording(truth(pleszew), "controller", "", in_force_from=TODAY + timedelta(days=2), **acting)
        == 2
    )
    assert clause(pleszew) == before
    assert [each.text for each in wordings()] == [OWN, ""]
    assert list(findings()) == []


def test_the_past_and_unknown_passages_are_refused(pleszew: RecordingOffice) -> None:
    """Nothing is entered then."""
    acting = {"clock": pleszew.clock, "actor": ""}
    for passage, day, said in (
        ("controller", TODAY - timedelta(days=1), "01.03.2026"),
        ("nothing", TODAY, "nothing"),
    ):
        with pytest.raises(WordingRefusedError) as refused:
            enter_wording(truth(pleszew), passage, OWN, in_force_from=day, **acting)
        assert said in refused.value.sentence(str)
    assert wordings() == ()


def test_a_wording_never_changes_and_none_is_taken_away(pleszew: RecordingOffice) -> None:
    """The database refuses; with its triggers dropped, the altered row counts for nothing, and fsck names both."""
    enter_wording(truth(pleszew), "controller", OWN, in_force_from=TODAY, clock=pleszew.clock, actor="")
    for change in ("UPDATE notices_wording SET text = 'x'", "DELETE FROM notices_wording"):
        with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(change)
    with connection.cursor() as cursor:
        table = " ON notices_wording" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER notices_wording_fixed{table}")
        cursor.execute("UPDATE notices_wording SET text = 'Za dane nikt nie odpowiada {controller}.'")
    with pytest.raises(LedgerMismatchError):
        clause(pleszew)
    codes = {finding.code for finding in findings()}
    assert "notices.guard-missing" in codes
    assert len(codes) > 1
