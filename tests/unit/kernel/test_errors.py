"""Errors: one line, translated as a template, with advice."""

import pytest

from rejent.kernel.errors import (
    ConflictError,
    InputRefusedError,
    IntegrityError,
    NotFoundError,
    RejentError,
)


def test_an_error_reads_as_one_line_with_its_advice() -> None:
    """Template and advice are filled in with the same facts and joined; line breaks become spaces."""
    error = InputRefusedError("There is\nno {what}.", what="hall", advice="Add a  {what}.")
    assert str(error) == "There is no hall. Add a hall."


def test_an_error_without_advice_is_its_sentence() -> None:
    """Missing advice leaves no trailing space."""
    assert str(NotFoundError("Gone.")) == "Gone."


def test_templates_are_translated_before_they_are_filled() -> None:
    """The translator sees the templates, never the facts."""
    seen = []
    polish = {"No {what}.": "Brak: {what}.", "Look again.": "Spójrz."}
    error = RejentError("No {what}.", what="klucz", advice="Look again.")

    def translate(template: str) -> str:
        seen.append(template)
        return polish[template]

    assert error.sentence(translate) == "Brak: klucz. Spójrz."
    assert seen == ["No {what}.", "Look again."]


@pytest.mark.parametrize("kind", [InputRefusedError, NotFoundError, ConflictError, IntegrityError])
def test_every_kind_has_a_code_of_its_own(kind: type[RejentError]) -> None:
    """Codes tell kinds apart, and every kind is of the one tree."""
    assert issubclass(kind, RejentError)
    assert kind.code != RejentError.code
