"""The documents that an office should be showing today, as plates and publications are compared with them."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from rejent.notices.documents.views import Document


def documents(day: date) -> Sequence[Document]:
    """Return the documents of every stream in force on a day, in every language; nothing while no regulation is in force."""
    return ()


@lru_cache(maxsize=32)
def paper(document: Document) -> bytes:
    """Return a document as PDF."""
    return b""
