"""What access enters in the ledger; people appear by their identifiers."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

AUTHORISATION_ISSUED = Act("authorisation.issued", _("Authorisation {number} issued to person {person}"))
"""The controller's leave for a named person was entered."""

AUTHORISATION_REVOKED = Act("authorisation.revoked", _("Authorisation {number} of person {person} revoked"))
"""An authorisation was taken back; running viewings end."""

VIEWING_OPENED = Act(
    "viewing.opened",
    _("Viewing {number} of source {source} opened by person {person}; purpose: {purpose}, case: {case}"),
)
"""Somebody began to look at recordings, for a stated purpose and case."""

VIEWING_CLOSED = Act("viewing.closed", _("Viewing {number} ended; seen: {seen_s} s"))
"""A viewing ended; the record tells which intervals were handed out."""

VIEWING_REFUSED = Act("viewing.refused", _("Viewing of source {source} refused to person {person}: {rule}"))
"""Somebody wanted to look at recordings and a rule forbade it."""

LIVE_STARTED = Act("live.started", _("Person {person} began to watch {count} live pictures"))
"""Somebody began to watch live pictures."""

LIVE_STOPPED = Act("live.stopped", _("Person {person} stopped watching live pictures after {watched_s} s"))
"""Somebody stopped watching live pictures."""

LIVE_REFUSED = Act("live.refused", _("Live picture of source {source} refused to person {person}: {rule}"))
"""Somebody wanted to watch a live picture and a rule forbade it."""
