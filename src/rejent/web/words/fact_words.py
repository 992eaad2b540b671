"""Words for the identifiers that stand in the ledger: roles, kinds, streams, rules, reasons."""

import re
from collections.abc import Mapping
from functools import cache

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from rejent.office.people.role_words import ROLES
from rejent.office.regulation.vocabulary import UNRECORDED_WORDS
from rejent.web.people.office_forms import ACTS, KINDS
from rejent.web.stream_parts import WORDS, Words
from rejent.web.supervision.review_forms import OUTCOMES
from rejent.web.words.act_nouns import nouns

_KINDS: Words = {
    **{str(kind): words for kind, words in KINDS.items()},
    "clock": _("the program's clock"),
    "capacity": _("too little room for the retention period"),
    "older-database": _("a database older than its ledger, put back"),
    "overdue": _("recordings overdue for destruction"),
    "hold-review": _("a hold to be reviewed"),
    "in-force": _("the regulation came into force"),
    "staff-told": _("employees were told"),
    "places-marked": _("places were marked"),
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
}
_SEVERAL: Mapping[str, Words] = {
    "roles": ROLES,
    "before": ROLES,
    "acts": ACTS,
    "act": ACTS,
    "changed": _REACHED,
}
_ONE: Mapping[str, Words] = {
    "rule": _RULES,
    "reason": _RULES,
    "register": _REGISTERS,
    "format": _FORMATS,
    "outcome": OUTCOMES,
    "answer": _ANSWERS,
    "way": _WAYS,
    "sign_in": _SIGN_IN,
}

_PERIOD = re.compile(r"(maximum|fixed) (\d+) (days|weeks|months)(.*)", re.DOTALL)


@cache
def _by_fact() -> tuple[Mapping[str, Words], Mapping[str, Words]]:
    """Return the words of facts that are one identifier, and of those that are several, with those of every kind of stream."""
    one: dict[str, Words] = {**_ONE, "kind": _KINDS, "stream": UNRECORDED_WORDS, "only": nouns()}
    several = dict(_SEVERAL)
    for stream, words in WORDS.items():
        one["stream"] = {**one["stream"], stream: words.name}
        for fact, values in words.values.items():
            one[fact] = {**one.get(fact, {}), **values}
        for fact, values in words.several.items():
            several[fact] = {**several.get(fact, {}), **values}
    return one, several


def in_words(name: str, value: str) -> str | None:
    """Return a fact of a record in the reader's language; nothing where it is no identifier known here.

    Args:
        name: the fact's name.
        value: an identifier, or several with blanks between them.
    """
    one, several = _by_fact()
    if name in several:
        words = several[name]
        return ", ".join(str(words.get(part, part)) for part in value.split())
    if name == "rule" and (period := _PERIOD.fullmatch(value)):
        return _period(period[1], int(period[2]), period[3]) + period[4]
    known = one.get(name, {}).get(value)
    return str(known) if known is not None else None


def _period(kind: str, count: int, unit: str) -> str:
    forms = {
        "days": ngettext("%(n)s day", "%(n)s days", count),
        "weeks": ngettext("%(n)s week", "%(n)s weeks", count),
        "months": ngettext("%(n)s month", "%(n)s months", count),
    }
    length = {"length": forms[unit] % {"n": count}}
    return (gettext("up to %(length)s") if kind == "maximum" else gettext("exactly %(length)s")) % length
