"""The live wall's page; pictures come over `rejent.streams.cameras.pages.live_socket`."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from rejent.access import queries as access
from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import SeeingAct
from rejent.catalog.views import SourceView
from rejent.kernel.numbers import read_number
from rejent.office.regulation.vocabulary import StreamName
from rejent.streams.cameras.pages.words import wall_words
from rejent.web.people.duties import nothing_open
from rejent.web.requests.client_station import client_station, station_words
from rejent.web.requests.visitor import PersonRequest
from rejent.web.words.sources import find_sources

LAYOUTS = (1, 4, 9, 16)


def live(request: PersonRequest) -> HttpResponse:
    """Return the wall with the pictures this person may see; which and how many stand in the address."""
    visible = access.visible_sources(request.person, "live", clock=settings.CLOCK, of_stream=StreamName.VIDEO)
    if not visible:
        raise AccessRefusedError(nothing_open(request.person, SeeingAct.LIVE, StreamName.VIDEO))
    sources = [source for source in find_sources(request, StreamName.VIDEO) if source.id in visible]
    layout = _layout(request.GET.get("layout"), len(sources))
    page, pages = _page(request.GET.get("page"), len(sources), layout)
    shown = sources[page * layout : (page + 1) * layout]
    if chosen := [source for source in sources if source.id == request.GET.get("source")]:
        shown, layout = chosen, 1
    context = {
        "shown": [(number, source, _place(source)) for number, source in enumerate(shown)],
        "ids": ",".join(source.id for source in shown),
        "layout": layout,
        "layouts": LAYOUTS,
        "page": page,
        "pages": range(pages),
        "only": bool(chosen),
        "words": wall_words(),
        "station": station_words(client_station(request)),
    }
    return render(request, "cameras/live.html", context)


def _layout(written: str | None, count: int) -> int:
    asked = read_number(written or "", most=LAYOUTS[-1])
    if asked in LAYOUTS:
        return asked
    return next((layout for layout in LAYOUTS if layout >= count), LAYOUTS[-1])


def _page(written: str | None, count: int, layout: int) -> tuple[int, int]:
    pages = max(1, -(-count // layout))
    return read_number(written or "", most=pages - 1) or 0, pages


def _place(source: SourceView) -> str:
    return f"{source.building} › {source.place}" if source.place else ""
