"""Everything that changes what is known of the office."""

from rejent.office.services.absences import end_absence, enter_absence
from rejent.office.services.identities import link_identity, turn_password_off, unlink_identity
from rejent.office.services.importing import apply_import, import_plan, of_directory
from rejent.office.services.mail_server import remove_mail_server, set_mail_server, try_mail_server
from rejent.office.services.maintenance import add_agreement, close_fault, end_agreement, open_fault
from rejent.office.services.paper_copies import enter_paper_copy, enter_printing
from rejent.office.services.people import (
    add_person,
    change_person,
    note_sign_in_refused,
    note_sign_in_refused_to,
    note_signed_in,
    note_signed_out,
    person_left,
    set_password,
    set_roles,
)
from rejent.office.services.places import add_place, require_coverable
from rejent.office.services.regulation import (
    activate_regulation,
    enter_gate,
    enter_installation,
    found_regulation,
    publish_test_gates,
)
from rejent.office.services.sign_in import change_own_password, confirm_sign_in, entering_authenticators
from rejent.office.services.statements import BROWSER, enter_statement, give_statement
from rejent.office.services.tokens import create_token, revoke_token
