"""Words for identifiers in the ledger: the names of facts, and their values (roles, kinds, rules, reasons)."""

import re
from collections.abc import Mapping
from functools import cache

from django.utils.text import format_lazy
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.access.supervision.samples import Outcome
from rejent.cases.copies.queries import BOOK
from rejent.devices.views import Kind
from rejent.office.people.role_words import ROLES
from rejent.office.regulation.vocabulary import UNRECORDED_WORDS, PlaceKind
from rejent.web.cases.copies import identifiers as copies
from rejent.web.cases.words import CASE_KINDS, CASE_STATES, CHANNELS, DESPITE, PAPERS, RIGHTS
from rejent.web.notices import identifiers as notices
from rejent.web.words.act_names import group_title, groups, nouns
from rejent.web.words.stream_parts import WORDS, Words, with_streams
from rejent.web.words.wording import length_words

FACT_NAMES: Words = {
    **copies.FACT_NAMES,
    "about": pgettext_lazy("fact of a record", "concerns"),
    "absence": pgettext_lazy("fact of a record", "absence"),
    "account": pgettext_lazy("fact of a record", "account"),
    "act": pgettext_lazy("fact of a record", "act"),
    "acts": pgettext_lazy("fact of a record", "acts"),
    "added": pgettext_lazy("fact of a record", "added"),
    "address": pgettext_lazy("fact of a record", "address"),
    "again": pgettext_lazy("fact of a record", "times again"),
    "agreement": pgettext_lazy("fact of a record", "processing agreement"),
    "answer": pgettext_lazy("fact of a record", "answer"),
    "as_sealed": pgettext_lazy("fact of a record", "parts found as they were sealed"),
    "asked": pgettext_lazy("fact of a record", "what was asked for, identifier"),
    "authenticators": pgettext_lazy("fact of a record", "means of signing in"),
    "authorisation": pgettext_lazy("fact of a record", "authorisation"),
    "basis": pgettext_lazy("fact of a record", "grounds"),
    "before": pgettext_lazy("fact of a record", "roles before"),
    "blocks": pgettext_lazy("fact of a record", "opened by nobody"),
    "bytes": pgettext_lazy("fact of a record", "size"),
    "batch": pgettext_lazy("fact of a record", "batch"),
    "case": pgettext_lazy("fact of a record", "case sign"),
    "cause": pgettext_lazy("fact of a record", "cause"),
    "causes": pgettext_lazy("fact of a record", "causes of gaps"),
    "certificate": pgettext_lazy("fact of a record", "digest of the certificate"),
    "changed": pgettext_lazy("fact of a record", "changed"),
    "channel": pgettext_lazy("fact of a record", "way on which it came"),
    "code": pgettext_lazy("fact of a record", "code"),
    "commitment": pgettext_lazy("fact of a record", "salted commitment to the text"),
    "concluded_on": pgettext_lazy("fact of a record", "concluded on"),
    "confirmed": pgettext_lazy("fact of a record", "holds confirmed"),
    "confirmed_by": pgettext_lazy("fact of a record", "confirmed by"),
    "content_frame": pgettext_lazy("fact of a record", "digest of the rest of the content"),
    "content_root": pgettext_lazy("fact of a record", "digest over the fragments of the content"),
    "contents": pgettext_lazy("fact of a record", "list of contents"),
    "count": pgettext_lazy("fact of a record", "count"),
    "csv": pgettext_lazy("fact of a record", "digest of the CSV file"),
    "database": pgettext_lazy("fact of a record", "opening of the storage, by the database"),
    "day": pgettext_lazy("fact of a record", "date of the recording"),
    "decide_by": pgettext_lazy("fact of a record", "to be decided by"),
    "decided_by": pgettext_lazy("fact of a record", "entry of the decision"),
    "decided_in": pgettext_lazy("fact of a record", "application decided"),
    "decision": pgettext_lazy("fact of a record", "decision"),
    "description": pgettext_lazy("fact of a record", "what is wrong"),
    "despite": pgettext_lazy("fact of a record", "used although restricted, on the ground"),
    "device": pgettext_lazy("fact of a record", "device"),
    "details": pgettext_lazy("fact of a record", "details"),
    "digest": pgettext_lazy("fact of a record", "digest"),
    "digests": pgettext_lazy("fact of a record", "digests of the objects"),
    "done": pgettext_lazy("fact of a record", "what was done"),
    "down_on": pgettext_lazy("fact of a record", "taken down on"),
    "due": pgettext_lazy("fact of a record", "due since"),
    "end": pgettext_lazy("fact of a record", "to"),
    "ended": pgettext_lazy("fact of a record", "back to the program's wording"),
    "ended_on": pgettext_lazy("fact of a record", "ended on"),
    "envelope": pgettext_lazy("fact of a record", "envelope"),
    "erased": pgettext_lazy("fact of a record", "erasures granted"),
    "erasure": pgettext_lazy("fact of a record", "erasure"),
    "file": pgettext_lazy("fact of a record", "file"),
    "filed_on": pgettext_lazy("fact of a record", "day that counts as filing"),
    "files": pgettext_lazy("fact of a record", "files"),
    "first": pgettext_lazy("fact of a record", "first entry"),
    "folder": pgettext_lazy("fact of a record", "opening of the storage, by its folder"),
    "follows": pgettext_lazy("fact of a record", "follows the authorisation"),
    "format": pgettext_lazy("fact of a record", "kind of file"),
    "found": pgettext_lazy("fact of a record", "found"),
    "fragments": pgettext_lazy("fact of a record", "fragments of the content"),
    "from": pgettext_lazy("fact of a record", "from"),
    "from_sha256": pgettext_lazy("fact of a record", "digest of the whole segment"),
    "gap_days": pgettext_lazy("fact of a record", "days without an authorisation before it"),
    "grounds": pgettext_lazy("fact of a record", "grounds"),
    "guest": pgettext_lazy("fact of a record", "guest"),
    "hand_over": pgettext_lazy("fact of a record", "hand-over"),
    "hold": pgettext_lazy("fact of a record", "hold"),
    "holds": pgettext_lazy("fact of a record", "holds placed"),
    "host": pgettext_lazy("fact of a record", "server"),
    "id": pgettext_lazy("fact of a record", "identifier"),
    "in_force_from": pgettext_lazy("fact of a record", "in force from"),
    "in_place_of": pgettext_lazy("fact of a record", "in the place of"),
    "index": pgettext_lazy("fact of a record", "entry"),
    "issuer": pgettext_lazy("fact of a record", "issued by"),
    "item": pgettext_lazy("fact of a record", "item"),
    "kept": pgettext_lazy("fact of a record", "as it was filed"),
    "key": pgettext_lazy("fact of a record", "key"),
    "keys": pgettext_lazy("fact of a record", "number of keys"),
    "kind": pgettext_lazy("fact of a record", "kind"),
    "knowledge": pgettext_lazy("fact of a record", "may be evidence, as the office knows"),
    "language": pgettext_lazy("fact of a record", "language"),
    "last": pgettext_lazy("fact of a record", "last entry"),
    "last_day": pgettext_lazy("fact of a record", "last day to file"),
    "late": pgettext_lazy("fact of a record", "filed late"),
    "least": pgettext_lazy("fact of a record", "drawn at least"),
    "left": pgettext_lazy("fact of a record", "left"),
    "lifted": pgettext_lazy("fact of a record", "holds lifted"),
    "listed_first": pgettext_lazy("fact of a record", "first of those only listed"),
    "listed_last": pgettext_lazy("fact of a record", "last of those only listed"),
    "lost": pgettext_lazy("fact of a record", "recordings destroyed before"),
    "lost_bytes": pgettext_lazy("fact of a record", "bytes lost"),
    "machinery": pgettext_lazy("fact of a record", "with acts of the machinery"),
    "made": pgettext_lazy("fact of a record", "made"),
    "made_by": pgettext_lazy("fact of a record", "made by"),
    "name": pgettext_lazy("fact of a record", "name"),
    "next_check_on": pgettext_lazy("fact of a record", "next check"),
    "note": pgettext_lazy("fact of a record", "number of the note"),
    "number": pgettext_lazy("fact of a record", "number"),
    "numbers": pgettext_lazy("fact of a record", "numbers drawn"),
    "object": pgettext_lazy("fact of a record", "object"),
    "objects": pgettext_lazy("fact of a record", "objects"),
    "off_by_s": pgettext_lazy("fact of a record", "difference"),
    "on": pgettext_lazy("fact of a record", "on the day"),
    "only": pgettext_lazy("fact of a record", "only acts of this kind"),
    "only_listed": pgettext_lazy("fact of a record", "only listed, not opened"),
    "operation": pgettext_lazy("fact of a record", "operation at"),
    "outcome": pgettext_lazy("fact of a record", "outcome of the review"),
    "own": pgettext_lazy("fact of a record", "own viewing"),
    "page": pgettext_lazy("fact of a record", "page"),
    "paper": pgettext_lazy("fact of a record", "number of the paper"),
    "paper_kind": pgettext_lazy("fact of a record", "kind of paper"),
    "party": pgettext_lazy("fact of a record", "party of the agreement"),
    "passage": pgettext_lazy("fact of a record", "passage"),
    "passed": pgettext_lazy("fact of a record", "passed"),
    "pdf": pgettext_lazy("fact of a record", "digest of the paper"),
    "people": pgettext_lazy("fact of a record", "people covered"),
    "percent": pgettext_lazy("fact of a record", "drawn of a hundred"),
    "person": pgettext_lazy("fact of a record", "person"),
    "place": pgettext_lazy("fact of a record", "place"),
    "population": pgettext_lazy("fact of a record", "viewings of the week"),
    "port": pgettext_lazy("fact of a record", "port"),
    "presented": pgettext_lazy("fact of a record", "presented, as the browser reports"),
    "protocol": pgettext_lazy("fact of a record", "protocol by version of the regulation"),
    "provisional": pgettext_lazy("fact of a record", "until the decision"),
    "published_on": pgettext_lazy("fact of a record", "published on"),
    "purpose": pgettext_lazy("fact of a record", "purpose"),
    "reason": pgettext_lazy("fact of a record", "reason"),
    "received_on": pgettext_lazy("fact of a record", "received on"),
    "recipient": pgettext_lazy("fact of a record", "public half of the key"),
    "recovered": pgettext_lazy("fact of a record", "cut short"),
    "register": pgettext_lazy("fact of a record", "register"),
    "reminder": pgettext_lazy("fact of a record", "reminder"),
    "review_on": pgettext_lazy("fact of a record", "review"),
    "right": pgettext_lazy("fact of a record", "right"),
    "role": pgettext_lazy("fact of a record", "kind of file"),
    "roles": pgettext_lazy("fact of a record", "roles"),
    "root": pgettext_lazy("fact of a record", "root of the ledger"),
    "rule": pgettext_lazy("fact of a record", "rule"),
    "second": pgettext_lazy("fact of a record", "second person"),
    "second_steps_removed": pgettext_lazy("fact of a record", "codes and passkeys taken off"),
    "seconds": pgettext_lazy("fact of a record", "seconds"),
    "seen": pgettext_lazy("fact of a record", "handed to the browser"),
    "secret": pgettext_lazy("fact of a record", "what stands on the paper"),
    "security": pgettext_lazy("fact of a record", "encryption"),
    "segment": pgettext_lazy("fact of a record", "segment"),
    "segments": pgettext_lazy("fact of a record", "segments"),
    "sender": pgettext_lazy("fact of a record", "sender"),
    "sha256": pgettext_lazy("fact of a record", "SHA-256 digest"),
    "sign_in": pgettext_lazy("fact of a record", "whose means of signing in"),
    "size": pgettext_lazy("fact of a record", "entries of the signed state"),
    "sound_sha256": pgettext_lazy("fact of a record", "digest of the sound"),
    "source": pgettext_lazy("fact of a record", "source"),
    "sources": pgettext_lazy("fact of a record", "sources"),
    "start": pgettext_lazy("fact of a record", "from"),
    "state": pgettext_lazy("fact of a record", "what became of it"),
    "station": pgettext_lazy("fact of a record", "station"),
    "stream": pgettext_lazy("fact of a record", "kind of monitoring"),
    "subject": pgettext_lazy("fact of a record", "subject"),
    "survivors": pgettext_lazy("fact of a record", "kept by holds"),
    "test": pgettext_lazy("fact of a record", "for tests"),
    "text_sha256": pgettext_lazy("fact of a record", "digest of the text"),
    "token": pgettext_lazy("fact of a record", "token"),
    "told_on": pgettext_lazy("fact of a record", "told on"),
    "unchanged": pgettext_lazy("fact of a record", "fragments found as they were sealed"),
    "units": pgettext_lazy("fact of a record", "units of content"),
    "to_batch": pgettext_lazy("fact of a record", "to batch"),
    "until": pgettext_lazy("fact of a record", "until"),
    "up_since": pgettext_lazy("fact of a record", "hung up since"),
    "version": pgettext_lazy("fact of a record", "version"),
    "waits_for": pgettext_lazy("fact of a record", "waits for the decision on"),
    "was": pgettext_lazy("fact of a record", "digest before"),
    "watch": pgettext_lazy("fact of a record", "watching"),
    "way": pgettext_lazy("fact of a record", "way of signing in"),
    "week": pgettext_lazy("fact of a record", "week"),
    "why": pgettext_lazy("fact of a record", "why"),
    "withdrawn_on": pgettext_lazy("fact of a record", "withdrawn on"),
    "witnessed": pgettext_lazy("fact of a record", "entries that the witness saw"),
    "year": pgettext_lazy("fact of a record", "year"),
}


