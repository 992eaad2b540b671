"""What the office enters in the ledger; people appear by their identifiers, never by name."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

REGULATION_ACTIVATED = Act(
    "regulation.activated", _("Version {version} of the regulation in force from {in_force_from}")
)
"""A version of the regulation was loaded; its day of coming into force stands beside it."""

PLACE_ADDED = Act("place.added", _("A place of the kind {kind} added"))
"""A place that sources may cover was entered."""

PERSON_ADDED = Act("person.added", _("Person {person} added"))
"""Somebody of the office, or of a firm that works for it, was entered with an account."""

ROLES_SET = Act("person.roles-set", _("Roles of person {person} set: {roles}"))
"""What a person may administer changed."""

PERSON_LEFT = Act("person.left", _("Person {person} left on {left_on}"))
"""A person left; their account and tokens work no longer."""

GATE_ENTERED = Act("gate.entered", _("Entered for the stream {stream}: {kind} on {on}"))
"""A fact was entered that a stream needs before it may start."""

TOKEN_CREATED = Act("token.created", _("Token created for person {person}, valid for {days} days"))
"""A person was given a token of the HTTP interface."""

TOKEN_REVOKED = Act("token.revoked", _("Token {token} of person {person} revoked"))
"""A token works no longer."""
