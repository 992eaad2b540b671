"""What the facts of a record are called on the page that proves it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

FACT_NAMES: Mapping[str, str | Promise] = {
    "act": pgettext_lazy("fact of a record", "act"),
    "acts": pgettext_lazy("fact of a record", "acts"),
    "authorisation": pgettext_lazy("fact of a record", "authorisation"),
    "basis": pgettext_lazy("fact of a record", "grounds"),
    "before": pgettext_lazy("fact of a record", "roles before"),
    "bytes": pgettext_lazy("fact of a record", "size"),
    "case": pgettext_lazy("fact of a record", "case sign"),
    "cause": pgettext_lazy("fact of a record", "cause"),
    "count": pgettext_lazy("fact of a record", "count"),
    "day": pgettext_lazy("fact of a record", "date of the recording"),
    "decided_by": pgettext_lazy("fact of a record", "entry of the decision"),
    "digest": pgettext_lazy("fact of a record", "digest"),
    "end": pgettext_lazy("fact of a record", "to"),
    "first": pgettext_lazy("fact of a record", "first entry"),
    "frames": pgettext_lazy("fact of a record", "pictures"),
    "from": pgettext_lazy("fact of a record", "from"),
    "hold": pgettext_lazy("fact of a record", "hold"),
    "id": pgettext_lazy("fact of a record", "identifier"),
    "in_force_from": pgettext_lazy("fact of a record", "in force from"),
    "index": pgettext_lazy("fact of a record", "entry"),
    "key": pgettext_lazy("fact of a record", "key"),
    "keys": pgettext_lazy("fact of a record", "number of keys"),
    "kind": pgettext_lazy("fact of a record", "kind"),
    "last": pgettext_lazy("fact of a record", "last entry"),
    "made": pgettext_lazy("fact of a record", "made"),
    "name": pgettext_lazy("fact of a record", "name"),
    "note": pgettext_lazy("fact of a record", "note"),
    "number": pgettext_lazy("fact of a record", "number"),
    "object": pgettext_lazy("fact of a record", "object"),
    "objects": pgettext_lazy("fact of a record", "objects"),
    "off_by_s": pgettext_lazy("fact of a record", "difference in seconds"),
    "on": pgettext_lazy("fact of a record", "on the day"),
    "person": pgettext_lazy("fact of a record", "person"),
    "place": pgettext_lazy("fact of a record", "place"),
    "purpose": pgettext_lazy("fact of a record", "purpose"),
    "reason": pgettext_lazy("fact of a record", "reason"),
    "recipient": pgettext_lazy("fact of a record", "public half of the key"),
    "review_on": pgettext_lazy("fact of a record", "review"),
    "roles": pgettext_lazy("fact of a record", "roles"),
    "rule": pgettext_lazy("fact of a record", "rule"),
    "seen": pgettext_lazy("fact of a record", "watched parts"),
    "seconds": pgettext_lazy("fact of a record", "seconds"),
    "segment": pgettext_lazy("fact of a record", "segment"),
    "segments": pgettext_lazy("fact of a record", "segments"),
    "sha256": pgettext_lazy("fact of a record", "digest of the text"),
    "source": pgettext_lazy("fact of a record", "source"),
    "sources": pgettext_lazy("fact of a record", "sources"),
    "start": pgettext_lazy("fact of a record", "from"),
    "stream": pgettext_lazy("fact of a record", "kind of monitoring"),
    "subject": pgettext_lazy("fact of a record", "subject"),
    "survivors": pgettext_lazy("fact of a record", "kept by holds"),
    "test": pgettext_lazy("fact of a record", "for tests"),
    "token": pgettext_lazy("fact of a record", "token"),
    "until": pgettext_lazy("fact of a record", "until"),
    "version": pgettext_lazy("fact of a record", "version"),
    "was": pgettext_lazy("fact of a record", "digest before"),
    "why": pgettext_lazy("fact of a record", "why"),
}


def fact_name(name: str) -> str:
    """A fact's name in the reader's language; one that is not known here as it was entered."""
    return str(FACT_NAMES.get(name, name))