@cache
def fact_names() -> Words:
    """Return what every fact is called, with those of every kind of stream."""
    return with_streams(FACT_NAMES, lambda words: words.fact_names)


def fact_name(name: str) -> str:
    """Return a fact's name in the reader's language; one that is not known here as it was entered."""
    return str(fact_names().get(name, name))


PLACE_KINDS = {
    PlaceKind.ENTRANCE: _("entrance"),
    PlaceKind.CORRIDOR: _("corridor"),
    PlaceKind.STAIRS: _("stairs"),
    PlaceKind.HALL: _("hall"),
    PlaceKind.OFFICE: _("office room"),
    PlaceKind.SERVICE_POINT: _("service point"),
    PlaceKind.MEETING: _("meeting room"),
    PlaceKind.OUTSIDE: _("outside"),
    PlaceKind.ARCHIVE: _("archive"),
    PlaceKind.TOILET: _("sanitary room"),
    PlaceKind.CHANGING: _("changing room"),
    PlaceKind.CANTEEN: _("canteen"),
    PlaceKind.SOCIAL: _("social room"),
    PlaceKind.SMOKING: _("smoking room"),
    PlaceKind.UNION: _("trade union room"),
}
SEEING_ACTS = {
    "live": pgettext_lazy("what an authorisation covers", "live picture"),
    "recordings": pgettext_lazy("what an authorisation covers", "recordings"),
}
DEVICE_KINDS: Words = {
    Kind.STATION.value: _("station"),
    Kind.AGENT.value: _("agent of a workstation"),
    Kind.SENSOR.value: _("network sensor"),
    Kind.NODE.value: _("recorder node"),
}
RULES: Words = {
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
    "restricted": _("use of the recording restricted"),
    "viewing-ended": _("time of the viewing over"),
    "not-theirs": _("somebody else's protocol"),
    "own": _("own authorisation"),
    "not-issuer": _("not who issues authorisations"),
    "not-called-in": _("no fault open, or no agreement in force"),
    "not-acting": _("the head is there"),
    "sign-in-unconfirmed": _("not confirmed whose account it is"),
    "role-does-not-administer": _("not among the role's duties"),
    "not-entrusted": _("not entrusted to the administrator"),
    "not-confirmer": _("somebody else confirms the account"),
    "not-as-entered": _("account not as it was entered"),
    "fresh-proof-missing": _("no fresh proof of who it is"),
    "closed": _("ended by the viewer"),
}
_KINDS: Words = {
    **{str(kind): words for kind, words in PLACE_KINDS.items()},
    "clock": _("the program's clock"),
    "capacity": _("too little room for the retention period"),
    "older-database": _("a database older than its ledger, put back"),
    "overdue": _("recordings overdue for destruction"),
    "hold-review": _("a hold to be reviewed"),
    "hold-undecided": _("a provisional hold without a decision"),
    "recorder-slot": _("the recorder's place in the database, held by somebody who is not the program"),
    "copy-due": _("a copy whose last day has come"),
    "mail-fails": _("reminders by e-mail that the mail server does not take"),
    **{kind.value: words for kind, words in CASE_KINDS.items()},
    "in-force": _("the regulation came into force"),
    "staff-told": _("employees were told"),
    "places-marked": _("places were marked"),
    **DEVICE_KINDS,
    "totp": _("codes of an application"),
    "passkey": _("passkey"),
    "recovery-codes": _("recovery codes"),
}
OUTCOMES: Words = {
    Outcome.IN_ORDER: _("in order"),
    Outcome.QUESTION: _("a question: somebody has to answer first"),
    Outcome.BREACH_SUSPECTED: _("a breach is suspected"),
}
SECRETS: Words = {
    "key-store": _("passphrase of the key store"),
    "key-backup": _("passphrase of the backup of keys"),
}
_ANSWERS: Words = {"agreed": _("agreed"), "declined": _("declined")}
_REGISTERS: Words = {
    **copies.REGISTERS,
    "actions": _("register of actions"),
    "authorisations": _("register of authorisations"),
    "applications": _("register of applications"),
    "protocols": _("register of protocols"),
    "holds": _("register of holds"),
    "destructions": _("register of destructions by the program"),
    "statements": _("register of written statements"),
    "commissions": _("register of commissions"),
    "plates": _("register of plates"),
    "publications": _("register of publications"),
    "breaches": _("register of breaches of personal data and incidents"),
    "faults": _("register of faults and outages"),
}
_WAYS: Words = {"oidc": _("identity provider"), "ldap": _("directory")}
_SIGN_IN: Words = {
    "confirmed": _("confirmed to be the person's own"),
    "given": _("password set by somebody else"),
    "chosen": _("password chosen, not confirmed yet"),
    "linked": _("linked by somebody else, not confirmed yet"),
}
_FORMATS: Words = {"csv": "CSV", "pdf": "PDF", "xlsx": "XLSX"}
_REACHED: Words = {
    "address": _("address"),
    "credentials": _("user and password"),
}
_SEVERAL: Mapping[str, Words] = {
    "roles": ROLES,
    "before": ROLES,
    "acts": SEEING_ACTS,
    "act": SEEING_ACTS,
    "changed": _REACHED,
}
_ONE: Mapping[str, Words] = {
    "rule": RULES,
    "reason": RULES,
    "register": _REGISTERS,
    "format": _FORMATS,
    "outcome": OUTCOMES,
    "answer": _ANSWERS,
    "channel": {str(channel): words for channel, words in (*CHANNELS.items(), *notices.CHANNELS.items())},
    "found": {condition.value: words for condition, words in notices.CONDITIONS.items()},
    "delivery": copies.DELIVERIES,
    "medium": copies.MEDIA,
    "signing": copies.SIGNINGS,
    "despite": {ground.value: words for ground, words in DESPITE.items()},
    "decision": {state.value: words for state, (_tint, words) in CASE_STATES.items()},
    "reminder": {
        "soon": _("the last day is near"),
        "last-day": _("the last day has come"),
        "late": _("the last day is over"),
    },
    "right": {right.value: words for right, words in RIGHTS.items()},
    "paper_kind": {paper.value: words for paper, words in PAPERS.items()},
    "way": _WAYS,
    "secret": SECRETS,
    "security": {"starttls": "STARTTLS", "tls": "TLS", "none": _("without encryption")},
    "sign_in": _SIGN_IN,
}

