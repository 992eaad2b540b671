"""Words for the identifiers that stand in the ledger: roles, kinds, streams, rules, reasons."""

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from rejent.office.role_words import ROLES
from rejent.streams.calls.pages.call_words import DIRECTIONS
from rejent.streams.calls.pages.notice_words import ANNOUNCEMENTS, DOUBTS, KNOWN
from rejent.web.act_nouns import NOUNS
from rejent.web.forms.office import ACTS, KINDS
from rejent.web.forms.reviews import OUTCOMES

Words = Mapping[str, str | Promise]

_STREAMS: Words = {
    "video": _("cameras"),
    "calls": _("telephone calls"),
    "mail": _("mail"),
    "activity": _("activity at workstations"),
    "network": _("network use"),
}
_KINDS: Words = {
    **{str(kind): words for kind, words in KINDS.items()},
    **ANNOUNCEMENTS,
    "clock": _("the program's clock"),
    "capacity": _("too little room for the retention period"),
    "older-database": _("a database older than its ledger, put back"),
    "overdue": _("recordings overdue for destruction"),
    "hold-review": _("a hold to be reviewed"),
    "missing-calls": _("calls that the exchange told of and of which no recording is there"),
    "in-force": _("the regulation came into force"),
    "staff-told": _("employees were told"),
    "places-marked": _("places were marked"),
    "legal-basis": _("legal basis, purpose and scope"),
    "unrecorded-route": _("a way to call without being recorded"),
    "announcement-ready": _("the announcement is in place"),
    "statement-outstanding": _("a written statement is missing"),
    "totp": _("codes of an application"),
    "passkey": _("passkey"),
    "recovery-codes": _("recovery codes"),
}
_RULES: Words = {
    "not-of-office": _("not of the office"),
    "role-excluded": _("barred to this role"),
    "stream-not-prescribed": _("not in the regulation"),
    "nobody": _("the regulation authorises nobody"),
    "role-not-named": _("role not named in the regulation"),
    "not-authorised": _("no authorisation"),
    "other-source": _("authorisation for other sources"),
    "not-yet-valid": _("authorisation not valid yet"),
    "expired": _("authorisation expired"),
    "revoked": _("authorisation revoked"),
    "second-factor-missing": _("a password alone"),
    "statement-missing": _("no written statement"),
    "station-not-listed": _("not at a listed station"),
    "protocol-unfinished": _("an unfinished protocol"),
    "purpose-missing": _("no purpose stated"),
    "purpose-not-listed": _("purpose not in the regulation"),
    "case-missing": _("no case stated"),
    "ban-not-acknowledged": _("the ban on photographs not acknowledged"),
    "second-person-missing": _("no second person"),
    "second-person-same": _("second person not somebody else"),
    "second-person-not-authorised": _("second person without the right"),
    "guests-not-permitted": _("guests not permitted"),
    "another-station": _("viewing of another station"),
    "volume-exceeded": _("too much of recordings at once"),
    "viewing-ended": _("time of the viewing over"),
    "not-theirs": _("somebody else's protocol"),
    "own": _("own authorisation"),
    "not-issuer": _("not who issues authorisations"),
    "not-called-in": _("no fault open, or no agreement in force"),
    "not-acting": _("the head is there"),
    "sign-in-unconfirmed": _("not confirmed whose account it is"),
    "role-does-not-administer": _("not among the role's duties"),
    "closed": _("ended by the viewer"),
}
_ANSWERS: Words = {"agreed": _("agreed"), "declined": _("declined")}
_REGISTERS: Words = {
    "actions": _("register of actions"),
    "authorisations": _("register of authorisations"),
    "protocols": _("register of protocols"),
}
_WAYS: Words = {"oidc": _("identity provider"), "ldap": _("directory")}
_SIGN_IN: Words = {
    "confirmed": _("confirmed to be the person's own"),
    "given": _("password set by somebody else"),
    "chosen": _("password chosen, not confirmed yet"),
    "linked": _("linked by somebody else, not confirmed yet"),
}
_FORMATS: Words = {"csv": "CSV", "pdf": "PDF"}
_REACHED: Words = {
    "address": _("address"),
    "credentials": _("user and password"),
    "live_address": _("address of the smaller stream"),
    "transport": _("transport"),
}
_KNOWN_OF_A_CALL: Words = {
    "caller": _("the caller's number"),
    "called": _("the called number"),
    "date": _("the date"),
    "hour": _("the hour"),
    "call": _("the call's address"),
}
_REFUSED: Words = {"key": _("by a key, during the call"), "list": _("beforehand, by the list of refusals")}
_SEVERAL: Mapping[str, Words] = {
    "roles": ROLES,
    "before": ROLES,
    "acts": ACTS,
    "act": ACTS,
    "changed": _REACHED,
    "facts": _KNOWN_OF_A_CALL,
}
_ONE: Mapping[str, Words] = {
    "stream": _STREAMS,
    "kind": _KINDS,
    "rule": _RULES,
    "reason": _RULES,
    "register": _REGISTERS,
    "format": _FORMATS,
    "only": NOUNS,
    "outcome": OUTCOMES,
    "answer": _ANSWERS,
    "way": _WAYS,
    "sign_in": _SIGN_IN,
    "direction": DIRECTIONS,
    "how": _REFUSED,
    "known": KNOWN,
    "doubt": DOUBTS,
}

_PERIOD = re.compile(r"(maximum|fixed) (\d+) (days|weeks|months)(.*)", re.DOTALL)


def in_words(name: str, value: str) -> str | None:
    """A fact of a record in the reader's language; nothing where it is no identifier known here.

    Args:
        name: the fact's name.
        value: an identifier, or several with blanks between them.
    """
    if name in _SEVERAL:
        words = _SEVERAL[name]
        return ", ".join(str(words.get(part, part)) for part in value.split())
    if name == "rule" and (period := _PERIOD.fullmatch(value)):
        return _period(period[1], int(period[2]), period[3]) + period[4]
    known = _ONE.get(name, {}).get(value)
    return str(known) if known is not None else None


def _period(kind: str, count: int, unit: str) -> str:
    forms = {
        "days": ngettext("%(n)s day", "%(n)s days", count),
        "weeks": ngettext("%(n)s week", "%(n)s weeks", count),
        "months": ngettext("%(n)s month", "%(n)s months", count),
    }
    length = {"length": forms[unit] % {"n": count}}
    return (gettext("up to %(length)s") if kind == "maximum" else gettext("exactly %(length)s")) % length
