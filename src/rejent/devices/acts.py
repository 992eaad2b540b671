"""Acts of devices that the ledger enters."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

DEVICE_ADMITTED = Act(
    "device.admitted", _("One-time code given to device {device}, to be used until {until}")
)
"""A device was put on the list; whoever has its code first enrols it."""

DEVICE_ENROLLED = Act("device.enrolled", _("Device {device} enrolled, valid until {until}"))
"""A certificate lets it in: of a station it was given with its key, every other device made its key itself."""

DEVICE_RENEWED = Act("device.renewed", _("Certificate of device {device} renewed until {until}"))

DEVICE_REVOKED = Act("device.revoked", _("Device {device} struck off the list: {reason}"))
"""A device was struck off; what is being seen on it ends with the next piece, and nothing of it is taken any more."""

BATCHES_MISSING = Act(
    "device.batches-missing",
    _("Batches {batch} to {to_batch} of device {device} are missing"),
    by_recorder=True,
)
"""A device said that it has them no more, or the office's database was put back to before them."""

BATCH_FORKED = Act(
    "device.batch-forked",
    _("Two copies of the key of device {device}, or an old state of it: batch {batch} came in another form"),
    by_recorder=True,
)

BATCH_REPLAYED = Act(
    "device.batch-replayed",
    _("Batch {batch} of device {device} came again after later ones"),
    by_recorder=True,
)
