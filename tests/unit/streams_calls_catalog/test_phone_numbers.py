"""One spelling for each telephone number."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejent.streams.calls.catalog.phone_numbers import LONGEST, canonical_number


@pytest.mark.parametrize(
    "written",
    ["+48 10 555 01 23", "0048105550123", "10-555-01-23", "(10) 5550123", "0 10 555 01 23", "48105550123",
     "sip:+48105550123@192.0.2.1;user=phone", "sips:105550123@pbx.example:5061", "tel:+48-10-555-01-23",
     "sip:%2B48105550123@pbx.example", " 10\u00a0555\u201301\u201323 ", "*31#105550123", "#31#+48 10 555 01 23",
     "sip:*31%23105550123@pbx.example", "*67105550123", "+48(0)105550123", "+48 (0) 10 555 01 23", "0048(0)105550123",
     "\uff11\uff10\uff15\uff15\uff15\uff10\uff11\uff12\uff13", "\uff0b48105550123", "+480105550123", "0048 0 10 555 01 23", "105550123#", "sip:+48105550123%23@pbx.example"],
)  # fmt: skip
def test_however_it_is_written_it_is_one_number(written: str) -> None:
    """Spaces, dashes, prefixes, country codes and addresses of SIP make no other number of it."""
    assert canonical_number(written) == "+48105550123"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("101", "101"),
        ("sip:0101@pbx.example", "0101"),
        ("112", "112"),
        ("101#", "101"),
        ("*21*101#", "*21*101#"),
        ("101#5", "101#5"),
        ("+49 30 901820", "+4930901820"),
        ("sip:Recepcja@pbx.example", "recepcja"),
        ("sip:anonymous@anonymous.invalid", ""),
        ("sip:a%00b@x", "ab"),
        ("sip:%00@x", ""),
        ("sip:1%0001@x", "101"),
        ("", ""),
        ("*31#", "*31#"),
        ("*31*101#", "*31*101#"),
        ("*671", "1"),
        ("999999999999999999", "999999999999999999"),
        ("x" * 90, "x" * LONGEST),
        ("9" * 90, "9" * LONGEST),
    ],
)
def test_what_is_no_public_number_stays_as_it_is(written: str, kept: str) -> None:
    """Extensions, short and foreign numbers, names of accounts, withheld numbers, and what nobody can call."""
    assert canonical_number(written) == kept


@pytest.mark.parametrize("written", ["+48105550123", "0101", "recepcja", ""])
def test_a_canonical_number_is_canonical(written: str) -> None:
    """Doing it twice changes nothing."""
    assert canonical_number(canonical_number(written)) == written


@given(st.from_regex(r"(\+48)?[1-9][0-9]{8}", fullmatch=True))
def test_a_whole_number_of_this_country_is_what_the_library_makes_of_it(written: str) -> None:
    """Nothing is found out about it, for there is nothing to be found out."""
    parsed = phonenumbers.parse(written, "PL")
    assert canonical_number(written) == phonenumbers.format_number(
        parsed, phonenumbers.PhoneNumberFormat.E164
    )
