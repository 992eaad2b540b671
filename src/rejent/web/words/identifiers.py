"""Words for the identifiers in the ledger: nouns of acts, names of facts, and their values (roles, kinds, rules, reasons)."""

import re
from collections.abc import Mapping
from functools import cache

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.access.supervision.samples import Outcome
from rejent.kernel.acts import all_acts
from rejent.office.people.role_words import ROLES
from rejent.office.regulation.vocabulary import UNRECORDED_WORDS
from rejent.web.cases.copies import identifiers as copies
from rejent.web.cases.words import CASE_KINDS, CASE_STATES, CHANNELS, DESPITE, PAPERS, RIGHTS
from rejent.web.people.office_forms import ACTS, KINDS
from rejent.web.stream_parts import WORDS, Words, with_streams
from rejent.web.words.kinds import group_title, groups
from rejent.web.words.refusal_rules import RULES
from rejent.web.words.wording import length_words

NOUNS: Words = {
    **copies.NOUNS,
    "absence.ended": _("Absence of the head ended"),
    "absence.entered": _("Absence of the head entered"),
    "access.refused": _("Access refused"),
    "agreement.ended": _("Processing agreement ended"),
    "agreement.entered": _("Processing agreement entered"),
    "alarm.ended": _("Alarm over"),
    "alarm.raised": _("Alarm raised"),
    "attachment.erased": _("Attached file erased"),
    "attachment.erasing": _("Erasure of an attached file entered"),
    "attachment.kept": _("File attached"),
    "attachment.opened": _("Attached file opened"),
    "attachment.removed": _("Wrongly attached file removed"),
    "authorisation.issued": _("Authorisation issued"),
    "authorisation.revoked": _("Authorisation revoked"),
    "case.corrected": _("Application corrected"),
    "case.decided": _("Application decided"),
    "case.entered": _("Application entered"),
    "case.erased": _("What an applicant said erased"),
    "case.paper-made": _("Paper made"),
    "case.paper-taken": _("Paper handed out again"),
    "case.recipient-told": _("Recipient told of a decision"),
    "case.reminded": _("Reminder of an application sent"),
    "case.prolonged": _("Answer to an application put off"),
    "case.withdrawn": _("Application withdrawn"),
    "clock.ahead": _("Clock ran ahead, destruction stopped"),
    "clock.behind": _("Clock set back"),
    "clock.confirmed": _("Clock confirmed by a person"),
    "clock.steady": _("Clock steady again"),
    "day-key.forgotten": _("Key of a day used no more"),
    "day-key.made": _("Key of a day made"),
    "destruction.decided": _("Destruction decided"),
    "destruction.done": _("Destruction done"),
    "destruction.key-destroyed": _("Destruction of a key"),
    "destruction.left-unknown": _("Unexplained objects left at a destruction"),
    "evidence.packed": _("Evidence package put together"),
    "fault.closed": _("Fault closed"),
    "fault.opened": _("Fault opened"),
    "gap.closed": _("Gap over"),
    "gap.corrected": _("Gap corrected"),
    "gap.opened": _("Gap begun"),
    "gate.entered": _("Condition of a start entered"),
    "erasure.asked": _("Erasure asked for"),
    "erasure.decided": _("Erasure granted"),
    "erasure.done": _("Erasure done"),
    "erasure.dropped": _("Erasure not granted"),
    "erasure.removed": _("Part of an erasure done"),
    "hold.ended": _("Hold lifted"),
    "hold.placed": _("Hold placed"),
    "hold.restricted": _("Recording restricted by a hold"),
    "hold.reviewed": _("Hold reviewed"),
    "installation.created": _("Installation created"),
    "key.disclosed": _("Key disclosed"),
    "keys.backed-up": _("Backup of keys"),
    "keys.restored": _("Keys restored from a backup"),
    "live.started": _("Live picture: watching began"),
    "live.stopped": _("Live picture: watching ended"),
    "person.added": _("Person entered"),
    "person.authenticator-added": _("Means of signing in added"),
    "person.authenticator-removed": _("Means of signing in taken off"),
    "person.authenticators-counted": _("Means of signing in entered at an upgrade"),
    "person.left": _("Person left"),
    "person.linked": _("Person linked with an account elsewhere"),
    "person.password-off": _("Password turned off"),
    "person.password-set": _("Password set anew"),
    "person.roles-set": _("Roles changed"),
    "person.sign-in-confirmed": _("Confirmed whose account it is"),
    "person.unlinked": _("Link with an account elsewhere taken off"),
    "place.added": _("Place entered"),
    "protocol.concluded": _("Protocol finished for somebody who has left"),
    "protocol.exported": _("Protocol handed out as a file"),
    "protocol.finished": _("Protocol finished"),
    "protocol.noted": _("Note appended to a protocol"),
    "protocol.position-stated": _("Position stated on a protocol"),
    "registers.closed": _("Year of a register closed"),
    "registers.entries-accepted": _("Older database accepted"),
    "registers.entries-lost": _("Entries lost with an older database"),
    "registers.entry-erased": _("Record of an entry erased"),
    "registers.entry-lost": _("Entry without its record"),
    "registers.exported": _("Register exported to a file"),
    "registers.rollback-accepted": _("Ledger put back from a copy accepted"),
    "regulation.activated": _("Regulation loaded"),
    "segment.cut": _("Part kept for a hold"),
    "segment.lost": _("Held recording that does not open"),
    "segment.mended": _("Segment finished after a breakdown"),
    "segment.removing": _("Removal before the term begun"),
    "segment.resealed": _("Segment sealed under another key"),
    "segment.sealed": _("Segment sealed"),
    "session.closed": _("Signing out"),
    "session.opened": _("Signing in"),
    "session.refused": _("Signing in refused to somebody"),
    "source.added": _("Source added"),
    "source.changed": _("Address or password of a source changed"),
    "source.removed": _("Source removed"),
    "source.switched-off": _("Source switched off"),
    "source.switched-on": _("Source switched on"),
    "statement.entered": _("Written statement entered"),
    "station.enrolled": _("Station enrolled"),
    "station.revoked": _("Station struck off"),
    "storage.accepted": _("Restored storage accepted"),
    "storage.opened": _("Storage opened"),
    "supervision.report-destroyed": _("Kept weekly report destroyed"),
    "supervision.report-made": _("Weekly report made"),
    "supervision.report-taken": _("Weekly report taken out"),
    "supervision.drawn": _("Sample of viewings drawn"),
    "supervision.reviewed": _("Viewing reviewed"),
    "token.created": _("Token created"),
    "token.revoked": _("Token revoked"),
    "viewing.closed": _("Viewing closed"),
    "viewing.guest-entered": _("Guest entered"),
    "viewing.opened": _("Viewing opened"),
    "viewing.second-answered": _("Answer of a second person"),
    "viewing.second-used": _("Agreement of a second person used"),
    "viewing.second-asked": _("Second person asked for"),
}


