"""Views take the columns of rows by their names."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from rejent.kernel.views import view_of


@dataclass(frozen=True, slots=True)
class View:
    """A view."""

    number: str
    size: int
    notes: list[str] = field(default_factory=list)
    lost: bool = False


def test_a_view_has_the_columns_of_its_rows() -> None:
    """Of the first row that has one, unless it is given; what has a default keeps it where no row has it."""
    first, second = SimpleNamespace(number="1", lost=True), SimpleNamespace(number="2", size=7, other="x")
    assert view_of(View, first, second) == View("1", 7, [], lost=True)
    assert view_of(View, second, size=9, notes=["n"]) == View("2", 9, ["n"])


def test_a_column_that_is_nowhere_is_an_error() -> None:
    """A view never has less than it says."""
    with pytest.raises(AttributeError, match="size"):
        view_of(View, SimpleNamespace(number="1"))
