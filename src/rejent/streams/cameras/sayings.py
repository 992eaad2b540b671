"""Camera monitoring in the words of the documents that tell people of it."""

from django.utils.translation import gettext_lazy as _

from rejent.notices.stream_parts import Sayings

SAYINGS = Sayings(
    name=_("camera monitoring"),
    recorded=_(
        "Cameras record the picture of the monitored areas. No sound is recorded, and no faces are recognised."
    ),
    data=(_("the picture of a person"), _("how they behave"), _("place and time")),
    people=(_("staff"), _("clients of the office"), _("other people in the monitored areas")),
    provision=_(
        "No law and no contract obliges you to let yourself be recorded; whoever enters a monitored area is recorded."
    ),
    plate=_("Monitored area"),
    pictogram="camera",
    necessity=(
        _("Why can the purposes not be reached by milder means, such as locks, lighting or a porter?"),
        _("Why does each area need a camera, and does any camera show more than it must?"),
        _("Why are recordings needed for so long?"),
    ),
    risks=(
        _("people feel watched and behave otherwise"),
        _("recordings are seen by somebody without authority, or get into other hands"),
        _("recordings serve another purpose, such as judging somebody's work"),
        _("somebody is confused with another person"),
    ),
)
