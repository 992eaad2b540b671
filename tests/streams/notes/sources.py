"""How notes are recorded: now and then, under one address."""

from datetime import timedelta

from rejent.catalog.coverage import LONGEST
from rejent.catalog.stream_parts import SourceForm

FORM = SourceForm(
    is_continuous=False,
    by_address=True,
    reach=lambda _: LONGEST,
    longest=lambda _: timedelta(minutes=10),
)
