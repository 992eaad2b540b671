"""What may stand in a name."""

import pytest

from rejent.kernel.plain_text import is_plain


@pytest.mark.parametrize(
    "text", ["", "Hol na parterze", "Wejście główne – „rynek”", "Żółć\u00a0№ 7", "z\u0307"]
)
def test_words_are_plain(text: str) -> None:
    """Letters of any language, combined ones, spaces and punctuation are."""
    assert is_plain(text)


@pytest.mark.parametrize(
    "sign", ["\n", "\x00", "\x1b", "\x7f", "\u200b", "\u202e", "\u2066", "\u2028", "\u2029"]
)
def test_what_a_reader_does_not_see_is_not(sign: str) -> None:
    """Controls, signs of no width, turns of direction and line ends make a text deceive."""
    assert not is_plain(f"Hol{sign}parter")
