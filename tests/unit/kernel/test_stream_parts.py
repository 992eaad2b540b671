"""Parts that kinds of streams provide."""

import pytest

from rejent.kernel.stream_parts import StreamPart, UnknownStreamError


def test_a_part_is_loaded_from_where_its_kind_says() -> None:
    """It is the object itself, the same at every look."""
    part: StreamPart[type] = StreamPart("errors")
    part.provide("notes", "rejent.kernel.stream_parts:UnknownStreamError")
    assert part.of("notes") is UnknownStreamError
    assert dict(part.items()) == {"notes": UnknownStreamError}
    assert "notes" in part


def test_no_kind_stands_in_for_another() -> None:
    """A stream that no kind provides is refused by its name."""
    part: StreamPart[type] = StreamPart("errors")
    part.provide("notes", "rejent.kernel.stream_parts:UnknownStreamError")
    with pytest.raises(UnknownStreamError, match="mail"):
        part.of("mail")
    assert "mail" not in part


def test_two_kinds_of_one_name_are_refused() -> None:
    """The same place given again is no second kind."""
    part: StreamPart[type] = StreamPart("errors")
    part.provide("notes", "rejent.kernel.errors:RejentError")
    part.provide("notes", "rejent.kernel.errors:RejentError")
    with pytest.raises(ValueError, match="notes"):
        part.provide("notes", "rejent.kernel.stream_parts:UnknownStreamError")
