"""Acts that the catalogue enters in the ledger."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

SOURCE_ADDED = Act("source.added", _("Source {source} of the kind {stream} added"))
"""A camera or another source was entered and may record from now on."""

SOURCE_CHANGED = Act("source.changed", _("Address or password of source {source} changed"))
"""A source is reached by another address, password or transport; the record states which of them, never what they are."""

SOURCE_REMOVED = Act(
    "source.removed", _("Source {source} removed; its recordings stay until their terms end")
)
"""A source was struck off; nothing of what it recorded is touched."""

SOURCE_SWITCHED_ON = Act("source.switched-on", _("Source {source} switched on"))
"""Recording of the source is wanted from now on."""

SOURCE_SWITCHED_OFF = Act("source.switched-off", _("Source {source} switched off"))
"""Recording of the source is not wanted until it is switched on again."""

DAY_KEY_MADE = Act("day-key.made", _("Key of source {source}, {day}, made"))
"""Recordings of the source and date are sealed to it; the record holds its public half."""

DAY_KEY_FORGOTTEN = Act("day-key.forgotten", _("Key of source {source}, {day}, is used no more"))
"""Its private half was lost, or it was never the program's own; nothing more is sealed to it."""

SEGMENT_SEALED = Act(
    "segment.sealed", _("Segment of source {source} sealed, from {start} to {end}"), by_recorder=True
)
"""A segment is durable in the vault and booked."""

SEGMENT_RESEALED = Act("segment.resealed", _("Segment of source {source} sealed under another key"))
"""A held segment was sealed under the hold's own key; the record holds the object's new digest."""

SEGMENTS_REMOVING = Act(
    "segment.removing",
    _("Removal of {segments} recordings of source {source} before their term begun: {erasure}"),
)
"""Single objects are about to go before their key dies; from here on no hold keeps them, and none of them counts as lost."""

GAP_OPENED = Act("gap.opened", _("Source {source} records nothing since {start}: {cause}"), by_recorder=True)
"""A source that should record does not; the gap is still open."""

GAP_CLOSED = Act("gap.closed", _("Gap of source {source} from {start} to {end}: {cause}"), by_recorder=True)
"""A gap has its end."""

GAP_CORRECTED = Act(
    "gap.corrected",
    _("Gap of source {source} from {start} corrected after a segment was booked"),
    by_recorder=True,
)
"""A segment that came late covers what had been entered as a gap; the record states what remains of it."""

STORAGE_OPENED = Act("storage.opened", _("Storage and database opened together (opening no. {count})"))
"""The program started; the count goes up in both places."""

STORAGE_ACCEPTED = Act("storage.accepted", _("Restored storage or database accepted: {reason}"))
"""A person vouched for a copy that was restored from an older state."""
