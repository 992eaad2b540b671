"""What acts are called, and the groups of them by which the register is filtered."""

from collections.abc import Mapping
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import all_acts
from rejent.web.cases.copies import identifiers as copies
from rejent.web.words.stream_parts import WORDS, Words, with_streams

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
    "breach.changed": _("Breach: step entered"),
    "breach.closed": _("Breach closed"),
    "breach.opened": _("Breach entered"),
    "case.corrected": _("Application corrected"),
    "case.decided": _("Application decided"),
    "case.entered": _("Application entered"),
    "case.erased": _("What an applicant said erased"),
    "case.paper-made": _("Paper made"),
    "case.paper-sealed": _("Paper sealed electronically"),
    "case.paper-taken": _("Paper handed out again"),
    "case.prolonged": _("Answer to an application put off"),
    "case.recipient-told": _("Recipient told of a decision"),
    "case.reminded": _("Reminder of an application sent"),
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
    "erasure.asked": _("Erasure asked for"),
    "erasure.decided": _("Erasure granted"),
    "erasure.done": _("Erasure done"),
    "erasure.dropped": _("Erasure not granted"),
    "erasure.removed": _("Part of an erasure done"),
    "evidence.packed": _("Evidence package put together"),
    "evidence.taken": _("Evidence package taken"),
    "fault.closed": _("Fault closed"),
    "fault.opened": _("Fault opened"),
    "gap.closed": _("Gap over"),
    "gap.corrected": _("Gap corrected"),
    "gap.opened": _("Gap begun"),
    "gate.entered": _("Condition of a start entered"),
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
    "mail-server.removed": _("Mail server taken out"),
    "mail-server.set": _("Mail server set"),
    "mail-server.tried": _("Test message to the mail server"),
    "notices.wording-entered": _("Own wording of a document entered"),
    "paper-copy.kept": _("Paper copy of a passphrase entered"),
    "paper-copy.printed": _("Paper copy of a passphrase printed"),
    "people.imported": _("People imported"),
    "person.added": _("Person entered"),
    "person.authenticator-added": _("Means of signing in added"),
    "person.authenticator-removed": _("Means of signing in taken off"),
    "person.authenticators-counted": _("Means of signing in entered at an upgrade"),
    "person.changed": _("Person changed"),
    "person.left": _("Person left"),
    "person.linked": _("Person linked with an account elsewhere"),
    "person.password-off": _("Password turned off"),
    "person.password-set": _("Password set anew"),
    "person.roles-set": _("Roles changed"),
    "person.sign-in-confirmed": _("Confirmed whose account it is"),
    "person.unlinked": _("Link with an account elsewhere taken off"),
    "place.added": _("Place entered"),
    "plate.checked": _("Plate checked"),
    "plate.entered": _("Plate entered"),
    "plate.put-up": _("Plate put up"),
    "plate.taken-down": _("Plate taken down"),
    "protocol.concluded": _("Protocol finished for somebody who has left"),
    "protocol.exported": _("Protocol handed out as a file"),
    "protocol.finished": _("Protocol finished"),
    "protocol.noted": _("Note appended to a protocol"),
    "protocol.position-stated": _("Position stated on a protocol"),
    "publication.accessibility-stated": _("Facts of the accessibility statement entered"),
    "publication.bundle-made": _("Bundle for publication made"),
    "publication.ended": _("Publication ended"),
    "publication.entered": _("Publication entered"),
    "registers.closed": _("Year of a register closed"),
    "registers.entries-accepted": _("Older database accepted"),
    "registers.entries-lost": _("Entries lost with an older database"),
    "registers.entry-erased": _("Record of an entry erased"),
    "registers.entry-lost": _("Entry without its record"),
    "registers.exported": _("Register exported to a file"),
    "registers.rollback-accepted": _("Ledger put back from a copy accepted"),
    "regulation.activated": _("Regulation loaded"),
    "regulation.text-entered": _("Own text of the regulation entered"),
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
    "statement.reminded": _("Reminder of a statement sent"),
    "device.admitted": _("One-time code given to a device"),
    "device.batch-forked": _("Two copies of a device's key"),
    "device.batch-replayed": _("Old batch of a device again"),
    "device.batches-missing": _("Batches of a device missing"),
    "device.enrolled": _("Device enrolled"),
    "device.renewed": _("Certificate of a device renewed"),
    "device.revoked": _("Device struck off"),
    "storage.accepted": _("Restored storage accepted"),
    "storage.opened": _("Storage opened"),
    "supervision.drawn": _("Sample of viewings drawn"),
    "supervision.report-destroyed": _("Kept weekly report destroyed"),
    "supervision.report-made": _("Weekly report made"),
    "supervision.report-taken": _("Weekly report taken out"),
    "supervision.reviewed": _("Viewing reviewed"),
    "token.created": _("Token created"),
    "token.revoked": _("Token revoked"),
    "viewing.closed": _("Viewing closed"),
    "viewing.guest-entered": _("Guest entered"),
    "viewing.opened": _("Viewing opened"),
    "viewing.second-answered": _("Answer of a second person"),
    "viewing.second-asked": _("Second person asked for"),
    "viewing.second-used": _("Agreement of a second person used"),
}


@cache
def nouns() -> Words:
    """Return what each act is called, with those of every kind of stream."""
    return with_streams(NOUNS, lambda words: words.nouns)


def noun_of(name: str) -> str:
    """Return what an act is called; one that this version does not know by its name."""
    return str(nouns().get(name, name))


GROUP = "group:"
"""Beginning of a group's name where a kind of act could stand."""

_PREFIXES: Mapping[str, str] = {
    "seeing": "access viewing live protocol supervision",
    "accounts": "session token person people",
    "rights": "authorisation absence agreement statement fault breach",
    "recording": "source gap segment day-key storage",
    "keeping": "hold destruction erasure key keys clock",
    "office": "installation mail-server paper-copy regulation gate place device alarm registers",
}
"""The first words of the names of acts, by group."""
_TITLES: Words = {
    "seeing": _("Viewing, live picture, refusals"),
    "accounts": _("Signing in and accounts"),
    "rights": _("Authorisations and duties"),
    "recording": _("Sources and recording"),
    "keeping": _("Holds and destruction"),
    "office": _("Office and register"),
}


@cache
def groups() -> Mapping[str, tuple[str, ...]]:
    """Return the names of acts by the name of their group, those of streams in a group of their own."""
    by_prefix = {prefix: name for name, prefixes in _PREFIXES.items() for prefix in prefixes.split()}
    of_stream = {act: stream for stream, words in WORDS.items() for act in words.nouns}
    found: dict[str, list[str]] = {name: [] for name in (*_PREFIXES, *dict(WORDS.items()))}
    for act in all_acts():
        found[of_stream.get(act) or by_prefix.get(act.partition(".")[0], "office")].append(act)
    return {GROUP + name: tuple(acts) for name, acts in found.items() if acts}


def group_title(name: str) -> str | Promise:
    """Return a group's title."""
    bare = name.removeprefix(GROUP)
    return _TITLES[bare] if bare in _TITLES else WORDS.of(bare).name


def acts_of(kind: str) -> tuple[str, ...]:
    """Return the names of the acts that a kind or a group stands for; none for the empty one."""
    return groups().get(kind) or ((kind,) if kind else ())


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
