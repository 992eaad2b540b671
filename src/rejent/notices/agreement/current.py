"""The documents that an office should be showing today, as plates and publications are compared with them."""

from collections.abc import Sequence

from rejent.kernel.clock import Clock
from rejent.notices.documents.views import LANGUAGES, Document, DocumentKind
from rejent.notices.queries import documents_in_force
from rejent.office.errors import NoRegulationError


def documents(clock: Clock) -> Sequence[Document]:
    """Return the documents of every stream in force today, in every language; nothing while no regulation is in force."""
    try:
        return [each for language in LANGUAGES for each in documents_in_force(language, clock=clock)]
    except NoRegulationError:
        return []


def plates(documents: Sequence[Document]) -> dict[str, Document]:
    """Return the plates that should hang, by their digests."""
    return {each.digest: each for each in documents if each.kind is DocumentKind.PLATE}
