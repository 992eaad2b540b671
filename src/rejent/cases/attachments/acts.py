"""Acts of attached files that the ledger enters; none holds a file's name, nor a digest of its content that could be tried."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

FILE_KEPT = Act(
    "attachment.kept",
    _("A file of {bytes} bytes attached to {about}"),
    with_fact={"of": _("A file of {bytes} bytes attached to {about}, about {of}")},
)
"""Sealed under a key of its own; with the digest of the sealed bytes."""

FILE_OPENED = Act("attachment.opened", _("A file attached to {about} opened"))
"""Before its first byte leaves; what one person opens again within ten minutes is counted."""

FILE_ERASING = Act("attachment.erasing", _("A file attached to {about} is erased: {grounds}"))
"""Its name is gone with this entry; its key goes next."""

FILE_REMOVED = Act("attachment.removed", _("A file wrongly attached to {about} is removed: {reason}"))
"""Its name is gone with this entry; its key goes next, as that of an erased one."""

FILE_ERASED = Act("attachment.erased", _("A file attached to {about} erased"))
"""Its key is dead and its sealed object is gone."""
