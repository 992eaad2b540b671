"""What access enters in the ledger."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

AUTHORISATION_ISSUED = Act(
    "authorisation.issued", _("Authorisation {number} issued to person {person} for: {acts}")
)
"""The controller lets a named person see live pictures or recordings; the record tells of what, from when until when."""

AUTHORISATION_REVOKED = Act("authorisation.revoked", _("Authorisation {number} of person {person} revoked"))
"""An authorisation ended before its time; it opens nothing any more."""

VIEWING_OPENED = Act(
    "viewing.opened",
    _("Viewing {number} of source {source} opened by person {person}: {purpose}, case {case}"),
)
"""Somebody with the right to it opened recordings; purpose and case were stated first."""

VIEWING_CLOSED = Act("viewing.closed", _("Viewing {number} closed: {reason}"))
"""A viewing ended; the record tells which parts of the recording were handed to the browser."""

LIVE_STARTED = Act("live.started", _("Person {person} began to watch {count} sources live"))
"""Somebody with the right to it looks at live pictures."""

LIVE_STOPPED = Act("live.stopped", _("Person {person} stopped watching {count} sources live"))
"""The looking at live pictures ended."""

REFUSED = Act(
    "access.refused", _("Person {person} was refused: {act} of source {source}, by the rule {rule}")
)
"""Somebody tried to see what they may not see."""
