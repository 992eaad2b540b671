"""Parts of the pages of calls that the pages of every stream ask for."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from rejent.access import queries as access
from rejent.catalog.views import SourceView
from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.office.regulation.vocabulary import StreamName
from rejent.office.views import PersonView
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog.notices.wav import seconds_of
from rejent.streams.calls.pages.finding.items import calls_as_items
from rejent.streams.calls.pages.holds import way_to_call
from rejent.streams.calls.pages.listening import heard
from rejent.streams.calls.pages.report import of_calls
from rejent.streams.calls.pages.words.call_words import place_words, way_words
from rejent.streams.calls.pages.words.notice_words import ANNOUNCEMENTS
from rejent.streams.calls.retention.alarms import MISSING
from rejent.web.stream_parts import Place, SourcePages, StreamPages, ViewingWords
from rejent.web.words.wording import number


def _hears(person: PersonView) -> bool:
    return access.barred(person, "recordings", StreamName.CALLS, clock=settings.CLOCK) is None


def _is_prescribed(_person: PersonView) -> bool:
    return StreamName.CALLS in office.streams(civil_date(settings.CLOCK.now()))


def _is_read(_person: PersonView) -> bool:
    return "outgoing" in office.announced_directions(StreamName.CALLS, civil_date(settings.CLOCK.now()))


def _of_line(source: SourceView) -> dict[str, Any]:
    return {
        "way": way_words(source.address_shown),
        "last_call": call_queries.last_call(source.id),
        "announcements": [
            (one, ANNOUNCEMENTS[one.kind], seconds_of(one.sound))
            for one in reversed(call_queries.announcements(source.id))
        ],
    }


def _counted(count: int, length: str) -> str:
    said = ngettext(
        "%(n)s listening, %(length)s altogether.", "%(n)s listenings, %(length)s altogether.", count
    )
    return said % {"n": number(count), "length": length}


PAGES = StreamPages(
    show=heard,
    finder="calls",
    asked_again=lambda call: reverse("call-open", args=[call]),
    words=ViewingWords(
        source=_("Line"),
        source_on_paper=_("Line"),
        item=_("Call"),
        one_item=_("one call"),
        item_time=_("Date and hour of the call"),
        find=_("Find a call"),
        protocol=_("Protocol of listening %(number)s"),
        act=_("listening to a recorded call"),
        opening=_("Who listened to which telephone call, why, what it held and what follows from it."),
        by=_("Listened to by"),
        at=_("Date and time of listening"),
        parts=_("Parts that were listened to"),
        seen=_("Listened to"),
        signature=_("date and signature of who listened"),
        heading=_("The listening"),
        still_open=_("The call is still open."),
        go_on=_("Go on listening"),
        stop=_("End the listening"),
        guests=_(
            "People without an authorisation hear a call only beside somebody who has one. Each is entered, before they hear it."
        ),
        to_recording=_("To the call"),
        nobody_else=_("Nobody else listens"),
        ban=_("What is heard is neither copied nor recorded."),
        kept_by_item=_("A call is held from its own page."),
        counted=_counted,
    ),
    group=_("Calls"),
    places=(
        Place(route="calls", title=_("Find a call"), icon="phone", shown=_hears, begins="recordings"),
        Place(route="announcement-read", title=_("Announcement read"), icon="circle-check", shown=_is_read),
        Place(route="refused-numbers", title=_("Refusals of recording"), icon="x", shown=_is_prescribed),
        Place(
            route="completeness", title=_("Completeness of calls"), icon="list-check", shown=_is_prescribed
        ),
    ),
    items=calls_as_items,
    way_to_item=way_to_call,
    by_interval=False,
    by_source=False,
    sources=SourcePages(
        table="calls/lines.html",
        facts="calls/line_facts.html",
        more="calls/line_announcements.html",
        told=_of_line,
        address=lambda line: place_words(line.address_shown),
        finder=lambda _: reverse("calls"),
        empty=(
            _("There is no line yet"),
            _(
                "The regulation in force prescribes calls and no cameras. Whoever runs the program adds a line on the server; its calls are recorded from then on."
            ),
            "phone",
        ),
    ),
    report=of_calls,
    alarms={MISSING: ("completeness", _("Calls are missing that the exchange told of"))},
)
