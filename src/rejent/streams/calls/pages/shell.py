"""Parts of the pages of calls that the pages of every stream ask for: items, the week's report, words, places."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.kernel.clock import civil_date
from rejent.kernel.telephone import readable_number
from rejent.office import queries as office
from rejent.office.regulation.vocabulary import StreamName
from rejent.office.views import PersonView
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog.announcement_wav import seconds_of
from rejent.streams.calls.catalog.views import CallView
from rejent.streams.calls.pages.announcement_words import ANNOUNCEMENTS
from rejent.streams.calls.pages.find import offer_number
from rejent.streams.calls.pages.listening import listening_page, way_to_call
from rejent.streams.calls.pages.parties import parties_of
from rejent.streams.calls.pages.words import (
    length_of,
    one_call,
    place_words,
    way_words,
    when_called,
)
from rejent.streams.calls.retention.chores import MISSING
from rejent.web.desk import Desk
from rejent.web.stream_parts import (
    Item,
    Place,
    Reading,
    ReportLine,
    Section,
    SourcePages,
    StreamPages,
    ViewingWords,
    not_barred,
    section,
)
from rejent.web.words.stream_parts import Fact
from rejent.web.words.wording import number

WEEK, LEAST = timedelta(days=7), timedelta(microseconds=1)


def calls_as_items(ids: Iterable[str]) -> dict[str, Item]:
    """Return calls by their identifiers, destroyed or not."""
    return {id_: _item(call) for id_, call in call_queries.calls_known(ids).items()}


def _item(call: CallView) -> Item:
    return Item(
        start=call.start,
        end=call.end,
        when=when_called(call),
        length_s=length_of(call),
        facts=tuple(_parties(call)),
        named=partial(one_call, call),
        first_texts=partial(_first_texts, call),
    )


def _first_texts(call: CallView, line: str) -> dict[str, str]:
    """Return the first texts of a protocol of listening, by field; its viewer corrects and completes them."""
    place = [line, *(readable_number(each) for each in (_ours(call),) if each)]
    return {
        "event-time": when_called(call),
        "parties": "\n".join(f"{label}: {', '.join(values)}" for label, values in _parties(call)),
        "place": ", ".join(place),
    }


def _parties(call: CallView) -> Iterator[Fact]:
    if call.destroyed:
        return
    parties = parties_of(call)
    yield gettext("Calling party"), (parties["caller"],)
    yield gettext("Called party"), (parties["called"],)
    if parties["later"]:
        yield gettext("Took part later"), tuple(parties["later"])


def _ours(call: CallView) -> str:
    return {"incoming": call.called, "outgoing": call.caller}.get(call.direction, "")


def of_calls(reading: Reading) -> Iterator[Section]:
    """Yield the calls that should have been announced; nothing of it where no calls are recorded."""
    if catalog.sources(StreamName.CALLS, removed=True):
        empty = gettext(
            "Of every call of this week it is known that its announcement was heard, or none was owed."
        )
        yield section("announced", gettext("Calls without an announcement"), _unannounced(reading), empty)


def _unannounced(reading: Reading) -> Iterator[ReportLine]:
    count = call_queries.unannounced(reading.span.start, reading.span.end)
    if count:
        words = ngettext(
            "Of %(n)s call nothing shows that its announcement was heard.",
            "Of %(n)s calls nothing shows that their announcement was heard.",
            count,
        )
        state = ("attention", gettext("announcement not known"))
        first, last = (civil_date(edge) for edge in (reading.span.start, reading.span.end - LEAST))
        address = f"{reverse('calls-unannounced')}?from={first.isoformat()}&to={last.isoformat()}"
        yield ReportLine(gettext("Calls"), words % {"n": count}, address, state=state)


def _is_prescribed(_person: PersonView) -> bool:
    return StreamName.CALLS in office.streams_if_entered(civil_date(settings.CLOCK.now()))


def _is_read(_person: PersonView) -> bool:
    return _is_prescribed(_person) and "outgoing" in office.announced_directions(
        StreamName.CALLS, civil_date(settings.CLOCK.now())
    )


def _of_line(source: SourceView) -> dict[str, Any]:
    return {
        "way": way_words(source.address_shown),
        "last_call": call_queries.last_call(source.id),
        "misdescribed": call_queries.misdescribed(settings.CLOCK.now() - WEEK, source.id),
        "announcements": [
            (one, ANNOUNCEMENTS[one.kind], seconds_of(one.sound))
            for one in reversed(call_queries.announcements(source.id))
        ],
    }


def _counted(count: int, length: str) -> str:
    sentence = ngettext(
        "%(n)s listening, handed over: %(length)s.", "%(n)s listenings, handed over: %(length)s.", count
    )
    return sentence % {"n": number(count), "length": length}


PAGES = StreamPages(
    show=listening_page,
    finder="calls",
    asked_again=lambda call: reverse("call-open", args=[call]),
    words=ViewingWords(
        source=_("Line"),
        source_on_paper=_("Line"),
        item=_("Call"),
        one_item=_("one call"),
        item_time=_("Date and hour of the call"),
        sought=_("Which lines may have recorded it"),
        find=_("Find a call"),
        open=_("Open the call"),
        protocol=_("Protocol of listening %(number)s"),
        act=_("listening to a recorded call"),
        opening=_("Who listened to which telephone call, why, what it held and what follows from it."),
        by=_("Listened to by"),
        at=_("Date and time of listening"),
        presented=_("Played, as the browser reports"),
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
        copied=_(
            "The whole call is copied exactly, and sealed under a key of its own. Nobody listens to it meanwhile."
        ),
        kept_by_item=_("A call is held from its own page."),
        counted=_counted,
    ),
    group=_("Calls"),
    places=(
        Place(
            route="calls",
            title=_("Find a call"),
            icon="phone",
            shown=not_barred("recordings", StreamName.CALLS),
            begins="recordings",
        ),
        Place(route="announcement-read", title=_("Announcement read"), icon="speakerphone", shown=_is_read),
        Place(
            route="refused-numbers", title=_("Refusals of recording"), icon="phone-off", shown=_is_prescribed
        ),
        Place(
            route="completeness",
            title=_("Completeness of calls"),
            icon="clipboard-check",
            shown=_is_prescribed,
        ),
    ),
    items=calls_as_items,
    desk=Desk(finds=offer_number),
    way_to_item=way_to_call,
    by_interval=False,
    by_source=False,
    sources=SourcePages(
        table="calls/lines.html",
        facts="calls/line_facts.html",
        more="calls/line_announcements.html",
        facts_of=_of_line,
        address=lambda line: place_words(line.address_shown),
        finder=lambda _: reverse("calls"),
        empty=(
            _("There is no line yet"),
            _(
                "The regulation in force prescribes calls and no cameras. A line takes a port, a folder or a network card of the server, so whoever runs the program adds it there, with the command: rejent source add DIR --stream calls --name NAME --siprec ADDRESS:PORT --numbers NUMBERS. Its calls are recorded from then on."
            ),
            "phone",
        ),
    ),
    report=of_calls,
    alarms={MISSING: ("completeness", _("Calls are missing that the exchange told of"))},
)
