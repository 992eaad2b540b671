"""Acts of access that the ledger enters."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

AUTHORISATION_ISSUED = Act(
    "authorisation.issued", _("Authorisation {number} issued to person {person} for: {acts}")
)
"""The controller lets a named person see live pictures or recordings; the record says of what, from when until when."""

AUTHORISATION_REVOKED = Act("authorisation.revoked", _("Authorisation {number} of person {person} revoked"))

VIEWING_OPENED = Act(
    "viewing.opened",
    _("Viewing {number} of source {source} opened by person {person}: {purpose}, case {case}"),
    with_fact={
        "sources": _(
            "Viewing {number} of sources {sources} opened by person {person}: {purpose}, case {case}"
        ),
        "item": _(
            "Viewing {number} of one recording of source {source} opened by person {person}: {purpose}, case {case}"
        ),
    },
)
"""Somebody with the right to it opened recordings; purpose and case were stated first."""

SECOND_ASKED = Act(
    "viewing.second-asked",
    _("Person {person} asks for a second person to open source {source}: {purpose}, case {case}"),
    with_fact={
        "sources": _(
            "Person {person} asks for a second person to open sources {sources}: {purpose}, case {case}"
        )
    },
)
"""Somebody wants to open recordings that two people open together; the record says which, and until when it waits."""

SECOND_ANSWERED = Act(
    "viewing.second-answered", _("Person {second} answered as the second person beside {person}: {answer}")
)

SECOND_USED = Act(
    "viewing.second-used", _("Agreement of the second person {second} used for viewing {number}")
)
"""A viewing was opened with the agreement of a second person, which opens no other."""

GUEST_ENTERED = Act(
    "viewing.guest-entered", _("Guest {guest} of viewing {number} entered by person {person}")
)
"""Somebody without an authorisation sees a viewing; who it is stands beside the ledger, which holds a commitment."""

VIEWING_CLOSED = Act("viewing.closed", _("Viewing {number} closed: {reason}"))
"""A viewing ended; the record says which parts of the recording were handed to the browser, and what the browser says it presented."""

PROTOCOL_FINISHED = Act("protocol.finished", _("Protocol of viewing {number} finished by person {person}"))
"""The viewer confirmed what the viewing showed and led to; the record holds a commitment to the text, not the text."""

PROTOCOL_CONCLUDED = Act(
    "protocol.concluded",
    _("Protocol of viewing {number} finished for person {person}, who has left the office"),
)
"""The viewer left the office before finishing; who decides there finished in their place."""

PROTOCOL_POSITION = Act("protocol.position-stated", _("Position stated on the protocol of viewing {number}"))
"""The office's position on a viewing was stated, with whether it was the protection officer's."""

PROTOCOL_NOTED = Act("protocol.noted", _("Note {note} appended to the protocol of viewing {number}"))
"""A finished protocol was corrected or completed; what stood there stays."""

PROTOCOL_EXPORTED = Act("protocol.exported", _("Protocol of viewing {number} handed out as a file"))

LIVE_STARTED = Act("live.started", _("Person {person} began to watch {count} sources live"))

LIVE_STOPPED = Act("live.stopped", _("Person {person} stopped watching {count} sources live"))

REFUSED = Act(
    "access.refused",
    _("Person {person} was refused: {act} of source {source}, by the rule {rule}"),
    with_fact={
        "again": _(
            "Person {person} was refused again by the rule {rule} within ten minutes of entry {index}; times: {again}"
        ),
        "page": _("Person {person} was refused the page {page}, by the rule {rule}"),
        "operation": _("Person {person} was refused an operation at {operation}, by the rule {rule}"),
    },
)
"""Somebody tried to see or do what they may not; the first of ten minutes by one rule, then how often it came again."""

SAMPLE_DRAWN = Act(
    "supervision.drawn",
    _("Sample of week {week} drawn for review, by lot: {count} of {population} viewings"),
)
"""The record names the signed state that decided the lots, and the numbers; anybody can draw again and compare."""

VIEWING_REVIEWED = Act("supervision.reviewed", _("Viewing {number} reviewed: {outcome}"))
"""A supervisor looked at what a viewing was opened for and what of it was shown; their note is bound by a commitment."""

REPORT_MADE = Act("supervision.report-made", _("Report of week {week} made for supervision"))
"""The record holds the digest of the file that is kept."""

REPORT_TAKEN = Act("supervision.report-taken", _("Report of week {week} taken out of the program"))
"""It says who saw what and why, with names; entered before it is handed out."""

REPORT_DESTROYED = Act("supervision.report-destroyed", _("Kept report of week {week} destroyed"))
"""Its time was over; its digest stays."""
