"""Acts of cases that the ledger enters; none holds a name, a number or a text of an application."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

CASE_ENTERED = Act("case.entered", _("Application {number} entered: {kind}, received on {received_on}"))
"""From now on it is decided on; what it asks for is held in the same transaction."""

CASE_DECIDED = Act("case.decided", _("Application {number} decided: {decision}"))
"""Its holds are confirmed or lifted in the same transaction."""

CASE_CORRECTED = Act("case.corrected", _("Application {number} corrected"))
"""What stood there before is kept, bound by this entry; no text stands in it."""

CASE_WITHDRAWN = Act("case.withdrawn", _("Application {number} withdrawn by the applicant on {withdrawn_on}"))
"""It waits for whoever decides to say what becomes of what is held."""

CASE_PROLONGED = Act("case.prolonged", _("Answer to application {number} put off until {decide_by}"))
"""Once, within the term, with reasons (GDPR art. 12(3))."""

CASE_ERASED = Act("case.erased", _("What the applicant of {number} said was erased: {grounds}"))
"""The case stays with its days, its holds and its decision."""

CASE_REMINDED = Act(
    "case.reminded", _("Reminder of application {number} sent to {person}: {reminder}, last day {decide_by}")
)
"""The mail server took it; it holds the number and the day alone."""

PAPER_MADE = Act("case.paper-made", _("Paper {paper} of {number} made"))
"""With the SHA-256 of the file that was handed out."""

PAPER_TAKEN = Act("case.paper-taken", _("Paper {paper} of {number} handed out again"))
"""The same bytes as when it was made."""

PAPER_SEALED = Act(
    "case.paper-sealed",
    _("Paper {paper} of {number} sealed with the office's electronic seal"),
)
"""With the SHA-256 of the seal's certificate, and whether an authority stamped it; entered before the sealed file is kept."""

RECIPIENT_TOLD = Act(
    "case.recipient-told",
    _("Recipient of hand-over {hand_over} told of the decision on application {number} on {told_on}"),
)
"""GDPR art. 19: whoever got the recording was told that it was rectified, erased or restricted."""

CHANGES = (CASE_ENTERED, CASE_CORRECTED, CASE_WITHDRAWN, CASE_PROLONGED, CASE_DECIDED, CASE_ERASED)
"""Acts that change the case itself."""
