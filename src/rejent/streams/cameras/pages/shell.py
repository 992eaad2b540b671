"""Parts of the pages of cameras that the pages of every stream ask for."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from rejent.office.regulation.vocabulary import StreamName
from rejent.streams.cameras.pages.player import player_page
from rejent.web.stream_parts import Place, SourcePages, StreamPages, ViewingWords, not_barred
from rejent.web.words.wording import number


def _counted(count: int, length: str) -> str:
    sentence = ngettext(
        "%(n)s viewing, handed over: %(length)s.", "%(n)s viewings, handed over: %(length)s.", count
    )
    return sentence % {"n": number(count), "length": length}


PAGES = StreamPages(
    show=player_page,
    finder="find",
    asked_again=lambda _: reverse("find"),
    words=ViewingWords(
        source=_("Camera"),
        source_on_paper=_("Source"),
        every_source=_("every camera"),
        sought=_("Which cameras may have recorded it"),
        find=_("Find a recording"),
        open=_("Open the recording"),
        protocol=_("Protocol of viewing %(number)s"),
        act=_("viewing of a recording"),
        opening=_("Who saw which recording, why, what it showed and what follows from it."),
        by=_("Watched by"),
        at=_("Date and time of watching"),
        presented=_("Presented, as the browser reports"),
        signature=_("date and signature of the viewer"),
        heading=_("The viewing"),
        still_open=_("The viewing goes on."),
        go_on=_("Go on with the viewing"),
        stop=_("End the viewing"),
        guests=_(
            "People without an authorisation see a recording only beside somebody who has one. Each is entered, before they see the picture."
        ),
        to_recording=_("To the picture"),
        nobody_else=_("Nobody else watches"),
        ban=_("The screen is neither photographed nor filmed."),
        copied=_(
            "The recording is copied exactly, from the key picture before, and sealed under a key of its own. Nobody sees it."
        ),
        counted=_counted,
    ),
    group=_("Picture"),
    places=(
        Place(
            route="live",
            title=_("Live picture"),
            icon="layout-grid",
            shown=not_barred("live", StreamName.VIDEO),
            begins="live",
        ),
        Place(
            route="find",
            title=_("Find a recording"),
            icon="search",
            shown=not_barred("recordings", StreamName.VIDEO),
            begins="recordings",
        ),
    ),
    live="live",
    by_interval=True,
    by_source=True,
    sources=SourcePages(
        table="cameras/cameras.html",
        facts="cameras/camera_facts.html",
        more="",
        facts_of=lambda _: {},
        address=lambda camera: camera.address_shown,
        finder=lambda source: f"{reverse('find')}?source={source}",
        add=("source-new", _("Add a camera")),
        change="source-address",
        empty=(
            _("There are no cameras yet"),
            _("Add the first camera. It records as soon as its picture arrives."),
            "device-cctv",
        ),
    ),
)
