"""The documents that an office should be showing today, as plates and publications are compared with them."""

from collections.abc import Hashable, Sequence

from django.conf import settings

from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock, civil_date
from rejent.notices.documents.views import LANGUAGES, Document, DocumentKind
from rejent.notices.models import Wording
from rejent.notices.queries import documents_in_force
from rejent.office import queries as office
from rejent.office.errors import NoRegulationError
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.rows import GuardedModel

MADE_OF: tuple[type[GuardedModel], ...] = (*office.OF_STREAMS, *catalog.OF_SOURCES, Wording)
"""Models of the rows that documents are made of."""
DAYS = 4
"""Days whose documents are remembered: midnight passes, clocks are set."""


def documents(clock: Clock) -> Sequence[Document]:
    """Return the documents of every stream in force today, in every language; nothing while no regulation is in force."""
    return _documents.get(day_and_installation(clock), lambda: _made(clock))


def day_and_installation(clock: Clock) -> Hashable:
    """Return what documents depend on beside rows: the civil date, the names of the pages, and whether the installation is a test one."""
    return (civil_date(clock.now()), settings.INSTALLATION.hosts, settings.INSTALLATION.test)


def plates(documents: Sequence[Document]) -> dict[str, Document]:
    """Return the plates that should hang, by their digests."""
    return {each.digest: each for each in documents if each.kind is DocumentKind.PLATE}


def _made(clock: Clock) -> Sequence[Document]:
    try:
        return tuple(each for language in LANGUAGES for each in documents_in_force(language, clock=clock))
    except NoRegulationError:
        return ()


_documents = VerifiedOnce[Sequence[Document]](*MADE_OF, most=DAYS)
