"""Traits of cameras as sources."""

from datetime import timedelta

from rejent.catalog.coverage import LONGEST
from rejent.catalog.stream_parts import SourceForm

_LONGEST_RECORDED = timedelta(minutes=2)
"""A segment lasts a minute; twice as long is what a camera whose clock runs far too slow, or a very slow one, can make of it."""

FORM = SourceForm(
    is_continuous=True, by_address=True, reach=lambda _: LONGEST, longest=lambda _: _LONGEST_RECORDED
)
