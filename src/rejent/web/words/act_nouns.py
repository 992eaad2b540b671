"""Nouns of the acts, for choosing one kind."""

from collections import ChainMap
from functools import cache

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import all_acts
from rejent.web.stream_parts import WORDS, Words

NOUNS: Words = {
    "absence.ended": _("Absence of the head ended"),
    "absence.entered": _("Absence of the head entered"),
    "access.refused": _("Access refused"),
    "agreement.ended": _("Processing agreement ended"),
    "agreement.entered": _("Processing agreement entered"),
    "alarm.ended": _("Alarm over"),
    "alarm.raised": _("Alarm raised"),
    "authorisation.issued": _("Authorisation issued"),
    "authorisation.revoked": _("Authorisation revoked"),
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
    "fault.closed": _("Fault closed"),
    "fault.opened": _("Fault opened"),
    "gap.closed": _("Gap over"),
    "gap.corrected": _("Gap corrected"),
    "gap.opened": _("Gap begun"),
    "gate.entered": _("Condition of a start entered"),
    "hold.ended": _("Hold lifted"),
    "hold.placed": _("Hold placed"),
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
    "registers.entries-accepted": _("Older database accepted"),
    "registers.entries-lost": _("Entries lost with an older database"),
    "registers.entry-erased": _("Record of an entry erased"),
    "registers.entry-lost": _("Entry without its record"),
    "registers.entry-repeated": _("Repetitions of an entry, counted"),
    "registers.exported": _("Register exported to a file"),
    "registers.rollback-accepted": _("Ledger put back from a copy accepted"),
    "regulation.activated": _("Regulation loaded"),
    "segment.cut": _("Part kept for a hold"),
    "segment.lost": _("Held recording that does not open"),
    "segment.mended": _("Segment finished after a breakdown"),
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
    "supervision.digest-destroyed": _("Kept weekly report destroyed"),
    "supervision.digest-made": _("Weekly report made"),
    "supervision.digest-taken": _("Weekly report taken out"),
    "supervision.drawn": _("Sample of viewings drawn"),
    "supervision.reviewed": _("Viewing reviewed"),
    "token.created": _("Token created"),
    "token.revoked": _("Token revoked"),
    "viewing.closed": _("Viewing closed"),
    "viewing.guest-entered": _("Guest entered"),
    "viewing.opened": _("Viewing opened"),
    "viewing.second-answered": _("Answer of a second person"),
    "viewing.second-asked": _("Second person asked for"),
}


@cache
def nouns() -> Words:
    """Return what each act is called, with those of every kind of stream."""
    return {**NOUNS, **dict(ChainMap(*(dict(words.nouns) for _, words in WORDS.items())))}


def noun_of(name: str) -> str:
    """Return what an act is called; one that this version does not know by its name."""
    return str(nouns().get(name, name))


def acts_by_noun() -> list[tuple[str, str]]:
    """Every act's name and noun in the reader's language, in the order of the nouns."""
    named = [(name, noun_of(name)) for name in all_acts()]
    return sorted(named, key=lambda pair: pair[1].casefold())
