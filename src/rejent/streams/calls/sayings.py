"""Recording of telephone calls in the words of the documents that tell people of it."""

from django.utils.translation import gettext_lazy as _

from rejent.notices.stream_parts import Sayings

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
