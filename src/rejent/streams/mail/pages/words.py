"""Words of the pages of e-mail."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.streams.mail.messages.classes import HEAD
from rejent.streams.mail.messages.containers import Protection
from rejent.streams.mail.messages.journal_reports import REPORT
from rejent.streams.mail.messages.reading import Look
from rejent.streams.mail.receiving.causes import MailCause
from rejent.streams.mail.records import acts
from rejent.streams.mail.records.exempt_groups import UNREAD
from rejent.streams.mail.threats.alarms import FAILED, FOUND
from rejent.streams.mail.threats.alarms import UNCHECKED as UNCHECKED_MESSAGES
from rejent.streams.mail.threats.verdicts import Unchecked
from rejent.web.words.stream_parts import StreamWords

DIRECTIONS: Mapping[str, str | Promise] = {
    "incoming": pgettext_lazy("message", "incoming"),
    "outgoing": pgettext_lazy("message", "outgoing"),
    "internal": pgettext_lazy("message", "internal"),
    "unknown": pgettext_lazy("message", "direction not known"),
}
CLASSES: Mapping[str, str | Promise] = {
    "public": _("public authority"),
    "free": _("free mailbox"),
    "other": pgettext_lazy("domain of a message", "other domain"),
    "several": _("several kinds of domains"),
    "none": "",
}
RESULTS: Mapping[str, str | Promise] = {
    "pass": pgettext_lazy("check of a sender", "confirmed"),
    "fail": pgettext_lazy("check of a sender", "not confirmed"),
    "softfail": pgettext_lazy("check of a sender", "probably not confirmed"),
    "neutral": pgettext_lazy("check of a sender", "undecided"),
    "none": pgettext_lazy("check of a sender", "nothing to check by"),
    "policy": pgettext_lazy("check of a sender", "refused by the server's own rule"),
    "temperror": pgettext_lazy("check of a sender", "could not be done then"),
    "permerror": pgettext_lazy("check of a sender", "could not be done"),
}
"""Results that a mail server states of a message's sender (RFC 8601 §2.7)."""
ROLES: Mapping[str, str | Promise] = {
    "case": _("conducts the case"),
    "control": _("watches over it"),
}
PROTECTIONS: Mapping[str, str | Promise] = {
    Protection.SMIME_SIGNED: _("Signed by S/MIME; the signature was not checked."),
    Protection.SMIME_ENCRYPTED: _("Encrypted by S/MIME; it is not decrypted here."),
    Protection.OPENPGP_SIGNED: _("Signed by OpenPGP; the signature was not checked."),
    Protection.OPENPGP_ENCRYPTED: _("Encrypted by OpenPGP; it is not decrypted here."),
}

IMPORT_FORMS: Mapping[str, str | Promise] = {
    "mbox": pgettext_lazy("mailbox", "mbox file"),
    "maildir": pgettext_lazy("mailbox", "maildir folder"),
    "imap": pgettext_lazy("mailbox", "IMAP server"),
}


def verdict_words(verdict: str) -> str:
    """Return what the office's mail server said of a message's sender, given as ``spf=pass``."""
    method, _equals, result = verdict.partition("=")
    return f"{method.upper()}: {RESULTS.get(result, result)}"


def kind_words(kind: str) -> str:
    """Return what a kind of attachment is called."""
    return gettext("other file") if kind == "other" else kind.upper()


SCANNERS: Mapping[str, str | Promise] = {
    "yara": _("YARA rules"),
    "hosts": _("lists of hosts"),
    "clamav": _("ClamAV"),
}
UNCHECKED: Mapping[str, str | Promise] = {
    Unchecked.AWAY: _("could not be used"),
    Unchecked.LATE: _("was too slow"),
    Unchecked.BUSY: _("had too many messages"),
    Unchecked.FAULT: _("failed at this message"),
    Unchecked.LARGE: _("takes no message as long"),
    Unchecked.PARTLY: _("saw a part alone"),
}


def unchecked_words(unchecked: str) -> str:
    """Return which scanner did not look at a message, and why."""
    name, _equals, why = unchecked.partition("=")
    return f"{SCANNERS.get(name, name)}: {UNCHECKED.get(why, why)}"


def doubt_words(doubt: str) -> str:
    """Return what could not be read of a message, so that it may be private."""
    if doubt == HEAD:
        return gettext("a head longer than is looked at")
    if doubt == REPORT:
        return gettext("a journal report in which the message and its recipients cannot be told for certain")
    return gettext("the subject") if doubt == "subject" else doubt


