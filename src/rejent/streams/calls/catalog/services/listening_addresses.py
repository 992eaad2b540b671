"""One address, one listener: what takes recording sessions and what answers calls with an announcement are two programs."""

from django.db.models import QuerySet

from rejent.catalog.errors import AddressRefusedError
from rejent.catalog.models import Source
from rejent.streams.calls.catalog.lines.addresses import LineAddress, SiprecLine, read_line
from rejent.streams.calls.catalog.lines.announcers import AnnouncerAddress, read_announcer
from rejent.streams.calls.catalog.models import Announcer


def demand_free_to_announce(address: AnnouncerAddress, source_id: str) -> None:
    """See that neither another line's calls are answered there, nor any line's recording sessions taken.

    Raises:
        AddressRefusedError: one of both is so.
    """
    for other in _announcers().exclude(source=source_id).values_list("address", flat=True):
        if _place(read_announcer(other)) == _place(address):
            raise AddressRefusedError(
                "The calls of another line are answered there.",
                advice="Give each line a port of its own.",
            )
    present = Source.objects.filter(address__startswith="siprec", removed_at__isnull=True)
    for told in present.values_list("address", flat=True):
        line = read_line(told)
        if isinstance(line, SiprecLine) and _place(line) == _place(address):
            raise AddressRefusedError(
                "Recording sessions of a line are taken at this address.",
                advice="Answer calls at another port: whoever listens first would keep the other out.",
            )


def demand_free_to_record(address: LineAddress) -> None:
    """See that no line's calls are answered where a line's recording sessions are to be taken.

    Raises:
        AddressRefusedError: they are.
    """
    if isinstance(address, SiprecLine) and any(
        _place(read_announcer(told)) == _place(address)
        for told in _announcers().values_list("address", flat=True)
    ):
        raise AddressRefusedError(
            "Calls are answered with an announcement at this address.",
            advice="Take recording sessions at another port: whoever listens first would keep the other out.",
        )


def _announcers() -> QuerySet[Announcer]:
    return Announcer.objects.filter(source__removed_at__isnull=True)


def _place(address: AnnouncerAddress | SiprecLine) -> tuple[str, int]:
    return address.host, address.port
