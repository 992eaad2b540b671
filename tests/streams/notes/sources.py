"""How notes are recorded: now and then, under one address."""

from datetime import timedelta

from rejent.catalog.addresses import SHAPE, Address
from rejent.catalog.errors import AddressRefusedError
from rejent.catalog.stream_parts import SourceForm


def _address(written: str) -> Address:
    """Split the address of a notebook; raises `AddressRefusedError` where it is none."""
    match = SHAPE.match(written)
    if match is None:
        raise AddressRefusedError(
            "This is not an address of a notebook.", advice="Write it as https://host/notebook"
        )
    userinfo, _, host = match["authority"].rpartition("@")
    user, _, password = userinfo.partition(":")
    return Address(f"{match['scheme']}://{host}{match['rest']}", user, password)


_DAY = timedelta(hours=25)
"""No object has records of two days."""
FORM = SourceForm(
    is_continuous=False,
    address=_address,
    reach=lambda _: _DAY,
    longest=lambda _: _DAY,
    keeps_gap=lambda _address, _cause: True,
)
