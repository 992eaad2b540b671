"""What the catalogue enters in the ledger."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

SOURCE_ADDED = Act("source.added", _("Source {source} of the kind {stream} added"))
"""A camera or another source was entered and may record from now on."""

SOURCE_CHANGED = Act("source.changed", _("Address or password of source {source} changed"))
"""A source is reached by another address, password or transport; the record tells which of them, never what they are."""

SOURCE_REMOVED = Act(
    "source.removed", _("Source {source} removed; its recordings stay until their terms end")
)
"""A source was struck off; nothing of what it recorded is touched."""

SOURCE_SWITCHED_ON = Act("source.switched-on", _("Source {source} switched on"))
"""Recording of the source is wanted from now on."""

SOURCE_SWITCHED_OFF = Act("source.switched-off", _("Source {source} switched off"))
"""Recording of the source is not wanted until it is switched on again."""

SEGMENT_SEALED = Act("segment.sealed", _("Segment of source {source} sealed, from {start} to {end}"))
"""A segment is durable in the vault and booked."""

SEGMENT_RESEALED = Act("segment.resealed", _("Segment of source {source} sealed under another key"))
"""What a hold keeps was sealed under the hold's own key; the record tells the object's new digest."""

CALL_BEGUN = Act("call.begun", _("Recording of a call on line {source} begun"))
"""A call is being recorded; its numbers stand in the catalogue and go with the recording, never in the ledger."""

CALL_ENDED = Act("call.ended", _("Recording of a call on line {source} ended, {start} to {end}"))
"""The recording of a call is over; the record tells why."""

CALL_REACHES = Act(
    "call.reaches", _("A call on line {source}, whose recorder had been killed, is recorded until {end}")
)
"""What was mended of a call reaches farther than the end that it had been given meanwhile; the record tells that one, too."""

CALL_REFUSED = Act("call.refused", _("A party refused the recording of a call on line {source}"))
"""Nothing of a call is kept because a party did not want it; the record tells how it refused and when, never who it is."""

CALL_LEFT_OUT = Act(
    "call.left-out", _("An undecided call on line {source} is not kept; its recorder had been killed")
)
"""A recorder was killed before it knew whether a call is to be recorded, on a line of which undecided calls are not: what it left is withdrawn."""

CALL_WITHDRAWN = Act("call.withdrawn", _("What was recorded of a refused call on line {source} removed"))
"""Objects that were booked before the refusal are gone; the record tells how many, their size and their digests."""

ANNOUNCEMENT_SET = Act("announcement.set", _("On line {source} from {from} on: {kind}, version {version}"))
"""What callers of a line hear was set; the record tells the digests of text and sound."""

ANNOUNCER_SET = Act("announcer.set", _("Announcing of the calls of line {source} set"))
"""Where a line's calls are answered with its announcement and where they go then; the record holds the digest alone."""

ANNOUNCEMENT_CONFIRMED = Act(
    "announcement.confirmed", _("Reading of an announcement to somebody called confirmed")
)
"""An employee says that they read the announcement in a call they made; to which call that belongs is entered once it is found."""

ANNOUNCEMENT_HEARD = Act("announcement.heard", _("Heard on line {source}: {kind} ({known})"))
"""Our announcing or the exchange tells that somebody heard an announcement; in which call is entered once that is found."""

CALL_ANNOUNCED = Act("call.announced", _("Heard in a call on line {source}: {kind} ({known})"))
"""There is evidence that an announcement was heard in a call; the record tells which, how much of it, and how it is known."""

CALLS_DRILL_BEGUN = Act("calls.drill-begun", _("Drill of the recorder of calls begun"))
"""The recorder of calls is about to be disturbed on purpose; the record tells how."""

CALLS_DRILLED = Act(
    "calls.drilled",
    _(
        "Drill of the recorder of calls: {set_up} of {calls} calls were set up, the slowest {added_ms} ms later than usual"
    ),
)
"""A drill was held; the record tells what each part of it showed, and no number."""

NUMBER_REFUSED = Act(
    "call.number-refused", _("Refusal {refusal}: calls of one number are not recorded from now on")
)
"""Whoever has a number refused to be recorded; the record holds a commitment to the number, never the number."""

NUMBER_ALLOWED = Act("call.number-allowed", _("Refusal {refusal} taken back"))
"""Calls of the number are recorded again, and the number is forgotten."""

GAP_OPENED = Act("gap.opened", _("Source {source} records nothing since {start}: {cause}"))
"""A source that should record does not; the gap is still open."""

GAP_CLOSED = Act("gap.closed", _("Gap of source {source} from {start} to {end}: {cause}"))
"""A gap has its end."""

GAP_CORRECTED = Act(
    "gap.corrected", _("Gap of source {source} from {start} corrected after a segment was booked")
)
"""A segment that came late covers what had been entered as a gap; the record tells what remains of it."""

STORAGE_OPENED = Act("storage.opened", _("Storage and database opened together (opening no. {count})"))
"""The program started; the count goes up in both places."""

STORAGE_ACCEPTED = Act("storage.accepted", _("Restored storage or database accepted: {reason}"))
"""A person vouched for a copy that was restored from an older state."""

CALL_FILE_REMOVED = Act(
    "call.file-removed",
    _("File of a call on line {source} removed from the exchange, its sealed copy being booked"),
)
"""The office lets the PBX's own recording go once it is taken over."""

CALL_RECORDS_TAKEN = Act(
    "call.records-taken", _("Call records of line {source} taken in from the exchange: {records}")
)
"""What the exchange told of calls; the record holds how many, of how many nobody answered, and a digest of salted commitments."""

CALL_FILE_SETTLED = Act("call.file-settled", _("File of the exchange of line {source} looked at: {state}"))
"""What became of a file in which the exchange recorded a call; the record names no file, but binds its row by a salted commitment."""

CALL_MISSING = Act(
    "call.missing", _("A call on line {source} that the exchange told of was not recorded: {cause}")
)
"""A record of the PBX has no recording; what of its time nothing covers is a gap."""