WORDS = StreamWords(
    name=_("mail"),
    nouns={
        acts.ROLE_KEY_MADE.name: _("key of a role made"),
        acts.ROLE_KEY_ENDED.name: _("key of a role ended"),
        acts.MAIL_COUNTED.name: _("messages of a day counted"),
        acts.MAIL_LOG_DIFFERS.name: _("difference to the mail server's log"),
        acts.IMPORT_BEGUN.name: _("import of a mailbox begun"),
        acts.IMPORT_ENDED.name: _("import of a mailbox ended"),
        acts.ROLE_KEY_GIVEN.name: _("key of a role given"),
        acts.MAIL_UNSEALED.name: _("messages opened by two keys"),
        acts.MESSAGE_READ.name: _("message read"),
        acts.ATTACHMENT_SHOWN.name: _("attached file of a message shown"),
        acts.MESSAGE_COPIED.name: _("message copied in the clear"),
        acts.MESSAGE_LEFT.name: _("private message met and left"),
        acts.MESSAGE_RELEASED.name: _("message that was set aside let be read"),
        acts.OPENING_ASKED.name: _("opening of messages asked for"),
        acts.OPENING_AGREED.name: _("opening of messages agreed to"),
        acts.OPENING_ENDED.name: _("opening of messages ended"),
        acts.MAIL_SEARCHED.name: _("search among opened messages"),
    },
    peoples_own=("mail.key-", "mail.unsealed", "mail.message-", "mail.opening-", "mail.searched"),
    fact_names={
        "acknowledged": pgettext_lazy("fact of a record", "acknowledged to the mail server"),
        "at": pgettext_lazy("fact of a record", "time of the message"),
        "control": pgettext_lazy("fact of a record", "key of who watches over the case"),
        "exempt": pgettext_lazy("fact of a record", "of exempt people, nothing kept"),
        "private": pgettext_lazy("fact of a record", "private, nothing kept"),
        "refused": pgettext_lazy("fact of a record", "not taken"),
        "delivered": pgettext_lazy("fact of a record", "delivered by the mail server's log"),
        "unaccounted": pgettext_lazy("fact of a record", "of these not accounted for"),
        "form": pgettext_lazy("fact of a record", "kind of mailbox"),
        "known": pgettext_lazy("fact of a record", "there already"),
        "past_term": pgettext_lazy("fact of a record", "past their term, not kept"),
        "too_early": pgettext_lazy("fact of a record", "from before monitoring could begin, not kept"),
        "undated": pgettext_lazy("fact of a record", "without a time, not kept"),
        "not_taken": pgettext_lazy("fact of a record", "too large or not handed out, not kept"),
        "shorter": pgettext_lazy("fact of a record", "shorter than the server states"),
        "doubtful": pgettext_lazy("fact of a record", "lines that nearly part two messages"),
        "expires_on": pgettext_lazy("fact of a record", "last day of reading"),
        "frame": pgettext_lazy("fact of a record", "SHA-256 of the sealed message"),
        "found": pgettext_lazy("fact of a record", "messages found"),
        "look": pgettext_lazy("fact of a record", "shown as"),
        "opening": pgettext_lazy("fact of a record", "opening of messages"),
        "process": pgettext_lazy("fact of a record", "process of the pages that held it"),
        "part": pgettext_lazy("fact of a record", "number of the attached file"),
        "people": pgettext_lazy("fact of a record", "addresses"),
        "checked": pgettext_lazy("fact of a record", "checked for threats whole"),
        "unchecked": pgettext_lazy("fact of a record", "not checked for threats, or in part"),
        "failed": pgettext_lazy("fact of a record", "of these not checked because a scanner failed"),
        "rechecked": pgettext_lazy("fact of a record", "of these checked afterwards"),
        "threats": pgettext_lazy("fact of a record", "found in messages"),
        "viewing": pgettext_lazy("fact of a record", "viewing"),
        "words": pgettext_lazy("fact of a record", "words"),
    },
    values={
        "role": ROLES,
        "look": {Look.TEXT.value: _("text"), Look.MARKUP.value: _("as it looked")},
        "form": IMPORT_FORMS,
        "kind": {
            "necessity-assessed": _("assessment that e-mail must be monitored"),
            FOUND: _("something found in messages"),
            UNCHECKED_MESSAGES: _("messages not checked for threats"),
            FAILED: _("messages whose check for threats failed"),
            UNREAD: _("an exempt group of the directory that cannot be read whole"),
        },
    },
    several={
        "changed": {
            "recipients": _("addresses of the journal"),
            "domains": _("domains of the office"),
            "exempt": _("exempt addresses"),
            "marks": _("private marks"),
            "reporters": _("who sends journal reports"),
            "headers": _("fields that mark a message as private"),
            "authserv": _("servers that verify senders"),
            "networks": _("networks that hand messages over"),
            "doubtful": _("what becomes of messages that may be private"),
            "certificate": _("certificate"),
            "key": _("file of the key"),
            "senders": _("file of names and passwords"),
            "groups": _("exempt groups of the directory"),
            "grouped": _("members of exempt groups"),
            "aliases": _("aliases of the mail server"),
            "virtual": _("virtual aliases of the mail server"),
        }
    },
    causes={
        MailCause.CANNOT_LISTEN: (
            _("the address of the journal is taken"),
            _(
                "See which program listens there; messages wait in the mail server, but what a milter would get is delivered and not kept."
            ),
        ),
        MailCause.NO_CERTIFICATE: (
            _("certificate, key or passwords of the journal cannot be used"),
            _("See the files and their rights on the server; messages wait in the mail server."),
        ),
        MailCause.NO_MAPS: (
            _("the mail server's maps of aliases cannot be read, so who is exempt is not known"),
            _(
                "See the files and their rights on the server; messages wait in the mail server, but what a milter would get is delivered and not kept."
            ),
        ),
        MailCause.LOG_DIFFERS: (
            _("the mail server's log tells of messages that are not accounted for, at some time of this day"),
            _("See in the log of the mail server what became of them."),
        ),
        MailCause.PASSED_BY: (
            _("a message may have been delivered that was not kept"),
            _(
                "The mail server delivers whatever a milter cannot keep, and may have delivered what it broke off by closing the connection in the middle: see its log, and that of the program."
            ),
        ),
        MailCause.NO_ROLE_KEYS: (
            _("one of the two roles has no key"),
            _(
                "Whoever does the work of that role makes it on the page Keys to messages; messages wait in the mail server, but what a milter would get is delivered and not kept."
            ),
        ),
    },
    conditions={"necessity-assessed": _("the assessment of necessity")},
)
