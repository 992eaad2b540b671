"""What the registers themselves enter in the ledger."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

ENTRY_ERASED = Act("registers.entry-erased", _("Record of entry {index} erased: {reason}"))
"""The readable record of an entry was removed; its commitment stays."""