@cache
def nouns() -> Words:
    """Return what each act is called, with those of every kind of stream."""
    return with_streams(NOUNS, lambda words: words.nouns)


def noun_of(name: str) -> str:
    """Return what an act is called; one that this version does not know by its name."""
    return str(nouns().get(name, name))


def kind_words(kind: str) -> str:
    """Return what a kind of act, or a group of kinds, is called."""
    return str(group_title(kind)) if kind in groups() else noun_of(kind)


def kinds_by_group() -> list[tuple[str, list[str]]]:
    """Return the groups' titles with the nouns of their acts in order, in the reader's language."""
    return [
        (str(group_title(name)), sorted(map(noun_of, acts), key=str.casefold))
        for name, acts in groups().items()
    ]


def kind_called(words: str) -> str:
    """Return the kind of act, or group of kinds, that is called so or has this name; empty for none."""
    wanted = words.strip().casefold()
    return next(
        (kind for kind in (*groups(), *all_acts()) if wanted in {kind, kind_words(kind).casefold()}), ""
    )


FACT_NAMES: Words = {
    **copies.FACT_NAMES,
    "absence": pgettext_lazy("fact of a record", "absence"),
    "act": pgettext_lazy("fact of a record", "act"),
    "again": pgettext_lazy("fact of a record", "times again"),
    "account": pgettext_lazy("fact of a record", "account"),
    "acts": pgettext_lazy("fact of a record", "acts"),
    "address": pgettext_lazy("fact of a record", "address"),
    "agreement": pgettext_lazy("fact of a record", "processing agreement"),
    "answer": pgettext_lazy("fact of a record", "answer"),
    "asked": pgettext_lazy("fact of a record", "what was asked for, identifier"),
    "authorisation": pgettext_lazy("fact of a record", "authorisation"),
    "authenticators": pgettext_lazy("fact of a record", "means of signing in"),
    "basis": pgettext_lazy("fact of a record", "grounds"),
    "before": pgettext_lazy("fact of a record", "roles before"),
    "bytes": pgettext_lazy("fact of a record", "size"),
    "case": pgettext_lazy("fact of a record", "case sign"),
    "cause": pgettext_lazy("fact of a record", "cause"),
    "causes": pgettext_lazy("fact of a record", "causes of gaps"),
    "channel": pgettext_lazy("fact of a record", "way on which it came"),
    "certificate": pgettext_lazy("fact of a record", "digest of the certificate"),
    "changed": pgettext_lazy("fact of a record", "changed"),
    "commitment": pgettext_lazy("fact of a record", "salted commitment to the text"),
    "concluded_on": pgettext_lazy("fact of a record", "concluded on"),
    "confirmed": pgettext_lazy("fact of a record", "holds confirmed"),
    "confirmed_by": pgettext_lazy("fact of a record", "confirmed by"),
    "contents": pgettext_lazy("fact of a record", "list of contents"),
    "count": pgettext_lazy("fact of a record", "count"),
    "database": pgettext_lazy("fact of a record", "opening of the storage, by the database"),
    "day": pgettext_lazy("fact of a record", "date of the recording"),
    "decide_by": pgettext_lazy("fact of a record", "to be decided by"),
    "decided_in": pgettext_lazy("fact of a record", "application decided"),
    "decision": pgettext_lazy("fact of a record", "decision"),
    "decided_by": pgettext_lazy("fact of a record", "entry of the decision"),
    "description": pgettext_lazy("fact of a record", "what is wrong"),
    "despite": pgettext_lazy("fact of a record", "used although restricted, on the ground"),
    "digest": pgettext_lazy("fact of a record", "digest"),
    "digests": pgettext_lazy("fact of a record", "digests of the objects"),
    "done": pgettext_lazy("fact of a record", "what was done"),
    "due": pgettext_lazy("fact of a record", "due since"),
    "end": pgettext_lazy("fact of a record", "to"),
    "filed_on": pgettext_lazy("fact of a record", "day that counts as filing"),
    "first": pgettext_lazy("fact of a record", "first entry"),
    "folder": pgettext_lazy("fact of a record", "opening of the storage, by its folder"),
    "follows": pgettext_lazy("fact of a record", "follows the authorisation"),
    "format": pgettext_lazy("fact of a record", "kind of file"),
    "units": pgettext_lazy("fact of a record", "pictures"),
    "from": pgettext_lazy("fact of a record", "from"),
    "from_sha256": pgettext_lazy("fact of a record", "digest of the whole segment"),
    "gap_days": pgettext_lazy("fact of a record", "days without an authorisation before it"),
    "guest": pgettext_lazy("fact of a record", "guest"),
    "hold": pgettext_lazy("fact of a record", "hold"),
    "holds": pgettext_lazy("fact of a record", "holds placed"),
    "id": pgettext_lazy("fact of a record", "identifier"),
    "in_place_of": pgettext_lazy("fact of a record", "in the place of"),
    "in_force_from": pgettext_lazy("fact of a record", "in force from"),
    "index": pgettext_lazy("fact of a record", "entry"),
    "kept": pgettext_lazy("fact of a record", "as it was filed"),
    "issuer": pgettext_lazy("fact of a record", "issued by"),
    "key": pgettext_lazy("fact of a record", "key"),
    "keys": pgettext_lazy("fact of a record", "number of keys"),
    "kind": pgettext_lazy("fact of a record", "kind"),
    "knowledge": pgettext_lazy("fact of a record", "may be evidence, as the office knows"),
    "language": pgettext_lazy("fact of a record", "language"),
    "last": pgettext_lazy("fact of a record", "last entry"),
    "last_day": pgettext_lazy("fact of a record", "last day to file"),
    "late": pgettext_lazy("fact of a record", "filed late"),
    "least": pgettext_lazy("fact of a record", "drawn at least"),
    "lifted": pgettext_lazy("fact of a record", "holds lifted"),
    "lost": pgettext_lazy("fact of a record", "recordings destroyed before"),
    "lost_bytes": pgettext_lazy("fact of a record", "bytes lost"),
    "machinery": pgettext_lazy("fact of a record", "with acts of the machinery"),
    "made": pgettext_lazy("fact of a record", "made"),
    "made_by": pgettext_lazy("fact of a record", "made by"),
    "name": pgettext_lazy("fact of a record", "name"),
    "note": pgettext_lazy("fact of a record", "number of the note"),
    "number": pgettext_lazy("fact of a record", "number"),
    "numbers": pgettext_lazy("fact of a record", "numbers drawn"),
    "object": pgettext_lazy("fact of a record", "object"),
    "objects": pgettext_lazy("fact of a record", "objects"),
    "off_by_s": pgettext_lazy("fact of a record", "difference"),
    "on": pgettext_lazy("fact of a record", "on the day"),
    "only": pgettext_lazy("fact of a record", "only acts of this kind"),
    "outcome": pgettext_lazy("fact of a record", "outcome of the review"),
    "passed": pgettext_lazy("fact of a record", "passed"),
    "percent": pgettext_lazy("fact of a record", "drawn of a hundred"),
    "operation": pgettext_lazy("fact of a record", "operation at"),
    "own": pgettext_lazy("fact of a record", "own viewing"),
    "person": pgettext_lazy("fact of a record", "person"),
    "page": pgettext_lazy("fact of a record", "page"),
    "party": pgettext_lazy("fact of a record", "party of the agreement"),
    "people": pgettext_lazy("fact of a record", "people covered"),
    "pictures": pgettext_lazy("fact of a record", "pictures"),
    "paper": pgettext_lazy("fact of a record", "number of the paper"),
    "paper_kind": pgettext_lazy("fact of a record", "kind of paper"),
    "grounds": pgettext_lazy("fact of a record", "grounds"),
    "place": pgettext_lazy("fact of a record", "place"),
    "reminder": pgettext_lazy("fact of a record", "reminder"),
    "right": pgettext_lazy("fact of a record", "right"),
    "waits_for": pgettext_lazy("fact of a record", "waits for the decision on"),
    "withdrawn_on": pgettext_lazy("fact of a record", "withdrawn on"),
    "population": pgettext_lazy("fact of a record", "viewings of the week"),
    "protocol": pgettext_lazy("fact of a record", "protocol by version of the regulation"),
    "presented": pgettext_lazy("fact of a record", "presented, as the browser reports"),
    "provisional": pgettext_lazy("fact of a record", "until the decision"),
    "purpose": pgettext_lazy("fact of a record", "purpose"),
    "reason": pgettext_lazy("fact of a record", "reason"),
    "received_on": pgettext_lazy("fact of a record", "received on"),
    "recipient": pgettext_lazy("fact of a record", "public half of the key"),
    "recovered": pgettext_lazy("fact of a record", "cut short"),
    "blocks": pgettext_lazy("fact of a record", "opened by nobody"),
    "erased": pgettext_lazy("fact of a record", "erasures granted"),
    "erasure": pgettext_lazy("fact of a record", "erasure"),
    "register": pgettext_lazy("fact of a record", "register"),
    "review_on": pgettext_lazy("fact of a record", "review"),
    "roles": pgettext_lazy("fact of a record", "roles"),
    "root": pgettext_lazy("fact of a record", "root of the ledger"),
    "rule": pgettext_lazy("fact of a record", "rule"),
    "second": pgettext_lazy("fact of a record", "second person"),
    "second_steps_removed": pgettext_lazy("fact of a record", "codes and passkeys taken off"),
    "seen": pgettext_lazy("fact of a record", "handed to the browser"),
    "seconds": pgettext_lazy("fact of a record", "seconds"),
    "segment": pgettext_lazy("fact of a record", "segment"),
    "segments": pgettext_lazy("fact of a record", "segments"),
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
    "until": pgettext_lazy("fact of a record", "until"),
    "version": pgettext_lazy("fact of a record", "version"),
    "was": pgettext_lazy("fact of a record", "digest before"),
    "week": pgettext_lazy("fact of a record", "week"),
    "watch": pgettext_lazy("fact of a record", "watching"),
    "way": pgettext_lazy("fact of a record", "way of signing in"),
    "why": pgettext_lazy("fact of a record", "why"),
    "witnessed": pgettext_lazy("fact of a record", "entries that the witness saw"),
}


