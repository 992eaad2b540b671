"""Names of sources whose places the regulation keeps secret: a word and a number (R-VID-6)."""

import re
from itertools import count

from rejent.catalog.models import Source
from rejent.catalog.stream_parts import SOURCES


def is_neutral_name(stream: str, name: str) -> bool:
    """Return whether a name is the word of its stream and a number, so that it tells no place; ``Kamera 7``."""
    word = SOURCES.of(stream).neutral_word
    return not word or re.fullmatch(rf"{word} [1-9][0-9]{{0,4}}", name) is not None


def suggest_neutral_name(stream: str) -> str:
    """Return the neutral name of the lowest number that no source has or had; nothing for a stream without such names."""
    word = SOURCES.of(stream).neutral_word
    taken = set(Source.objects.filter(stream=stream).values_list("name", flat=True))
    return next(name for number in count(1) if (name := f"{word} {number}") not in taken) if word else ""
