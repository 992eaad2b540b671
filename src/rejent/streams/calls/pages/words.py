"""Words of the pages of calls."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.streams.calls.catalog.lines.parts import LineCause
from rejent.streams.calls.catalog.queries.lengths import LONGER, SHARE, SHORTER
from rejent.streams.calls.catalog.turns import TOO_MANY_TURNS
from rejent.streams.calls.catalog.views import CallView
from rejent.streams.calls.pages.announcement_words import ANNOUNCEMENTS, DOUBTS, KNOWN
from rejent.web.words.script_words import player_words
from rejent.web.words.states import cause_words
from rejent.web.words.stream_parts import StreamWords
from rejent.web.words.wording import (
    day_digits,
    duration_short,
    moment_digits,
    span_digits,
    time_digits,
    whole_seconds,
)

DIRECTIONS: Mapping[str, str | Promise] = {
    "incoming": pgettext_lazy("call", "incoming"),
    "outgoing": pgettext_lazy("call", "outgoing"),
    "internal": pgettext_lazy("call", "internal"),
    "undecided": pgettext_lazy("call", "direction not known"),
}

_WAYS: Mapping[str, str | Promise] = {
    "siprec": _("the exchange hands them over (SIPREC)"),
    "siprecs": _("the exchange hands them over, encrypted (SIPREC)"),
    "mirror": _("they are seen at a mirror port"),
    "folder": _("the exchange records them, its files are taken over"),
}


def way_words(address: str) -> str:
    """Return how the calls of a line come, by its address as it is shown."""
    return str(_WAYS.get(address.partition("://")[0], ""))


def place_words(address: str) -> str:
    """Return where the calls of a line come: address and port, interface or folder, without the rest of its address."""
    return unquote(address.partition("://")[2].partition("?")[0])


def direction_words(direction: str) -> str:
    """Return the direction in the reader's language."""
    return str(DIRECTIONS.get(direction, direction))


def when_called(call: CallView) -> str:
    """``21.11.2026 14:30:00–14:44:10``; of a call that goes on its beginning alone."""
    return span_digits(call.start, call.end) if call.end else moment_digits(call.start)


def length_of(call: CallView) -> float | None:
    """Seconds from its beginning to its end as `when_called` says them; nothing while it goes on."""
    return whole_seconds(call.start, call.end) if call.end else None


def one_call(call: CallView, line: str) -> str:
    """Return ``„Sekretariat”, rozmowa z 21.11.2026 14:30``: which call, without a number."""
    moment = f"{day_digits(call.day)} {time_digits(call.start, seconds=False)}"
    return gettext("%(line)s, call of %(moment)s") % {"line": line, "moment": moment}


STEPS: Mapping[str, str | Promise] = {
    "well": _("recorder left alone"),
    "killed": _("recorder killed"),
    "frozen": _("recorder frozen"),
    "filled": _("store full"),
}


def steps_words(steps: Sequence[object]) -> str:
    """Return the parts of a drill."""
    return ", ".join(str(STEPS.get(str(step), step)) for step in steps)


def phases_words(phases: Sequence[Any]) -> str:
    """Return the results of each part: how many calls were set up, and how long the slowest took."""
    return "; ".join(_phase(phase) for phase in phases if isinstance(phase, Mapping))


def _phase(phase: Mapping[str, object]) -> str:
    facts = {"step": steps_words([phase.get("phase", "")])}
    facts |= {name: str(phase.get(name, "–")) for name in ("calls", "set_up", "max_ms", "recorded")}
    return (
        gettext(
            "%(step)s – %(set_up)s of %(calls)s calls were set up, the slowest after %(max_ms)s ms; recorded: %(recorded)s"
        )
        % facts
    )


_CAUSES: Mapping[str, str | Promise] = {
    "too-large": _("the file is larger than 256 MiB and cannot be read in parts"),
    "no-file": _("it is no ordinary file"),
    "too-long": _("it lasts longer than six hours"),
    "past-term": _("the retention period of its day is over"),
    "empty": _("there is nothing in the file"),
    "no-sound": _("no sound can be read from the file"),
    "unreadable": _("what it tells of itself cannot be reckoned with"),
    "one-sided": _("taken over, but one side is silent throughout"),
    "head-short": _(
        "taken over, but its head tells of less sound than the file holds; it is measured and played by what it holds"
    ),
    "head-long": _("taken over, but its head tells of more sound than the file holds: it was cut"),
    "head-none": _("taken over, but its head tells no length; it is measured and played by what it holds"),
}
_COUNTS: Mapping[tuple[str, str], str | Promise] = {
    ("file", "imported"): pgettext_lazy("files of an exchange", "taken over"),
    ("file", "twice"): pgettext_lazy("files of an exchange", "come a second time, entered once"),
    ("file", "left-out"): pgettext_lazy("files of an exchange", "left out by the rules"),
    ("file", "refused"): pgettext_lazy("files of an exchange", "not taken over"),
    ("record", "recorded"): pgettext_lazy("records of an exchange", "recorded"),
    ("record", "missing"): pgettext_lazy("records of an exchange", "missing"),
    ("record", "expected"): pgettext_lazy("records of an exchange", "not compared yet"),
    ("record", "unanswered"): pgettext_lazy("records of an exchange", "answered by nobody, nothing expected"),
    ("record", "left-out"): pgettext_lazy(
        "records of an exchange", "left out by the rules, or from before the line was added"
    ),
}
_KINDS: Mapping[str, str | Promise] = {
    "file": _("Files of the exchange"),
    "record": _("Call records"),
}


