"""Acts of evidence packages that the ledger enters."""

from django.utils.translation import gettext_lazy as _

from rejent.evidence.verifier.layout import PACKED
from rejent.kernel.acts import Act

EVIDENCE_PACKED = Act(PACKED, _("Evidence package {number} put together, list of contents {contents}"))
"""Commits to every file of the package; its proof lies in the package."""

EVIDENCE_TAKEN = Act(
    "evidence.taken",
    _("Evidence package {number} taken without a code"),
    with_fact={
        "code case": _("Evidence package {number} taken for application {case}; digest of its code {code}"),
        "code": _("Evidence package {number} taken; digest of its code {code}"),
        "keys": _("Evidence package {number} taken, encrypted to the keys {keys}"),
        "format": _("Recordings of {number} exported for other systems ({format}), files: {count}"),
        "case": _("Evidence package {number} taken without a code, for application {case}"),
    },
)
"""Entered before its first byte leaves. Without a code it opens wherever it is; a code is kept nowhere."""
