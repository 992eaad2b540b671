"""A drill's entry in words: what was done to the recorder, and how calls fared meanwhile."""

from django.utils import translation

from rejent.streams.calls.pages.words import phases_words, steps_words

PHASES = [
    {"phase": "well", "calls": 4, "set_up": 4, "max_ms": 36.0, "recorded": 4},
    {"phase": "frozen", "calls": 4, "set_up": 3, "max_ms": 41.0, "recorded": 0},
]


def test_each_part_is_told() -> None:
    """Parts are told in the reader's language, with how many calls were set up and how long the slowest took."""
    with translation.override("pl"):
        told = phases_words(PHASES)
        assert steps_words(["killed", "filled"]) == "rejestrator zabity, magazyn pełny"
    first, second = told.split("; ", 1)
    assert "4 z 4" in first
    assert "36.0 ms" in first
    assert "rejestrator zamrożony" in second
    assert "3 z 4" in second


def test_a_part_that_is_not_known_does_not_hide_the_others() -> None:
    """An entry of another version stands as it was entered; what is no part is passed over."""
    assert steps_words(["drowned"]) == "drowned"
    assert "–" in phases_words([{"phase": "well"}])
    assert phases_words(["well", 3]) == ""
