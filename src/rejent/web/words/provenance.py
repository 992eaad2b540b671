"""Where a demand comes from: the office's own text with its place, or what the program adopted with the reason."""

from django.conf import settings
from django.utils.translation import gettext

from rejent.kernel.clock import civil_date
from rejent.office import queries as office


def source_words(stream: str, key: str) -> str:
    """Return where a provision of the regulation in force comes from, by its key below the stream."""
    rules = office.verified_streams(civil_date(settings.CLOCK.now())).get(stream)
    if rules is None:
        return ""
    why, clause = rules.source_of(key)
    if why:
        return gettext("adopted in the program: %(why)s") % {"why": why}
    return gettext("from the regulation, %(clause)s") % {"clause": clause} if clause else ""
