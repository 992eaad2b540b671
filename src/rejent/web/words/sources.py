"""Sources as pages offer them: with the place beside the name, as far as the reader may know it (R-VID-6)."""

from django.conf import settings

from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.web.requests.visitor import PersonRequest, may


def find_sources(
    request: PersonRequest, stream: str | None = None, *, removed: bool = False
) -> list[SourceView]:
    """Return sources by name as `catalog.sources`; secret places stand there only for who may know them."""
    places = may(request, "see-secret-places")
    return catalog.sources(stream, removed=removed, with_secret_places=places, clock=settings.CLOCK)


def name_with_place(source: SourceView) -> str:
    """Return the name of a source to choose, and where it is: ``Kamera 7 (Ratusz, hol)``."""
    return f"{source.name} ({', '.join(source.where)})" if source.where else source.name
