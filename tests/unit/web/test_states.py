"""Causes of gaps in words."""

import pytest
from django.utils import translation

from rejent.capture.contract import Cause
from rejent.web.states import advice_words, cause_words


@pytest.mark.parametrize("language", ["pl", "en"])
def test_every_cause_has_words_and_advice(language: str) -> None:
    """Whatever cause a recorder may give, a page says it and what to do about it; Polish pages in Polish."""
    causes = [cause for cause in Cause if cause]
    with translation.override("en"):
        english = {cause: cause_words(cause) for cause in causes}
    with translation.override(language):
        silent = [one for one in causes if cause_words(one) == cause_words("") or not advice_words(one)]
        foreign = [one for one in causes if language == "pl" and cause_words(one) == english[one]]
    assert silent + foreign == []
