"""What was found of a plate, and where something is published, in the reader's words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rejent.notices.plates.views import Condition
from rejent.office.regulation.vocabulary import NoticeChannel

Words = str | Promise
CONDITIONS: Mapping[Condition, Words] = {
    Condition.GOOD: _("it hangs and can be read"),
    Condition.DAMAGED: _("it hangs, but cannot be read as a whole"),
    Condition.MISSING: _("it is not there"),
}
CHANNELS: Mapping[NoticeChannel, Words] = {
    NoticeChannel.WEBSITE: _("website"),
    NoticeChannel.BULLETIN: _("Public Information Bulletin (BIP)"),
    NoticeChannel.NOTICE_BOARD: _("notice board"),
}
