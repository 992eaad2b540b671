"""Acts of the office that the ledger enters."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

INSTALLATION_CREATED = Act(
    "installation.created",
    _("Installation {id} created"),
    with_fact={"name": _("Installation {id} created for the office {name}")},
)
"""The first entry of a ledger: its installation, and if that one is for tests."""

REGULATION_ACTIVATED = Act(
    "regulation.activated", _("Version {version} of the regulation loaded, in force from {in_force_from}")
)
"""A regulation was loaded; the record carries its digest."""

MAIL_SERVER_SET = Act("mail-server.set", _("Mail server set: {host}, sender {sender}"))
"""The server that notices go by was set or changed; its password stands in no entry."""

MAIL_SERVER_REMOVED = Act("mail-server.removed", _("Mail server taken out: {host}"))

MAIL_SERVER_TRIED = Act(
    "mail-server.tried",
    _("Test message not taken by the mail server {host}"),
    with_fact={"passed": _("Test message taken by the mail server {host}")},
)
"""A test message was handed to the server; that it took it is not that it arrived."""

PAPER_COPY_KEPT = Act(
    "paper-copy.kept", _("Paper copy entered: {secret}, envelope {envelope}, kept: {place}")
)
"""Somebody says where the paper with a passphrase lies; the record never holds the passphrase."""

PAPER_COPY_PRINTED = Act("paper-copy.printed", _("Paper copy of the passphrase of the key store printed"))

PLACE_ADDED = Act("place.added", _("Place {place} of the kind {kind} entered"))
"""A place that sources may cover; its name stays out of the record, for it may be secret."""

PERSON_ADDED = Act("person.added", _("Person {person} entered with the roles {roles}"))

PERSON_CHANGED = Act("person.changed", _("Details of person {person} changed: {details}"))
"""Name, post, ground of work, e-mail address or own telephone number changed; the record says which alone."""

PEOPLE_IMPORTED = Act(
    "people.imported", _("People imported; added: {added}, changed: {changed}, left: {left}")
)
"""A list of people was applied whole; each of them has an act of their own."""

PERSON_ROLES_SET = Act("person.roles-set", _("Roles of person {person} changed from {before} to {roles}"))

PERSON_LEFT = Act("person.left", _("Person {person} left; account closed, tokens revoked"))

PASSWORD_SET = Act("person.password-set", _("Password of person {person} set anew"))
"""A password was set; only the digest of its hash is entered."""

AUTHENTICATOR_ADDED = Act(
    "person.authenticator-added", _("Means of signing in added to person {person}: {kind}")
)
"""A passkey, an application's codes or recovery codes open an account from now on; the record carries their digest."""

AUTHENTICATOR_REMOVED = Act(
    "person.authenticator-removed", _("Means of signing in taken off person {person}: {kind}")
)

IDENTITY_LINKED = Act("person.linked", _("Person {person} linked with an identity: {way}"))

IDENTITY_UNLINKED = Act("person.unlinked", _("Identity of person {person} taken off: {way}"))

PASSWORD_OFF = Act("person.password-off", _("Password of person {person} turned off"))
"""The person signs in by what they are linked with, until somebody sets a password anew."""

SIGN_IN_CONFIRMED = Act(
    "person.sign-in-confirmed", _("Confirmed that nobody but person {person} signs in as that person")
)
"""Somebody who decides or supervises vouches for what others had set up; what the person may see rests no longer."""

GATE_ENTERED = Act("gate.entered", _("For the stream {stream} entered: {kind}, on {on}"))
"""A fact that the start of a stream depends on, such as that staff were informed."""

ABSENCE_ENTERED = Act("absence.entered", _("Absence of the head {person} entered, from {from}"))
"""The head of the office is away; where the regulation says so, the deputy decides meanwhile."""

ABSENCE_ENDED = Act("absence.ended", _("Absence of the head {person} ended before its time"))
"""The head is back; the deputy decides nothing more in their place."""

FAULT_OPENED = Act("fault.opened", _("Fault {number} opened: {description}"))
"""Something does not work; maintenance contractors under an agreement may attend to it."""

FAULT_CLOSED = Act("fault.closed", _("Fault {number} closed: {done}"))
"""It works again; sessions of contractors ended with it."""

BREACH_OPENED = Act("breach.opened", _("Breach {number} entered, found at {start}"))
"""Somebody became aware of a breach of personal data, or of an incident; its clocks run."""

BREACH_CHANGED = Act("breach.changed", _("Breach {number}: entered {details}"))
"""Steps taken, or what is known meanwhile; the record says which alone."""

BREACH_CLOSED = Act("breach.closed", _("Breach {number} closed"))

AGREEMENT_ENTERED = Act(
    "agreement.entered",
    _("Processing agreement {agreement} with {party} entered, in force from {from}"),
)
"""A firm processes data for the office; the record names which of its people are covered."""

AGREEMENT_ENDED = Act("agreement.ended", _("Processing agreement {agreement} ended"))
"""A firm may do nothing more under this agreement; sessions of its people ended with it."""

STATEMENT_ENTERED = Act(
    "statement.entered",
    _("Written statement of person {person} about version {version} of the regulation entered"),
    with_fact={
        "text": _("Person {person} stated in the browser that they know version {version} of the regulation")
    },
)
"""A person signed that they know the regulation; where it requires that, they may see something from now on."""

STATEMENT_REMINDED = Act(
    "statement.reminded", _("Reminder of the statement about version {version} sent to person {person}")
)
"""The mail server took a reminder to somebody who has not stated that they know the regulation."""

TOKEN_CREATED = Act("token.created", _("Token {token} of person {person} created, valid until {until}"))

TOKEN_REVOKED = Act("token.revoked", _("Token {token} of person {person} revoked"))

SIGNED_IN = Act("session.opened", _("Person {person} signed in"))

SIGNED_OUT = Act("session.closed", _("Person {person} signed out"))

SIGN_IN_REFUSED = Act(
    "session.refused",
    _("Signing in refused to a name that is no account"),
    with_fact={
        "again person": _(
            "Signing in to the account of {person} refused again within ten minutes of entry {index}; times: {again}"
        ),
        "again": _(
            "Signing in to names that are no account refused again within ten minutes of entry {index}; times: {again}"
        ),
        "person": _("Signing in to the account of {person} refused"),
    },
)
"""A sign-in failed; the account is named where it exists, and what was typed never."""
