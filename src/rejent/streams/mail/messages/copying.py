"""Copy chosen messages of an open viewing in the clear, byte for byte; each is entered with the digest of its sealed frame."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from rejent.access.views import ViewingView
from rejent.cases.copies import services
from rejent.cases.copies.errors import CopyRefusedError
from rejent.cases.copies.stream_parts import Chosen
from rejent.cases.copies.views import CopyView
from rejent.kernel.intervals import Interval
from rejent.office.views import PersonView
from rejent.registers.services import enter
from rejent.retention.rounds.round import Keeping
from rejent.streams.mail.messages.reading import take_out
from rejent.streams.mail.records.acts import MESSAGE_COPIED

MOST = 200


def copy_messages(
    viewing: ViewingView,
    instants: Iterable[datetime],
    asked: services.Asked,
    *,
    person: PersonView,
    keeping: Keeping,
) -> CopyView:
    """Copy messages of a viewing whose two keys are open; only those of the case's scope that nobody left as private.

    Raises NotFoundError, NoOpeningError, CopyRefusedError, AccessRefusedError.
    """
    chosen, frames, now = list[Chosen](), list[str](), keeping.clock
    wanted = sorted(set(instants))
    if not wanted or len(wanted) > MOST:
        raise CopyRefusedError("Choose one message, and {most} at most.", most=MOST)
    for at in wanted:
        found, message, frame = take_out(viewing, at, clock=now)
        place = found.place
        chosen.append(Chosen(place.segment, Interval(place.at, place.end), message.content))
        frames.append(sha256(frame).hexdigest())

    def noted(copy_id: UUID) -> None:
        for each, frame in zip(chosen, frames, strict=True):
            record = {
                "viewing": viewing.number,
                "at": each.interval.start.isoformat(),
                "sha256": sha256(each.content).hexdigest(),
                "frame": frame,
                "segment": str(each.segment.id),
            }
            subject = f"copy:{copy_id.hex}"
            enter(MESSAGE_COPIED, actor=str(person.id), subject=subject, record=record, at=now.now())

    interval = Interval(chosen[0].interval.start, chosen[-1].interval.end)
    asked = replace(asked, case=viewing.case, source_id=viewing.source_id, interval=interval)
    return services.copy_chosen(asked, chosen, person=person, keeping=keeping, noted=noted)
