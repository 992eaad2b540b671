"""Acts of cases that the ledger enters; none holds a name, a number or a text of an application."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

CASE_ENTERED = Act("case.entered", _("Application {number} entered: {kind}, received on {received_on}"))
"""From now on it is decided on; what it asks for is held in the same transaction."""

CASE_DECIDED = Act("case.decided", _("Application {number} decided: {decision}"))
"""Its holds are confirmed or lifted in the same transaction."""

PAPER_MADE = Act("case.paper-made", _("Paper {paper} of application {number} made"))
"""With the SHA-256 of the file that was handed out."""

PAPER_TAKEN = Act("case.paper-taken", _("Paper {paper} of application {number} handed out again"))
"""The same bytes as when it was made."""

CHANGES = (CASE_ENTERED, CASE_DECIDED)
"""Acts that change the case itself."""
