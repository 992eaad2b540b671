"""Acts of e-mail in the ledger; none of them holds a name, an address, a subject or a word of a message."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

ROLE_KEY_MADE = Act(
    "mail.key-made", _("Key {key} of the role {role} made; messages are sealed to it from now on")
)
"""A holder chose a passphrase; the record holds the public half."""

ROLE_KEY_ENDED = Act(
    "mail.key-ended", _("Key {key} of the role {role} ended; nothing is sealed to it any more")
)
"""What was sealed to it before can still be opened with it until its term."""

MAIL_COUNTED = Act(
    "mail.counted",
    _(
        "Messages of journal {source} on {day}: {acknowledged} acknowledged, {kept} kept, {private} private, {exempt} exempt"
    ),
)
"""A day is over: what was acknowledged to the mail server, and what is kept of it."""

MAIL_LOG_DIFFERS = Act(
    "mail.log-differs",
    _(
        "The mail server's log tells of {delivered} messages to journal {source} on {day}; {unaccounted} of them are not accounted for"
    ),
)
"""Somebody entered a difference between the log and the count of a whole day; when within the day is not known."""

IMPORT_BEGUN = Act("mail.import-begun", _("Import {number} of messages into {source} begun: {form}"))
"""From here on messages of a mailbox become objects; the record states neither whose it is nor where it lies."""

IMPORT_ENDED = Act(
    "mail.import-ended",
    _(
        "Import {number} of messages into {source} ended: {found} found, {kept} kept, {private} private, {exempt} exempt, {known} there already, {past_term} past their term"
    ),
)
"""Everything in the mailbox was looked at; the record states what its messages came to."""

ROLE_KEY_GIVEN = Act(
    "mail.key-given", _("Key {key} of the role {role} given in viewing {viewing} under opening {opening}")
)
"""Its holder typed the passphrase in their own session, the actor of the entry; the record names the process that held it."""

MAIL_UNSEALED = Act(
    "mail.unsealed", _("Messages of viewing {viewing} opened with a key of each role: {case} and {control}")
)
"""Two people gave a key each, the second of them the actor; the record states which keys."""

MESSAGE_READ = Act("mail.message-read", _("A message of {at} read in viewing {viewing}"))
"""One message was shown; the record states which, by object and place, and whether as text or as it looked."""

ATTACHMENT_SHOWN = Act(
    "mail.message-file", _("File {part} attached to a message of {at} shown in viewing {viewing}")
)
"""A picture made anew, or a text; the record states neither its name nor its digest."""

MESSAGE_COPIED = Act(
    "mail.message-copied",
    _("A message of {at} copied in the clear in viewing {viewing}"),
    with_fact={
        "digest frame": _(
            "A message of {at} copied in the clear in viewing {viewing}, salted digest {digest}, out of the sealed message {frame}"
        )
    },
)
"""Within an open viewing; the record states which, by the digest of its sealed frame and a commitment to that of the message, whose salt is in the copy."""

MESSAGE_LEFT = Act(
    "mail.message-left", _("A message of {at} turned out private in viewing {viewing}; everything was closed")
)
"""Whoever read met private correspondence and stopped; the message is shown to nobody any more."""

MESSAGE_RELEASED = Act(
    "mail.message-released",
    _(
        "A message of {at}, set aside as perhaps private, let be read in viewing {viewing} with keys {case} and {control}"
    ),
)
"""One of its deciding fields could not be decoded; the holders of a key of each role found that it is not private."""

OPENING_ASKED = Act(
    "mail.opening-asked",
    _(
        "Opening {number} of messages asked for in case {case}: {people} addresses, {words} words, until {expires_on}"
    ),
)
"""Six questions were answered and a scope stated; the record states neither addresses nor words."""

OPENING_AGREED = Act("mail.opening-agreed", _("Opening {number} of messages in case {case} agreed to"))
"""A second person, of another role, lets messages of the scope be opened."""

OPENING_ENDED = Act("mail.opening-ended", _("Opening {number} of messages in case {case} ended"))
"""From here on nothing is opened under it, whether it was agreed to or not."""

MAIL_SEARCHED = Act("mail.searched", _("Search in viewing {viewing}: {found} messages found"))
"""Somebody looked for words or addresses among the opened messages; the record does not state which."""