def import_cause(cause: str) -> str:
    """Return why a file or a recording is not there, or what is wrong with it, in the reader's language."""
    return "; ".join(
        str(_CAUSES[word]) if word in _CAUSES else cause_words(word) for word in cause.split() or [""]
    )


def tolerance_words() -> str:
    """Return by how much a recording may differ in length from what an exchange says, and why."""
    facts = {
        "shorter": duration_short(SHORTER.total_seconds()),
        "longer": duration_short(LONGER.total_seconds()),
        "share": round(100 * SHARE),
    }
    return (
        gettext(
            "Nothing is said of a recording that is up to %(shorter)s shorter, since the exchange may count the ringing, or up to %(longer)s longer, since the ringing may be recorded; of long calls, up to %(share)s%% either way."
        )
        % facts
    )


def count_lines(counts: Mapping[tuple[str, str], int]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Return how many files and records came to what, under a heading each, without what did not happen."""
    groups = []
    for kind, title in _KINDS.items():
        lines = [
            (str(words), counts[key]) for key, words in _COUNTS.items() if key[0] == kind and counts.get(key)
        ]
        if lines:
            groups.append((str(title), lines))
    return groups


_FAULTS: Mapping[str, str | Promise] = {
    "metadata-no-xml": _("it is no XML"),
    "metadata-declares": _("it declares a document type or an entity, which is never followed"),
    "metadata-too-long": _("it is too long"),
    "metadata-too-much": _("it has too many elements, or they are nested too deeply"),
}


def fault_words(faults: str) -> str:
    """Return in sentences what was wrong with how the exchange described a call; empty where nothing was."""
    named = faults.split()
    reasons = "; ".join(str(_FAULTS.get(each, each)) for each in named if each != TOO_MANY_TURNS)
    text = gettext(
        "The exchange's description of the call could not be read, so that who spoke may be missing: %(faults)s."
    )
    beyond = gettext("More people took part in the call than are entered: who took part last may be missing.")
    sentences = ([text % {"faults": reasons}] if reasons else []) + (
        [beyond] if TOO_MANY_TURNS in named else []
    )
    return " ".join(sentences)


def call_words() -> dict[str, str]:
    """Return the words of a call's page beside or instead of the player's."""
    return player_words() | {
        "failed": gettext("The sound of {time} was not loaded. The recording is on the disk. Try again."),
        "wholeDay": gettext("the whole call"),
        "skipped": gettext("The call did not run at that time."),
        "codec": gettext("This browser cannot play the sound. Use a current one."),
        "ended": gettext("end of the call"),
    }


WORDS = StreamWords(
    name=_("telephone calls"),
    nouns={
        "calls.drill-begun": _("Drill of the recorder of calls begun"),
        "calls.drilled": _("Drill of the recorder of calls"),
        "calls.searched": _("Calls looked for"),
        "call.begun": _("Recording of a call begun"),
        "call.named": _("Parties of a call learned while it lasted"),
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
        "call.withdrawing": _("Removal of a refused call's recording decided"),
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
        "became": pgettext_lazy("fact of a record", "what became of the caller"),
        "bound_ms": pgettext_lazy("fact of a record", "allowed, ms"),
        "calls": pgettext_lazy("fact of a record", "calls placed"),
        "call": pgettext_lazy("fact of a record", "call"),
        "completed": pgettext_lazy("fact of a record", "heard to its end"),
        "configuration": pgettext_lazy("fact of a record", "digest of the configuration"),
        "direction": pgettext_lazy("fact of a record", "direction of the call"),
        "doubt": pgettext_lazy("fact of a record", "what speaks against it"),
        "facts": pgettext_lazy("fact of a record", "facts known of the call"),
        "faults": pgettext_lazy("fact of a record", "what was wrong with the description"),
        "frozen_s": pgettext_lazy("fact of a record", "frozen for, s"),
        "heard_ms": pgettext_lazy("fact of a record", "heard, ms"),
        "how": pgettext_lazy("fact of a record", "how it was refused"),
        "known": pgettext_lazy("fact of a record", "how it is known"),
        "likeness_permille": pgettext_lazy("fact of a record", "likeness, ‰"),
        "more": pgettext_lazy("fact of a record", "others fit as well"),
        "phases": pgettext_lazy("fact of a record", "parts"),
        "profile": pgettext_lazy("fact of a record", "how the exchange spoke"),
        "refusal": pgettext_lazy("fact of a record", "refusal"),
        "relayed": pgettext_lazy("fact of a record", "speech relayed by rtpengine"),
        "record": pgettext_lazy("fact of a record", "call record"),
        "records": pgettext_lazy("fact of a record", "call records"),
        "shown": pgettext_lazy("fact of a record", "of them shown"),
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
        },
        "faults": _FAULTS,
    },
    lists={"steps": steps_words, "phases": phases_words},
    causes={
        LineCause.CANNOT_LISTEN: (
            _("the address where calls are handed over cannot be listened at"),
            _("Check that it is an address of this machine, and that no other program uses it."),
        ),
        LineCause.NO_ROOM: (
            _("more calls came at once than can be recorded"),
            _(
                "Widen the range of ports, rtp_ports under [calls] in rejent.toml, or give the machine more memory."
            ),
        ),
        LineCause.OVERLOADED: (
            _("the machine was too busy to record another call"),
            _("Give it another core, or let fewer other programs run on it."),
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
