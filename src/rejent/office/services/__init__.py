"""Everything that changes what is known of the office."""

from rejent.office.services.absences import end_absence, enter_absence
from rejent.office.services.authenticators import (
    change_own_password,
    entering_authenticators,
)
from rejent.office.services.gates import enter_gate, publish_test_gates
from rejent.office.services.identities import link_identity, turn_password_off, unlink_identity
from rejent.office.services.installation import enter_installation
from rejent.office.services.maintenance import add_agreement, close_fault, end_agreement, open_fault
from rejent.office.services.people import (
    add_person,
    note_sign_in_refused,
    note_sign_in_refused_to,
    note_signed_in,
    note_signed_out,
    person_left,
    set_password,
    set_roles,
)
from rejent.office.services.places import add_building, add_place
from rejent.office.services.regulation import activate_regulation
from rejent.office.services.sign_in import confirm_sign_in
from rejent.office.services.statements import enter_statement
from rejent.office.services.stations import enrol_station, revoke_station
from rejent.office.services.tokens import create_token, revoke_token

__all__ = [
    "activate_regulation",
    "add_agreement",
    "add_building",
    "add_person",
    "add_place",
    "change_own_password",
    "close_fault",
    "confirm_sign_in",
    "create_token",
    "end_absence",
    "end_agreement",
    "enrol_station",
    "enter_absence",
    "enter_gate",
    "enter_installation",
    "enter_statement",
    "entering_authenticators",
    "link_identity",
    "note_sign_in_refused",
    "note_sign_in_refused_to",
    "note_signed_in",
    "note_signed_out",
    "open_fault",
    "person_left",
    "publish_test_gates",
    "revoke_station",
    "revoke_token",
    "set_password",
    "set_roles",
    "turn_password_off",
    "unlink_identity",
]
