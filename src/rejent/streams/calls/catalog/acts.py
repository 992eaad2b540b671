"""Acts of lines and calls in the ledger."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

CALLS_SEARCHED = Act(
    "calls.searched",
    _("Calls looked for by {facts}: {count} found"),
    with_fact={
        "again": _("Calls looked for by {facts} again within ten minutes of entry {index}; times: {again}")
    },
)
"""Somebody looked for a call; the record states which facts were known of it, never the numbers themselves."""

CALL_BEGUN = Act("call.begun", _("Recording of a call on line {source} begun"), by_recorder=True)
"""A call is being recorded; its numbers stand in the catalogue and go with the recording, never in the ledger."""

CALL_NAMED = Act(
    "call.named", _("Parties of a call on line {source} learned while it lasted"), by_recorder=True
)
"""The exchange named a party, or corrected who called, after the call had begun; the record states which and never a number."""

CALL_ENDED = Act(
    "call.ended", _("Recording of a call on line {source} ended, {start} to {end}"), by_recorder=True
)

CALL_REACHES = Act(
    "call.reaches",
    _("A call on line {source}, whose recorder had been killed, is recorded until {end}"),
    by_recorder=True,
)

CALL_REFUSED = Act(
    "call.refused", _("A party refused the recording of a call on line {source}"), by_recorder=True
)
"""Nothing of a call is kept because a party did not want it; the record states how it refused and when, never who it is."""

CALL_LEFT_OUT = Act(
    "call.left-out",
    _("An undecided call on line {source} is not kept; its recorder had been killed"),
    by_recorder=True,
)
"""A recorder was killed before it knew whether a call is to be recorded: what it left is withdrawn.

It was on a line of which undecided calls are not recorded.
"""

CALL_WITHDRAWING = Act(
    "call.withdrawing",
    _("What was recorded of a refused call on line {source} is to be removed"),
)
"""Objects that were booked before the refusal are about to go, and no hold can keep them any more.

The record states as much as that of their removal.
"""

CALL_WITHDRAWN = Act("call.withdrawn", _("What was recorded of a refused call on line {source} removed"))

ANNOUNCEMENT_SET = Act("announcement.set", _("On line {source} from {from} on: {kind}, version {version}"))

ANNOUNCER_SET = Act("announcer.set", _("Announcing of the calls of line {source} set"))

ANNOUNCEMENT_CONFIRMED = Act(
    "announcement.confirmed", _("Reading of an announcement to somebody called confirmed")
)
"""An employee says that they read the announcement in a call they made; to which call that belongs is entered once it is found."""

ANNOUNCEMENT_HEARD = Act(
    "announcement.heard", _("Heard on line {source}: {kind} ({known})"), by_recorder=True
)
"""Our announcing or the exchange reports that somebody heard an announcement; in which call is entered once that is found."""

CALL_ANNOUNCED = Act(
    "call.announced", _("Heard in a call on line {source}: {kind} ({known})"), by_recorder=True
)
"""There is evidence that an announcement was heard in a call; the record states which, how much of it, and how it is known."""

CALLS_DRILL_BEGUN = Act("calls.drill-begun", _("Drill of the recorder of calls begun"))

CALLS_DRILLED = Act(
    "calls.drilled",
    _(
        "Drill of the recorder of calls: {set_up} of {calls} calls were set up, the slowest {added_ms} ms later than usual"
    ),
)

NUMBER_REFUSED = Act(
    "call.number-refused",
    _("Refusal {refusal}: calls of one number are not recorded from now on"),
    by_recorder=True,
)

NUMBER_ALLOWED = Act("call.number-allowed", _("Refusal {refusal} taken back"))

CALL_FILE_REMOVED = Act(
    "call.file-removed",
    _("File of a call on line {source} removed from the exchange, its sealed copy being booked"),
    by_recorder=True,
)

CALL_RECORDS_TAKEN = Act(
    "call.records-taken",
    _("Call records of line {source} taken in from the exchange: {records}"),
    by_recorder=True,
)
"""Call records were taken in; the record holds how many, and of how many nobody answered."""

CALL_FILE_SETTLED = Act(
    "call.file-settled", _("File of the exchange of line {source} looked at: {state}"), by_recorder=True
)

CALL_MISSING = Act(
    "call.missing", _("A call on line {source} that the exchange told of was not recorded: {cause}")
)
