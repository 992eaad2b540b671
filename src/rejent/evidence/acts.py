"""Acts of evidence packages that the ledger enters."""

from django.utils.translation import gettext_lazy as _

from rejent.evidence.verifier.layout import PACKED
from rejent.kernel.acts import Act

EVIDENCE_PACKED = Act(PACKED, _("Evidence package {number} put together, list of contents {contents}"))
"""Commits to every file of the package; its proof lies in the package."""

EVIDENCE_ENCRYPTED = Act(
    "evidence.encrypted",
    _("Evidence package {number} encrypted with a code that is kept nowhere; digest of the code {code}"),
)

EVIDENCE_EXPORTED = Act(
    "evidence.exported", _("Recordings of {number} exported for other systems ({format}), files: {count}")
)
