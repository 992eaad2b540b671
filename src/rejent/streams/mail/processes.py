"""The process of e-mail: one for all journals."""

from functools import cache

from django.conf import settings

from rejent.catalog import queries
from rejent.catalog.views import RecorderSource
from rejent.recording.stream_parts import Reach, RecorderProcess
from rejent.streams.mail.receiving.admission import Admission, Stamp, stamps
from rejent.streams.mail.sources import is_history
from rejent.streams.mail.threats.settings import mail_settings

MAIL = "mail"


def journals() -> list[RecorderSource]:
    """Return the journals that are received; nobody listens for a history."""
    return [each for each in queries.recorder_sources(stream=MAIL) if not is_history(each.address)]


@cache
def files_at_start() -> frozenset[Stamp]:
    """Return the files of certificates and keys as they are when the process begins, which alone it can read afterwards."""
    return stamps(Admission.of(each.traits) for each in journals())


def _reach() -> Reach:
    stated = mail_settings(settings.INSTALLATION)
    folders = [each for each in (stated.yara_rules, stated.host_lists) if each]
    return Reach([*sorted(file for file, _, _ in files_at_start()), *folders])


PROCESSES = (
    RecorderProcess(
        MAIL,
        "rejent.streams.mail.receiving.process:receive_mail",
        lambda: [()] if journals() else [],
        prepare=_reach,
    ),
)
