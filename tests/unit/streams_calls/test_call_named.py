"""What the head of an object says of which call it is."""

import pytest

from rejent.formats.matroska.reader import HEAD, read_call_id
from tests.spoken_call import recorded
from tests.unit.streams_calls_imported.pbx_sounds import wav
from tests.unit.streams_calls_retention.test_held_calls import NOON


def test_an_object_names_its_call_in_its_head() -> None:
    """Each object of a call, whatever follows."""
    kept = recorded("0a" * 16, NOON, 30)
    assert [read_call_id(each.content[:HEAD]) for each in kept] == ["0a" * 16] * len(kept)


@pytest.mark.parametrize("content", [b"", b"\x1aE\xdf\xa3", bytes(HEAD), wav(1)[:HEAD]])
def test_what_is_none_of_ours_names_none(content: bytes) -> None:
    """Neither a file of a PBX nor what is damaged."""
    assert read_call_id(content) == ""
