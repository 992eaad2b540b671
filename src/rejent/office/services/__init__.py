"""Everything that changes what is known of the office."""

from rejent.office.services.gates import enter_gate, publish_test_gates
from rejent.office.services.installation import enter_installation
from rejent.office.services.people import (
    add_person,
    note_sign_in_refused,
    note_signed_in,
    note_signed_out,
    person_left,
    set_password,
    set_roles,
)
from rejent.office.services.places import add_building, add_place
from rejent.office.services.regulation import activate_regulation
from rejent.office.services.stations import enrol_station, revoke_station
from rejent.office.services.tokens import create_token, revoke_token

__all__ = [
    "activate_regulation",
    "add_building",
    "add_person",
    "add_place",
    "create_token",
    "enrol_station",
    "enter_gate",
    "enter_installation",
    "note_sign_in_refused",
    "note_signed_in",
    "note_signed_out",
    "person_left",
    "publish_test_gates",
    "revoke_station",
    "revoke_token",
    "set_password",
    "set_roles",
]
