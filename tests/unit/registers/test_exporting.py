"""Registers leaving the program."""

from datetime import timedelta

import pytest

from rejent.registers import queries
from rejent.registers.errors import TooManyRowsError
from rejent.registers.exporting import Format, Selection, export_acts, export_rows
from tests.unit.registers.conftest import HAPPENED, OTHER, START, happen

pytestmark = pytest.mark.django_db


@pytest.fixture
def _acts():
    for number in range(7):
        happen(str(number), act=OTHER if number == 3 else HAPPENED, after=number)


def exported(clock, selection=None, **given):
    """An export of the register of actions, and the indexes of what it hands out."""
    export = export_acts(selection or Selection(), Format.CSV, narrowed={}, clock=clock, actor="p1", **given)
    return export, [act.index for piece in export.pieces() for act in piece]


@pytest.mark.usefixtures("_acts")
def test_an_export_stands_in_the_ledger_and_not_in_itself(clock):
    """It is entered with who, what and how many before a row is read, and hands out what stood there before it."""
    export, indexes = exported(clock)
    entered = queries.act(export.entry)
    assert (entered.act, entered.actor, entered.subject) == ("registers.exported", "p1", "register:actions")
    assert entered.facts == {"register": "actions", "format": "csv", "count": 7}
    assert (export.entry, export.count, export.at) == (7, 7, START)
    assert indexes == [6, 5, 4, 3, 2, 1, 0]


@pytest.mark.usefixtures("_acts")
@pytest.mark.parametrize(
    ("selection", "wanted"),
    [
        (Selection(names=["test.other"]), [3]),
        (Selection(actor="nobody"), []),
        (Selection(subject="thing:1", since=START + timedelta(seconds=5)), [6, 5]),
        (Selection(until=START + timedelta(seconds=2)), [1, 0]),
    ],
)
def test_an_export_holds_what_was_selected(clock, selection, wanted):
    """The count that is entered is that of the rows, whatever they are chosen by."""
    export, indexes = exported(clock, selection)
    assert (export.count, indexes) == (len(wanted), wanted)


@pytest.mark.usefixtures("_acts")
def test_what_is_entered_later_is_not_handed_out(clock, monkeypatch):
    """Acts that come between counting and reading stay out, also where their clock stood back, page by page."""
    monkeypatch.setattr("rejent.registers.exporting.ROWS_A_PIECE", 2)
    export = export_acts(Selection(), Format.CSV, narrowed={}, clock=clock, actor="")
    happen("late", after=-100)
    happen("later", after=100)
    pieces = [[act.index for act in piece] for piece in export.pieces()]
    assert pieces == [[6, 5], [4, 3], [2, 1], [0]]


@pytest.mark.usefixtures("_acts")
def test_too_many_rows_are_refused_before_anything_is_entered(clock):
    """The refusal says how many there are and how many there may be; as many as there may be are no refusal."""
    with pytest.raises(TooManyRowsError) as refused:
        exported(clock, most=6)
    assert refused.value.facts == {"count": 7, "most": 6}
    with pytest.raises(TooManyRowsError):
        export_rows("authorisations", Format.PDF, count=7, clock=clock, actor="", most=6)
    assert queries.tree_head().size == 7
    assert exported(clock, most=7)[0].count == 7


@pytest.mark.usefixtures("_acts")
def test_a_numbered_book_is_entered_by_its_name(clock):
    """Its rows come from its own subject; the act tells which book, as what and how many."""
    export = export_rows("authorisations", Format.PDF, count=3, clock=clock, actor="p2")
    assert queries.act(export.entry).facts == {"register": "authorisations", "format": "pdf", "count": 3}
