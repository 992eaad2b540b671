"""Acts of telling people that the ledger enters."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

WORDING_ENTERED = Act(
    "notices.wording-entered",
    _(
        "Own wording {number} of the passage “{passage}” ({stream}, {language}) entered, in force from {in_force_from}"
    ),
    with_fact={
        "ended": _(
            "The passage “{passage}” ({stream}, {language}) goes back to the program's wording from {in_force_from} by entry {number}"
        )
    },
)
"""With the digest of the text; the text stands in the row, bound by this entry."""
