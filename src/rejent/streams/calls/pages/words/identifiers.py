"""Names of calls' identifiers in the reader's language."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rejent.streams.calls.catalog.lines.causes import LineCause
from rejent.streams.calls.pages.words.call_words import DIRECTIONS
from rejent.streams.calls.pages.words.drill_words import phases_words, steps_words
from rejent.streams.calls.pages.words.notice_words import ANNOUNCEMENTS, DOUBTS, KNOWN
from rejent.web.stream_parts import StreamWords

WORDS = StreamWords(
    name=_("telephone calls"),
    nouns={
        "calls.drill-begun": _("Drill of the recorder of calls begun"),
        "calls.drilled": _("Drill of the recorder of calls"),
        "calls.searched": _("Calls looked for"),
        "call.begun": _("Recording of a call begun"),
        "call.ended": _("Recording of a call over"),
        "call.file-removed": _("File of a call removed from the exchange"),
        "call.file-settled": _("File of the exchange looked at"),
        "call.left-out": _("Call left out whose recorder was killed"),
        "call.missing": _("Call of which no recording is there"),
        "call.reaches": _("End of a call put right"),
        "call.records-taken": _("Call records taken in from the exchange"),
        "call.number-allowed": _("Refusal of recording taken back"),
        "call.number-refused": _("Number entered whose calls are not recorded"),
        "call.refused": _("Recording of a call refused"),
        "call.withdrawn": _("What was recorded of a refused call removed"),
        "call.announced": _("Announcement heard in a call"),
        "announcement.heard": _("Announcement heard"),
        "announcement.set": _("Announcement set"),
        "announcement.confirmed": _("Reading of an announcement confirmed"),
        "announcer.set": _("Announcing of calls set"),
    },
    peoples_own=("announcement.set", "announcer.", "call.number-"),
    fact_names={
        "added_ms": pgettext_lazy("fact of a record", "later than usual, ms"),
        "after_ms": pgettext_lazy("fact of a record", "after the beginning, ms"),
        "announcement": pgettext_lazy("fact of a record", "announcement, number"),
        "announcement_set": pgettext_lazy("fact of a record", "entry that set the announcement"),
        "became": pgettext_lazy("fact of a record", "what became of the caller"),
        "bound_ms": pgettext_lazy("fact of a record", "allowed, ms"),
        "calls": pgettext_lazy("fact of a record", "calls placed"),
        "call": pgettext_lazy("fact of a record", "call"),
        "completed": pgettext_lazy("fact of a record", "heard to its end"),
        "configuration": pgettext_lazy("fact of a record", "digest of the configuration"),
        "direction": pgettext_lazy("fact of a record", "direction of the call"),
        "doubt": pgettext_lazy("fact of a record", "what speaks against it"),
        "facts": pgettext_lazy("fact of a record", "facts known of the call"),
        "file_commitment": pgettext_lazy("fact of a record", "salted commitment to the file"),
        "frozen_s": pgettext_lazy("fact of a record", "frozen for, s"),
        "heard_ms": pgettext_lazy("fact of a record", "heard, ms"),
        "how": pgettext_lazy("fact of a record", "how it was refused"),
        "keys_commitment": pgettext_lazy("fact of a record", "salted commitment to the keys pressed"),
        "known": pgettext_lazy("fact of a record", "how it is known"),
        "likeness_permille": pgettext_lazy("fact of a record", "likeness, ‰"),
        "more": pgettext_lazy("fact of a record", "others fit as well"),
        "phases": pgettext_lazy("fact of a record", "parts"),
        "profile": pgettext_lazy("fact of a record", "how the exchange spoke"),
        "numbers_commitment": pgettext_lazy("fact of a record", "salted commitment to the numbers"),
        "refusal": pgettext_lazy("fact of a record", "refusal"),
        "relayed": pgettext_lazy("fact of a record", "speech relayed by rtpengine"),
        "record": pgettext_lazy("fact of a record", "call record"),
        "records": pgettext_lazy("fact of a record", "call records"),
        "set_up": pgettext_lazy("fact of a record", "calls that were set up"),
        "steps": pgettext_lazy("fact of a record", "parts"),
        "unanswered": pgettext_lazy("fact of a record", "calls that nobody answered"),
    },
    values={
        "direction": DIRECTIONS,
        "how": {"key": _("by a key, during the call"), "list": _("beforehand, by the list of refusals")},
        "known": KNOWN,
        "doubt": DOUBTS,
        "kind": {
            **ANNOUNCEMENTS,
            "missing-calls": _("calls that the exchange told of and of which no recording is there"),
            "legal-basis": _("legal basis, purpose and scope"),
            "unrecorded-route": _("a way to call without being recorded"),
            "announcement-ready": _("the announcement is in place"),
        },
    },
    several={
        "facts": {
            "caller": _("the caller's number"),
            "called": _("the called number"),
            "date": _("the date"),
            "hour": _("the hour"),
            "call": _("the call's address"),
        }
    },
    lists={"steps": steps_words, "phases": phases_words},
    causes={
        LineCause.CANNOT_LISTEN: (
            _("the address where calls are handed over cannot be listened at"),
            _("Check that it is an address of this machine, and that no other program uses it."),
        ),
        LineCause.CANNOT_WATCH: (
            _("the mirror port cannot be looked at"),
            _("Check that its interface is up, and that the service was given CAP_NET_RAW."),
        ),
        LineCause.UNPLUGGED: (
            _("nothing is connected to the mirror port"),
            _("Check the cable and the port of the switch."),
        ),
        LineCause.MIRROR_DROPPED: (
            _("frames of the mirror port found no room; calls may have been missed"),
            _("Mirror less, or give the machine another core."),
        ),
        LineCause.FOLDER_GONE: (
            _("the folder of the exchange, or one within it, cannot be read"),
            _(
                "Check that it is mounted and may be read; what the exchange recorded meanwhile is taken over later."
            ),
        ),
        LineCause.NO_RECORDING: (
            _("the exchange told of a call of which no recording is there"),
            _("Check that the exchange records and hands over every call of this line."),
        ),
    },
    conditions={
        "legal-basis": _("the legal basis of the line"),
        "unrecorded-route": _("a way to call without being recorded"),
        "announcement-ready": _("the announcement"),
    },
)
