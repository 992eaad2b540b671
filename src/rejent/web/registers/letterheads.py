"""The letterhead of the office's documents, in the reader's language."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import get_language, gettext

from rejent.documents.papers import Letterhead
from rejent.evidence.verifier.notes import parsed_key
from rejent.web.requests.context import office_name


def letterhead(title: str, *, made_at: datetime, entry: int | None, office: str = "") -> Letterhead:
    """Return the head and foot of a document that ``entry`` of the ledger records, if one does.

    ``office`` is the name in the document's own regulation; empty for the name in today's.
    """
    return Letterhead(
        language="pl" if (get_language() or "").startswith("pl") else "en",
        office=office or office_name(settings.CLOCK.now()),
        title=title,
        made_at=made_at,
        marks=_marks(entry),
        page=gettext("page {page} of {pages}"),
        warning=gettext("Test installation. Not for use.") if settings.INSTALLATION.test else "",
    )


def _marks(entry: int | None) -> tuple[str, ...]:
    if entry is None:
        return (gettext("The record of this in the register of actions is gone."),)
    if settings.LEDGER.verifier() is None:
        return (gettext("Entry %(index)s in the register of actions") % {"index": entry},)
    text = gettext("Entry %(index)s in the register of actions, ledger %(origin)s")
    return (text % {"index": entry, "origin": settings.LEDGER.origin},)


def fingerprint_facts() -> tuple[tuple[str, str], ...]:
    """Return the fingerprint of the office's key as a paper states it; nothing before the ledger has a key."""
    digits = office_fingerprint()
    return ((gettext("Fingerprint of the office's key"), digits),) if digits else ()


def office_fingerprint() -> str:
    """Return the fingerprint of the office's key in groups of four digits; empty before the ledger has a key."""
    key = settings.LEDGER.verifier()
    return parsed_key(str(key)).fingerprint if key else ""
