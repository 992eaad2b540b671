"""Acts of cameras in the ledger."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

TRIAL_PICTURE_SHOWN = Act(
    "source.trial-picture", _("Trial picture shown of the camera at {camera}, which is not recorded")
)
"""Somebody who sets up cameras is shown one small still of a camera that is not recorded; the record states its host and port alone."""
