"""What lines keep about a person: calls of their own telephone number, since it is theirs."""

from django.utils.translation import gettext

from rejent.office.views import PersonView
from rejent.streams.calls.catalog import queries
from rejent.streams.calls.catalog.views import CallView
from rejent.streams.calls.pages.words import direction_words
from rejent.web.stream_parts import OwnData, OwnRecording

MOST = 50
"""Calls that are listed; the others are said to be there."""


def own_data(person: PersonView) -> OwnData:
    """Return the calls in which the person's own number took part; the other party's number is not told."""
    unknown = [
        gettext("The program does not recognise voices: it does not know who spoke."),
        gettext("Calls made from another telephone are not found here."),
    ]
    if not person.extension or person.extension_since is None:
        return OwnData(
            kept=[gettext("No own telephone number is entered for you, so no call is tied to you.")],
            unknown=unknown,
        )
    found = queries.calls_of(person.extension, person.extension_since, limit=MOST + 1)
    return OwnData(
        kept=[
            gettext("Recorded calls of the number %(number)s, which is entered as yours since %(day)s.")
            % {"number": person.extension, "day": f"{person.extension_since:%d.%m.%Y}"}
        ],
        unknown=unknown,
        recordings=[_own(each) for each in found[:MOST]],
        more=len(found) > MOST,
    )


def _own(call: CallView) -> OwnRecording:
    words = gettext("call, %(direction)s") % {"direction": direction_words(call.direction)}
    return OwnRecording(start=call.start, words=words, item=call.id, source_id=call.source_id, day=call.day)
