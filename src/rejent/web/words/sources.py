"""Sources as pages offer them: with the place beside the name, as far as the reader may know it (R-VID-6)."""

from django.conf import settings
from django.utils.translation import gettext

from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.web.requests.visitor import PersonRequest, may
from rejent.web.stream_parts import PAGES


def find_sources(
    request: PersonRequest, stream: str | None = None, *, removed: bool = False
) -> list[SourceView]:
    """Return sources by name as `catalog.sources`; secret places stand there only for who may know them."""
    places = may(request, "see-secret-places")
    return catalog.sources(stream, removed=removed, with_secret_places=places, clock=settings.CLOCK)


def name_with_place(source: SourceView) -> str:
    """Return the name of a source to choose, and where it is: ``Kamera 7 (Ratusz, hol)``."""
    return f"{source.name} ({', '.join(source.where)})" if source.where else source.name


def streams_there() -> set[str]:
    """Return the streams that the regulation in force prescribes, or that had sources before."""
    prescribed = office.streams_if_entered(civil_date(settings.CLOCK.now()))
    return {*prescribed, *catalog.streams(removed=True).values()}


def recordings_title() -> str:
    """Return what the recordings of every kind there is are called together: where some of them last no time, they are no recordings to anybody."""
    there = streams_there()
    all_last = all(pages.sources.lasting for stream, pages in PAGES.items() if stream in there)
    return gettext("Recordings") if all_last else gettext("Records")
