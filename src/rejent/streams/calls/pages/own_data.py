"""What people are told of calls: those of their own number, and the words of documents."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.notices.stream_parts import Sayings
from rejent.office.views import PersonView
from rejent.streams.calls.catalog import queries
from rejent.streams.calls.catalog.views import CallView
from rejent.streams.calls.pages.words import direction_words
from rejent.web.stream_parts import OwnData, OwnRecording

MOST = 50


def own_data(person: PersonView) -> OwnData:
    """Return the calls in which the person's own number took part; the other party's number is not stated."""
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


SAYINGS = Sayings(
    name=_("recording of telephone calls"),
    recorded=_(
        "Telephone calls with the office are recorded: the voices of both parties, their numbers, day and hour."
    ),
    data=(
        _("voice"),
        _("telephone number"),
        _("what is said in the call"),
        _("day, hour and length of the call"),
    ),
    people=(_("callers and people called"), _("staff who speak with them")),
    provision=_(
        "You need not let yourself be recorded. Whoever does not want it can end the call and settle the matter in another way."
    ),
    is_heard=True,
    wordings={
        "retention": _(
            "Recorded calls are kept {period}, counted from the day of the call; then the keys that open them are destroyed, so that nobody can hear them any more."
        ),
        "extension": _("A recorded call is kept longer, {until}, if {reasons}."),
        "recipients": _("Only those entitled by law may receive recorded calls: {recipients}."),
        "not-used": _("Recorded calls are not used to {uses}."),
        "also-used": _("Recorded calls may also be used to {uses}."),
        "preservation": _(
            "If a recorded call may be needed in proceedings, you can ask for it to be kept before its time ends."
        ),
        "staff-manner": _(
            "Calls are sealed as they are recorded; only authorised people listen to them, for one of the purposes listed here, and every listening is entered in a register."
        ),
        "staff-not-supervision": _("Recorded calls are not used to supervise how you work."),
    },
    titles={
        "retention": _("How long we keep recorded calls"),
        "recipients": _("Who may receive recorded calls"),
        "preservation": _("If you need a recorded call"),
        "who-opens": _("Calls heard by"),
    },
    necessity=(
        _(
            "Which provision or task makes the recording necessary? The supervisory authority doubts that offices may record calls on consent (bulletin of November 2023)."
        ),
        _("Why can the purposes not be reached without recording, or by recording fewer lines?"),
        _("Is the way without recording as easy as the recorded one?"),
    ),
    risks=(
        _("people tell of health, family or money, and strangers hear it"),
        _("consent is not free, as there is no real alternative"),
        _("recordings are heard by somebody without authority, or get into other hands"),
        _("recordings serve to judge somebody's work"),
    ),
)
