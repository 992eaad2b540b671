"""Acts of the registers that the ledger enters."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

ENTRY_ERASED = Act("registers.entry-erased", _("Record of entry {index} erased: {reason}"))
"""The readable record of an entry was removed; its commitment stays."""

ENTRY_LOST = Act("registers.entry-lost", _("Entry whose record was lost when an older database was put back"))
"""Only the commitment of this entry is left, taken back from the published ledger."""

ENTRIES_LOST = Act(
    "registers.entries-lost",
    _("Entries {first} to {last} taken back without their records: the database was older than the ledger"),
)
"""The program found an older database; the entries between stay in the ledger, unreadable. Nothing is destroyed until accepted."""

ENTRIES_ACCEPTED = Act("registers.entries-accepted", _("Database older than its ledger accepted: {reason}"))
"""A person vouches for the database that was put back."""

ROLLBACK_ACCEPTED = Act(
    "registers.rollback-accepted",
    _("Ledger that does not continue a witnessed state of {witnessed} entries accepted: {reason}"),
)
"""Database and ledger were put back together; a person vouches for going on, and the record keeps what the witness saw."""

REGISTER_EXPORTED = Act(
    "registers.exported", _("Register exported: {register} as {format}, number of rows: {count}")
)
"""A register left the program as a file; the record says what its rows were chosen by. Entered before the first row goes."""

REGISTER_CLOSED = Act(
    "registers.closed", _("Register closed for the year {year}: {register}, number of rows: {count}")
)
"""A year of a register is fixed: the record holds the digests of its files. Later entries change the register, never what was closed."""


MACHINERY = ("clock.steady", "gap.corrected", "segment.mended", "segment.resealed", "segment.sealed")
"""The partial indexes of the register leave them out, so a change of this list is a migration."""
