"""Acts of copies that the ledger enters; none holds the name of a recipient."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

COPY_BEGUN = Act("copy.begun", _("A copy for application {case} begun"))
"""From now on a keeper finishes it, if whoever began it cannot."""

COPY_PLANNED = Act("copy.planned", _("What is hidden in a copy derived from {number} was set"))
"""Carries the digest of the plan; see `rejent.cases.copies.redaction.plan_digest`."""

COPY_MADE = Act("copy.made", _("Copy {number} made for application {case}; to be destroyed by {due_on}"))
"""Carries the digest over what is in it; see `rejent.cases.copies.rules.content_digest`."""

COPY_ABANDONED = Act("copy.abandoned", _("A copy for application {case} could not be made"))
"""Nothing was left to be copied; its key is dead, and it has no number."""

COPY_RENEWED = Act("copy.renewed", _("Copy {number} kept until {due_on}, by application {case}"))
"""A further application came before its end."""

COPY_WRITTEN = Act("copy.written", _("Copy {number}: package {package} written to a carrier ({medium})"))
"""The word of whoever wrote it; ``package`` is the entry by which the package left."""

COPY_UNWRITTEN = Act(
    "copy.unwritten", _("Copy {number}: it does not count any more that package {package} was written")
)
"""Entered wrongly, or the carrier is broken or lost; the reason stands with the copy."""

HAND_OVER_PREPARED = Act(
    "copy.hand-over-prepared", _("Hand-over {number} of copy {copy} prepared for application {case}")
)
"""Its paper is a draft; nothing is handed over."""

HAND_OVER_SIGNED = Act(
    "copy.hand-over-signed", _("Paper of hand-over {number} signed ({signing}) on {signed_on}")
)
"""The word of who hands over."""

HAND_OVER_WITHDRAWN = Act(
    "copy.hand-over-withdrawn", _("Hand-over {number} of copy {copy} withdrawn: nothing was handed over")
)
"""Its number stays in the register."""

COPY_HANDED_OVER = Act(
    "copy.handed-over", _("Copy {copy} handed over for application {case}: {number}, {handed_at}")
)
"""Entered after its paper was signed and the carrier changed hands."""

COPY_LEFT = Act("copy.left", _("Copy {copy} counts as handed over from now on, by {number}"))
"""Binds the copy's own row to the hand-over that stands before it."""

COPY_DELIVERED = Act(
    "copy.delivered",
    _("Hand-over {number}: sent ({delivery}) {sent_at}"),
    with_fact={
        "sent_at received_at": _(
            "Hand-over {number}: delivered ({delivery}), sent {sent_at}, received {received_at}"
        ),
        "received_at": _("Hand-over {number}: delivered ({delivery}), received {received_at}"),
    },
)
"""A later one is added where more is known, or the earlier one was wrong; none is changed."""

COMMISSION_APPOINTED = Act(
    "commission.appointed", _("Commission {number} appointed to destroy {count} copies")
)
"""By the head, or by the deputy in the head's absence."""

COMMISSION_CONFIRMED = Act(
    "commission.confirmed", _("Commission {number}: a member confirmed the destruction")
)
"""Each member does so in their own session."""

COMMISSION_DISSOLVED = Act("commission.dissolved", _("Commission {number} dissolved: {reason}"))
"""Its copies can be given to another one."""

COPY_DYING = Act(
    "copy.dying", _("Copy {number}: every member of commission {commission} confirmed its destruction")
)
"""The point of no return: its key goes next."""

COPY_DESTROYED = Act("copy.destroyed", _("Copy {number} destroyed by commission {commission}"))
"""Its key is dead and its objects are gone."""

COMMISSION_DONE = Act(
    "commission.done", _("Commission {number} destroyed {count} copies; its protocol is ready")
)
"""Nothing is left of what it was appointed for."""
