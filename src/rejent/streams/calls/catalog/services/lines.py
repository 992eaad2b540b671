"""Adding and changing lines whose calls are recorded."""

import os.path
import uuid

from django.db import transaction

from rejent.catalog.errors import AddressRefusedError, SourceRefusedError
from rejent.catalog.models import Source
from rejent.catalog.services.sources import (
    demand_free_name,
    demand_stream,
    demand_words,
    enter_added,
    enter_changed,
    free_position,
    present_source,
)
from rejent.kernel.clock import Clock, civil_date
from rejent.streams.calls.catalog.lines.addresses import (
    CALLS,
    DRILLED,
    FolderLine,
    LineAddress,
    StatedLine,
    changed_line,
    comes_as_files,
    line_address,
    read_line,
)
from rejent.streams.calls.catalog.services.listening_addresses import demand_free_to_record


def add_line(*, name: str, stated: StatedLine, clock: Clock, actor: str, drill: bool = False) -> str:
    """Add a line and give its identifier; its calls are recorded once its stream's gates are open.

    Args:
        name: what people call it.
        stated: how its calls reach us, and which they are.
        clock: dates the act.
        actor: who adds it.
        drill: it is a drill's, whose calls are none of the office's.

    Raises:
        SourceRefusedError: the regulation in force has no such stream, or the name is none.
        AddressRefusedError: what is stated of it cannot be what it should be, another line reads the folder,
            calls are answered at the address, or its numbers are those of drills.
        SourceNameTakenError: a source of this name exists.
    """
    called = name.strip()
    demand_words(called)
    demand_stream(CALLS, civil_date(clock.now()))
    address = line_address(stated)
    if not drill:
        _demand_no_drill(address)
    with transaction.atomic():
        demand_free_name(called)
        _demand_own_folder(address)
        demand_free_to_record(address)
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

    An empty key of refusal takes the key away.

    Raises:
        SourceRefusedError: it is no line, or nothing is to be changed.
        AddressRefusedError: as `add_line`.
        NoSuchSourceError: there is no such source, or it was removed.
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
        _demand_no_drill(address)
        _demand_own_folder(address, but=source_id)
        demand_free_to_record(address)
        row.address = address.text
        enter_changed(row, ["address"], clock=clock, actor=actor)


def _demand_no_drill(address: LineAddress) -> None:
    """See that the calls of a line are not taken for those of a drill, which no search finds."""
    if any(number.startswith(DRILLED) for number in address.numbers):
        raise AddressRefusedError(
            "Numbers that begin with {number} are those of drills.",
            number=DRILLED,
            advice="Give the beginnings of the office's own numbers.",
        )


def _demand_own_folder(address: LineAddress, but: str = "") -> None:
    """See that no other line takes its calls from this folder, from one in it or one that holds it: each would be taken over twice."""
    if not isinstance(address, FolderLine):
        return
    own = os.path.normpath(address.folder)
    for told in (
        Source.objects.filter(stream=CALLS, removed_at__isnull=True)
        .exclude(pk=but)
        .values_list("address", flat=True)
    ):
        other = read_line(told) if comes_as_files(told) else None
        if not isinstance(other, FolderLine):
            continue
        theirs = os.path.normpath(other.folder)
        if os.path.commonpath((own, theirs)) in {own, theirs}:
            raise AddressRefusedError(
                "Another line takes its calls from this folder, or from one within or around it.",
                advice="Give each line a folder of its own, or that line the numbers of both.",
            )
