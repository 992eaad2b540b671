"""The process of e-mail: one for all journals."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from django.conf import settings

from rejent.catalog import queries
from rejent.catalog.views import RecorderSource
from rejent.recording.stream_parts import Reach, RecorderProcess
from rejent.streams.mail.receiving.admission import Stamp, stamps
from rejent.streams.mail.sources import files_of, is_history, is_socket, listens_at
from rejent.streams.mail.threats.settings import mail_settings

MAIL = "mail"


def journals() -> list[RecorderSource]:
    """Return the journals that are received; nobody listens for a history."""
    return [each for each in queries.recorder_sources(stream=MAIL) if not is_history(each.address)]


@cache
def files_at_start() -> frozenset[Stamp]:
    """Return the files of certificates, keys and maps as they are when the process begins, which alone it can read afterwards."""
    return stamps(file for each in journals() for file in files_of(each.traits))


def socket_folders(sources: Iterable[RecorderSource]) -> frozenset[tuple[str, int]]:
    """Return the folders in which milters listen at sockets, each with its number on its disk, 0 where it is missing."""
    hosts = (listens_at(each.address)[1] for each in sources)
    return frozenset(_numbered(Path(host).parent) for host in hosts if is_socket(host))


def _numbered(folder: Path) -> tuple[str, int]:
    try:
        return str(folder), folder.stat().st_ino
    except OSError:
        return str(folder), 0


@cache
def folders_at_start() -> frozenset[tuple[str, int]]:
    """Return the folders of sockets as they are when the process begins, which can make sockets in no other."""
    return socket_folders(journals())


def _reach() -> Reach:
    stated = mail_settings(settings.INSTALLATION)
    folders = [each for each in (stated.yara_rules, stated.host_lists) if each]
    sockets = sorted(folder for folder, _ in folders_at_start())
    return Reach([*sorted(file for file, _, _ in files_at_start()), *folders], sockets)


PROCESSES = (
    RecorderProcess(
        MAIL,
        "rejent.streams.mail.receiving.process:receive_mail",
        lambda: [()] if journals() else [],
        prepare=_reach,
    ),
)
