"""What the office enters in the ledger."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

INSTALLATION_CREATED = Act("installation.created", _("Installation {id} created for the office {name}"))
"""The first entry of a ledger: which installation it is of, and whether that one is for tests."""

REGULATION_ACTIVATED = Act(
    "regulation.activated", _("Version {version} of the regulation loaded, in force from {in_force_from}")
)
"""A regulation was loaded; its text is kept, its digest stands in the record."""

PLACE_ADDED = Act("place.added", _("Place {place} of the kind {kind} entered"))
"""A place that sources may cover; its name stays out of the record, for it may be secret."""

STATION_ENROLLED = Act("station.enrolled", _("Station {station} enrolled, valid until {until}"))
"""A computer was given a certificate and put on the list of those that recordings may be seen on."""

STATION_REVOKED = Act("station.revoked", _("Station {station} struck off the list: {reason}"))
"""A computer is none of the list any more; what was being seen on it ends with the next piece."""

PERSON_ADDED = Act("person.added", _("Person {person} entered with the roles {roles}"))
"""A person of the office was given an account."""

PERSON_ROLES_SET = Act("person.roles-set", _("Roles of person {person} changed from {before} to {roles}"))
"""What a person is in the office changed."""

PERSON_LEFT = Act("person.left", _("Person {person} left; account closed, tokens revoked"))
"""A person may do nothing from now on."""

PASSWORD_SET = Act("person.password-set", _("Password of person {person} set anew"))
"""Somebody set a password; what it is stands nowhere."""

GATE_ENTERED = Act("gate.entered", _("For the stream {stream} entered: {kind}, on {on}"))
"""A fact that the start of a stream depends on, such as that staff were told."""

TOKEN_CREATED = Act("token.created", _("Token {token} of person {person} created, valid until {until}"))
"""A token of the HTTP interface was handed out."""

TOKEN_REVOKED = Act("token.revoked", _("Token {token} of person {person} revoked"))
"""A token opens nothing any more."""

SIGNED_IN = Act("session.opened", _("Person {person} signed in"))
"""Somebody proved who they are."""

SIGNED_OUT = Act("session.closed", _("Person {person} signed out"))
"""Somebody ended their session."""

SIGN_IN_REFUSED = Act("session.refused", _("Signing in refused"))
"""Somebody failed to prove who they are; the account is named where it exists."""
