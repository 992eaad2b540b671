"""Every row of a numbered book, each held against the ledger."""

from rejent.cases import queries as cases
from rejent.cases.copies import queries as copies
from rejent.cases.copies.views import CopyView
from rejent.cases.views import CaseView
from rejent.registers.books.numbered_rows import Wanted

_IN_ORDER = Wanted(newest_first=False)


def every_copy() -> list[CopyView]:
    """Every copy that has a number, in the order of the numbers."""
    return [each for piece in copies.register().pieces(_IN_ORDER) for each in piece]


def every_case() -> list[CaseView]:
    """Every case, in the order of the numbers."""
    return [each for piece in cases.REGISTER.pieces(_IN_ORDER) for each in piece]