_PERIOD = re.compile(r"(maximum|fixed) (\d{1,9}) (days|weeks|months)(.*)", re.DOTALL | re.ASCII)


@cache
def _by_fact() -> tuple[Mapping[str, Words], Mapping[str, Words]]:
    one: dict[str, Words] = {
        **_ONE,
        "kind": _KINDS,
        "stream": UNRECORDED_WORDS,
        "only": {**nouns(), **{name: group_title(name) for name in groups()}},
    }
    several = dict(_SEVERAL)
    for stream, words in WORDS.items():
        one["stream"] = {**one["stream"], stream: words.name}
        of_copies = format_lazy("{}: {}", copies.REGISTERS["copies"], words.name)
        one["register"] = {**one["register"], f"{BOOK}{stream}": of_copies}
        for fact, values in words.values.items():
            one[fact] = {**one.get(fact, {}), **values}
        for fact, values in words.several.items():
            several[fact] = {**several.get(fact, {}), **values}
    return one, several


def in_words(name: str, value: str) -> str | None:
    """Return the identifiers in a fact (several have blanks between them) in the reader's language; None if unknown."""
    one, several = _by_fact()
    if name in several:
        words = several[name]
        return ", ".join(str(words.get(part, part)) for part in value.split())
    if name == "rule" and (period := _PERIOD.fullmatch(value)):
        return _period(period[1], int(period[2]), period[3]) + period[4]
    known = one.get(name, {}).get(value)
    return str(known) if known is not None else None


def _period(kind: str, count: int, unit: str) -> str:
    length = {"length": length_words(count, unit)}
    return (gettext("up to %(length)s") if kind == "maximum" else gettext("exactly %(length)s")) % length
