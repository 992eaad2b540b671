"""Adding and changing lines whose calls are recorded."""

import uuid
from collections.abc import Sequence

from django.db import transaction

from rejent.catalog.acts import SOURCE_CHANGED
from rejent.catalog.errors import SourceRefusedError
from rejent.catalog.lines import LineAddress, line_address, read_line
from rejent.catalog.models import Source
from rejent.catalog.services.sources import (
    demand_free_name,
    demand_stream,
    demand_words,
    enter_added,
    free_position,
    present_source,
)
from rejent.catalog.ways import way_digest
from rejent.kernel.clock import Clock, civil_date
from rejent.registers.services import enter

CALLS = "calls"


def add_line(
    *,
    name: str,
    siprec: str,
    numbers: Sequence[str],
    callers: Sequence[str],
    undecided: str,
    clock: Clock,
    actor: str,
) -> str:
    """Add a line and give its identifier; its calls are recorded once its stream's gates are open.

    The arguments are those of `rejent.catalog.lines.line_address`.

    Raises:
        SourceRefusedError: the regulation in force has no such stream, or the name is none.
        AddressRefusedError: address, numbers or callers cannot be what they should be.
        SourceNameTakenError: a source of this name exists.
    """
    called = name.strip()
    demand_words(called)
    demand_stream(CALLS, civil_date(clock.now()))
    address = line_address(siprec, numbers, callers, undecided)
    with transaction.atomic():
        demand_free_name(called)
        made = Source.objects.create(
            id=uuid.uuid4().hex,
            stream=CALLS,
            name=called,
            address=address.text,
            transport="",
            added_at=clock.now(),
            position=free_position(),
        )
        enter_added(made, "", actor)
    return made.pk


def change_line(
    source_id: str,
    *,
    clock: Clock,
    actor: str,
    siprec: str = "",
    numbers: Sequence[str] = (),
    callers: Sequence[str] = (),
    undecided: str = "",
) -> None:
    """Change where a line's calls are handed over, which they are or by whom; what is left out stays as it is.

    Raises:
        SourceRefusedError: it is no line, or nothing is to be changed.
        AddressRefusedError: address, numbers or callers cannot be what they should be.
        NoSuchSourceError: there is no such source, or it was removed.
    """
    if not (siprec or numbers or callers or undecided):
        raise SourceRefusedError(
            "There is nothing to change.", advice="Give another address, numbers or callers."
        )
    with transaction.atomic():
        row = present_source(source_id)
        if row.stream != CALLS:
            raise SourceRefusedError("This source is no line.", advice="Change a camera by its --url.")
        before = read_line(row.address)
        row.address = line_address(
            siprec or _place(before),
            numbers or before.numbers,
            callers or before.callers,
            undecided or before.undecided,
        ).text
        row.save(update_fields=["address"])
        record = {"source": source_id, "changed": "address", "digest": way_digest(row)}
        enter(SOURCE_CHANGED, actor=actor, subject=f"source:{source_id}", record=record, at=clock.now())


def _place(address: LineAddress) -> str:
    return f"[{address.host}]:{address.port}" if ":" in address.host else f"{address.host}:{address.port}"
