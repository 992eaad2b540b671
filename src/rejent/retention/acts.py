"""Acts of retention."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

HOLD_PLACED = Act(
    "hold.placed",
    _("Hold {number} placed on source {source}, from {start} to {end}, for case {case}"),
    with_fact={
        "provisional": _(
            "Provisional hold {number} placed on source {source}, from {start} to {end}, until application {case} is decided"
        ),
        "item": _("Hold {number} placed on one recording of source {source}, of {start}, for case {case}"),
    },
)
"""From now on nothing in the interval is destroyed."""

HOLD_REVIEWED = Act(
    "hold.reviewed",
    _("Hold {number} reviewed and kept, next review {review_on}: {reason}"),
    with_fact={
        "decided_in": _("Hold {number} confirmed by the decision on {decided_in}, next review {review_on}"),
        "waits_for": _("Provisional hold {number} waits for the decision on {waits_for} until {review_on}"),
    },
)
"""Somebody looked whether the case still needs it."""

HOLD_RESTRICTED = Act(
    "hold.restricted",
    _(
        "Hold {number} confirmed by the decision on {decided_in}: nobody opens what it keeps, next review {review_on}"
    ),
)
"""The processing is restricted until the hold ends (GDPR art. 18)."""

HOLD_ENDED = Act(
    "hold.ended",
    _("Hold {number} ended: {reason}"),
    with_fact={"decided_in": _("Hold {number} ended by the decision on {decided_in}")},
)
"""Recordings past their term that no other hold keeps go with the next round."""

DESTRUCTION_DECIDED = Act(
    "destruction.decided", _("Destruction {number} of source {source}, {day}, decided by the rule {rule}")
)
"""A term has ended; what holds keep is about to be sealed under another key."""

DESTRUCTION_KEY = Act(
    "destruction.key-destroyed", _("Destruction {number}: key of source {source}, {day}, destroyed")
)
"""The point of no return; entered before the key goes."""

DESTRUCTION_DONE = Act(
    "destruction.done",
    _("Destruction {number} done: {segments} segments, size {bytes}, of source {source}, {day}"),
)
"""The objects are gone too; the digest says which they were."""

SEGMENT_CUT = Act(
    "segment.cut", _("Part of a segment of source {source} kept for hold {hold}, from {start} to {end}")
)
"""A held part of a segment became an object of its own; the record names the digest it came from."""

SURVIVOR_LOST = Act(
    "segment.lost", _("Segment of source {source} kept by hold {hold} does not open any more: {why}")
)
"""A hold covers a segment whose object is gone or damaged beyond opening; there was nothing left to keep."""

UNKNOWN_SURVIVOR = Act(
    "destruction.left-unknown",
    _("Destruction {number} left {objects} objects of source {source} that it cannot explain"),
)
"""Objects were sealed under a key of survivors that the catalogue does not know: an older database was restored."""

SEGMENT_MENDED = Act("segment.mended", _("Segment of source {source} from {start}, cut short, finished"))
"""A segment that a crash cut short was sealed again, whole, under the same key."""

KEY_DISCLOSED = Act("key.disclosed", _("Key of source {source}, {day}, disclosed: {purpose}"))
"""Whoever got it can open the civil date's recordings without this program."""

KEYS_BACKED_UP = Act("keys.backed-up", _("Backup of {keys} keys made; its carrier is destroyed by {until}"))
"""A file was written from which keys can be brought back; no key is in it that must die before the file does."""

KEYS_RESTORED = Act("keys.restored", _("Keys restored from a backup of {keys} keys made {made}"))
"""A key store was lost; what must be dead stayed dead."""

CLOCK_AHEAD = Act("clock.ahead", _("Clock {off_by_s} ahead of the time that has passed; destruction stopped"))
"""Nothing is destroyed until a person confirms the clock or it returns."""

CLOCK_BEHIND = Act("clock.behind", _("Clock {off_by_s} off against an instant already seen"))
"""The clock was set back; no recording lives again by it."""

CLOCK_STEADY = Act("clock.steady", _("Clock steady again"))
"""The clock agrees again with the time that has passed."""

CLOCK_CONFIRMED = Act("clock.confirmed", _("Clock confirmed, {off_by_s} off; destruction goes on"))
"""A person vouched for the clock."""

ALARM_RAISED = Act("alarm.raised", _("Alarm: {kind}"))
"""Something needs a person; the record says what."""

ALARM_ENDED = Act("alarm.ended", _("Alarm over: {kind}"))
"""The cause of the alarm is over."""

ERASURE_ASKED = Act(
    "erasure.asked", _("Erasure {number} of a recording of source {source} asked for: {case}")
)
"""Somebody recorded wants it erased before its term; where consent is withdrawn, nobody opens it from here on."""

ERASURE_DECIDED = Act(
    "erasure.decided", _("Erasure {number} of a recording of source {source} decided: {case}")
)
"""It goes before its term as far as no hold keeps it, and nobody opens it any more."""

ERASURE_DROPPED = Act(
    "erasure.dropped", _("Erasure {number} of a recording of source {source} not granted: {case}")
)
"""The recording follows its ordinary term."""

ERASURE_REMOVED = Act(
    "erasure.removed",
    _("Erasure {number}: {segments} recordings of source {source} removed, others are held"),
)
"""What no hold keeps is gone; the rest goes once its hold ends."""

ERASURE_DONE = Act(
    "erasure.done", _("Erasure {number} of a recording of source {source} done, recordings: {segments}")
)
"""Nothing of it is left; the record holds the digest over what was removed."""