@cache
def fact_names() -> Words:
    """Return what every fact is called, with those of every kind of stream."""
    return with_streams(FACT_NAMES, lambda words: words.fact_names)


def fact_name(name: str) -> str:
    """Return a fact's name in the reader's language; one that is not known here as it was entered."""
    return str(fact_names().get(name, name))


_KINDS: Words = {
    **{str(kind): words for kind, words in KINDS.items()},
    "clock": _("the program's clock"),
    "capacity": _("too little room for the retention period"),
    "older-database": _("a database older than its ledger, put back"),
    "overdue": _("recordings overdue for destruction"),
    "hold-review": _("a hold to be reviewed"),
    "hold-undecided": _("a provisional hold without a decision"),
    "copy-due": _("a copy whose last day has come"),
    "mail-fails": _("reminders by e-mail that the mail server does not take"),
    **{kind.value: words for kind, words in CASE_KINDS.items()},
    "in-force": _("the regulation came into force"),
    "staff-told": _("employees were told"),
    "places-marked": _("places were marked"),
    "statement-outstanding": _("a written statement is missing"),
    "totp": _("codes of an application"),
    "passkey": _("passkey"),
    "recovery-codes": _("recovery codes"),
}
OUTCOMES: Words = {
    Outcome.IN_ORDER: _("in order"),
    Outcome.QUESTION: _("a question: somebody has to answer first"),
    Outcome.BREACH_SUSPECTED: _("a breach is suspected"),
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
    "acts": ACTS,
    "act": ACTS,
    "changed": _REACHED,
}
_ONE: Mapping[str, Words] = {
    "rule": RULES,
    "reason": RULES,
    "register": _REGISTERS,
    "format": _FORMATS,
    "outcome": OUTCOMES,
    "answer": _ANSWERS,
    "channel": {channel.value: words for channel, words in CHANNELS.items()},
    "delivery": copies.DELIVERIES,
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
    "sign_in": _SIGN_IN,
}

_PERIOD = re.compile(r"(maximum|fixed) (\d+) (days|weeks|months)(.*)", re.DOTALL)


@cache
def _by_fact() -> tuple[Mapping[str, Words], Mapping[str, Words]]:
    """Return the words of facts that are one identifier, and of those that are several, with those of every kind of stream."""
    one: dict[str, Words] = {
        **_ONE,
        "kind": _KINDS,
        "stream": UNRECORDED_WORDS,
        "only": {**nouns(), **{name: group_title(name) for name in groups()}},
    }
    several = dict(_SEVERAL)
    for stream, words in WORDS.items():
        one["stream"] = {**one["stream"], stream: words.name}
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
