"""One address, one listener: what takes recording sessions and what answers calls with an announcement are two programs."""

import os.path
import uuid
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet

from rejent.catalog.coverage import LONGEST
from rejent.catalog.errors import AddressRefusedError, SourceRefusedError
from rejent.catalog.models import Source
from rejent.catalog.services.sources import (
    enter_added,
    enter_changed,
    free_position,
    present_source,
    require_free_name,
    require_stream,
    require_words,
)
from rejent.catalog.stream_parts import SourceForm
from rejent.kernel.clock import Clock, civil_date
from rejent.streams.calls.catalog.acts import CALL_WITHDRAWING, CALL_WITHDRAWN
from rejent.streams.calls.catalog.lines.addresses import (
    CALLS,
    DRILLED,
    LONGEST_FILE,
    FolderLine,
    LineAddress,
    SiprecLine,
    StatedLine,
    changed_line,
    comes_as_files,
    line_address,
    read_line,
)
from rejent.streams.calls.catalog.lines.announcers import AnnouncerAddress, read_announcer
from rejent.streams.calls.catalog.lines.parts import LineCause
from rejent.streams.calls.catalog.models import Announcer, WantedKey
from rejent.streams.calls.catalog.services.calls import forget_destroyed_calls, let_withdraw


def require_free_to_announce(address: AnnouncerAddress, source_id: str) -> None:
    """See that neither another line's calls are answered there, nor any line's recording sessions taken.

    AddressRefusedError: one of both is so.
    """
    for other in _announcers().exclude(source=source_id).values_list("address", flat=True):
        if _place(read_announcer(other)) == _place(address):
            raise AddressRefusedError(
                "The calls of another line are answered there.",
                advice="Give each line a port of its own.",
            )
    present = Source.objects.filter(address__startswith="siprec", removed_at__isnull=True)
    for other in present.values_list("address", flat=True):
        line = read_line(other)
        if isinstance(line, SiprecLine) and _place(line) == _place(address):
            raise AddressRefusedError(
                "Recording sessions of a line are taken at this address.",
                advice="Answer calls at another port: whoever listens first would keep the other out.",
            )


def require_free_to_record(address: LineAddress) -> None:
    """See that no line's calls are answered where a line's recording sessions are to be taken.

    AddressRefusedError: they are.
    """
    if isinstance(address, SiprecLine) and any(
        _place(read_announcer(other)) == _place(address)
        for other in _announcers().values_list("address", flat=True)
    ):
        raise AddressRefusedError(
            "Calls are answered with an announcement at this address.",
            advice="Take recording sessions at another port: whoever listens first would keep the other out.",
        )


def _announcers() -> QuerySet[Announcer]:
    return Announcer.objects.filter(source__removed_at__isnull=True)


def _place(address: AnnouncerAddress | SiprecLine) -> tuple[str, int]:
    return address.host, address.port


def add_line(*, name: str, stated: StatedLine, clock: Clock, actor: str, drill: bool = False) -> str:
    """Add a line and give its identifier; its calls are recorded once its stream's gates are open.

    Calls of a ``drill`` line are none of the office's. SourceRefusedError: the regulation in force has no such stream,
    or the name is none. AddressRefusedError: what is stated cannot be, another line reads the folder, calls are
    answered at the address, or its numbers are those of drills. SourceNameTakenError: a source of this name exists.
    """
    called = name.strip()
    require_words(called)
    require_stream(CALLS, civil_date(clock.now()))
    address = line_address(stated)
    if not drill:
        _require_no_drill(address)
    with transaction.atomic():
        require_free_name(called)
        _require_own_folder(address)
        require_free_to_record(address)
        made = Source.objects.create(
            id=uuid.uuid4().hex,
            stream=CALLS,
            name=called,
            address=address.text,
            added_at=clock.now(),
            position=free_position(),
        )
        enter_added(made, "", actor)
    return made.pk


def change_line(source_id: str, stated: StatedLine, *, clock: Clock, actor: str) -> None:
    """Change how a line's calls reach us, or which they are; what is left out stays as it is.

    An empty key of refusal takes the key away. SourceRefusedError: it is no line, or nothing is to be changed.
    AddressRefusedError: as `add_line`. NoSuchSourceError: there is no such source, or it was removed.
    """
    if stated.is_empty:
        raise SourceRefusedError(
            "There is nothing to change.", advice="Give another address, numbers or callers."
        )
    with transaction.atomic():
        row = present_source(source_id)
        if row.stream != CALLS:
            raise SourceRefusedError("This source is no line.", advice="Change a camera by its --url.")
        address = changed_line(read_line(row.address), stated)
        _require_no_drill(address)
        _require_own_folder(address, but=source_id)
        require_free_to_record(address)
        row.address = address.text
        enter_changed(row, ["address"], clock=clock, actor=actor)


def _require_no_drill(address: LineAddress) -> None:
    """See that the calls of a line are not taken for those of a drill, which no search finds."""
    if any(number.startswith(DRILLED) for number in address.numbers):
        raise AddressRefusedError(
            "Numbers that begin with {number} are those of drills.",
            number=DRILLED,
            advice="Give the beginnings of the office's own numbers.",
        )


def _require_own_folder(address: LineAddress, but: str = "") -> None:
    """See that no other line takes its calls from this folder, from one in it or one that holds it: each would be taken over twice."""
    if not isinstance(address, FolderLine):
        return
    own = os.path.normpath(address.folder)
    for stored in (
        Source.objects.filter(stream=CALLS, removed_at__isnull=True)
        .exclude(pk=but)
        .values_list("address", flat=True)
    ):
        other = read_line(stored) if comes_as_files(stored) else None
        if not isinstance(other, FolderLine):
            continue
        theirs = os.path.normpath(other.folder)
        if os.path.commonpath((own, theirs)) in {own, theirs}:
            raise AddressRefusedError(
                "Another line takes its calls from this folder, or from one within or around it.",
                advice="Give each line a folder of its own, or that line the numbers of both.",
            )


def _longest(address: str) -> timedelta:
    return LONGEST_FILE if comes_as_files(address) else LONGEST


def _wanted_keys() -> Iterable[tuple[str, date]]:
    return list(WantedKey.objects.filter(source__removed_at__isnull=True).values_list("source_id", "day"))


def _keeps_gap(address: str, cause: str) -> bool:
    """Return whether a gap is the line's, which took no calls then.

    Of one that stands for a call's missing sound, or of files that came late, recordings take what they cover.
    """
    return cause != LineCause.NO_RECORDING and not comes_as_files(address)


FORM = SourceForm(
    is_continuous=False,
    reach=_longest,
    longest=_longest,
    comes_late=comes_as_files,
    keeps_gap=_keeps_gap,
    items=True,
    booked=let_withdraw,
    destroyed=forget_destroyed_calls,
    wanted_keys=_wanted_keys,
    withdrawals=(CALL_WITHDRAWING.name, CALL_WITHDRAWN.name),
)
