"""How notes are recorded: now and then, under one address."""

from datetime import timedelta

from rejent.catalog.addresses import Address
from rejent.catalog.coverage import LONGEST
from rejent.catalog.stream_parts import SourceForm

FORM = SourceForm(
    is_continuous=False,
    address=lambda written: Address(written, "", ""),
    reach=lambda _: LONGEST,
    longest=lambda _: timedelta(minutes=10),
)
