"""What each kind keeps about a person: said in words, with what it does not know, and nothing tied to who has no telephone number."""

from datetime import date
from uuid import uuid4

import pytest

from rejent.office.views import PersonView
from rejent.web.stream_parts import OWN_DATA, OwnData
from tests.contract.streams.conftest import Kind


@pytest.mark.usefixtures("db")
def test_what_is_kept_about_a_person_is_said_with_what_is_not_known(kind: Kind) -> None:
    """Nobody without a number of their own has recordings tied to them; each kind says what it cannot tell."""
    nobody = PersonView(uuid4(), "Osoba", "", frozenset({"employee"}), date(2026, 1, 1), None, "osoba")
    own = kind.of(OWN_DATA)(nobody)
    assert isinstance(own, OwnData)
    assert all(own.kept)
    assert own.unknown
    assert (list(own.recordings), own.more) == ([], False)
