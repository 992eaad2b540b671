"""Everything that changes the register of plates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from rejent.cases.attachments.errors import FileRefusedError
from rejent.cases.attachments.permission import OWNERS, Owner
from rejent.cases.attachments.views import Role
from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock, FrozenClock, civil_date
from rejent.ledger.location import LedgerLocation
from rejent.notices.acts import PLATE_CHECKED, PLATE_ENTERED, PLATE_PUT_UP, PLATE_TAKEN_DOWN
from rejent.notices.errors import NoSuchPlateError, PlateRefusedError
from rejent.notices.models import Plate
from rejent.notices.plates import rules
from rejent.notices.plates.queries import SERIES, plate, plate_view
from rejent.notices.plates.views import Condition, PlateView, Size
from rejent.office import queries as office
from rejent.office.regulation.gates import FactKind
from rejent.office.services.regulation import enter_gate
from rejent.registers.books.numbers import written_number
from rejent.registers.guard.rows import first_verified
from rejent.registers.services import enter, take_number
from rejent.retention.services import sign_at_once

_MARK = "T"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlate:
    """A plate as it is made.

    ``place`` and ``covers`` are identifiers of the inventory's places, the second those that the ``areas`` printed on it stand for;
    ``covers`` and ``digest`` are empty for a plate of another make.
    """

    place: int
    streams: Sequence[str]
    areas: Sequence[str]
    size: Size
    spot: str = ""
    covers: Sequence[int] = ()
    digest: str = ""


def enter_plate(new: NewPlate, *, clock: Clock, ledger: LedgerLocation | None, actor: str) -> PlateView:
    """Enter a plate that is made; it does not hang yet.

    Raises PlateRefusedError: place or stream is unknown, or a text is none that is kept; NoRegulationError: no regulation is in force.
    """
    clock = FrozenClock(clock)
    today = civil_date(clock.now())
    version = office.version_in_force(today).version
    if new.place not in {place.id for place in office.places()}:
        raise PlateRefusedError("There is no such place in the inventory.", part="place")
    streams = sorted(set(new.streams))
    if not streams or set(streams) - office.verified_streams(today).keys():
        raise PlateRefusedError("Say of which monitoring the plate informs.", part="streams")
    row = Plate(
        place_id=new.place,
        spot=rules.read_line(new.spot, rules.LONGEST_SPOT, "spot"),
        streams=streams,
        areas=rules.read_areas("\n".join(new.areas)),
        covers=sorted(set(new.covers)),
        digest=new.digest,
        version=version,
        size=new.size.value,
        entered_at=clock.now(),
        entered_by=actor,
    )
    with transaction.atomic():
        row.number = written_number(_MARK, today.year, take_number(SERIES, today.year))
        row.save(force_insert=True)
        _enter(PLATE_ENTERED, row, {"size": row.size}, clock=clock, actor=actor)
    sign_at_once(ledger, clock)
    return plate_view(row)


def put_up(
    number: str, on: date, next_check: date | None, *, clock: Clock, ledger: LedgerLocation | None, actor: str
) -> PlateView:
    """Enter the day a plate was put up; where its streams wait for their places to be marked, that is entered with it.

    Raises NoSuchPlateError: there is none; PlateRefusedError: it hangs already, was taken down, or one of the days cannot be.
    """
    clock = FrozenClock(clock)
    today = civil_date(clock.now())
    rules.require_up_since(on, today)
    with transaction.atomic():
        row = _locked(number)
        if row.up_since is not None or row.down_on is not None:
            raise PlateRefusedError("The plate was put up before.", part="up_since")
        row.up_since, row.next_check_on = on, rules.next_check(next_check, today)
        _mark_streams(row, clock, actor)
        days = {"up_since": on.isoformat(), "next_check_on": row.next_check_on.isoformat()}
        _enter(PLATE_PUT_UP, row, days, clock=clock, actor=actor)
        row.save()
    sign_at_once(ledger, clock)
    return plate_view(row)


def _mark_streams(row: Plate, clock: Clock, actor: str) -> None:
    """Enter for each stream of a plate that its places are being marked, where nothing of it is entered.

    Each source waits for its own plate besides.
    """
    today = civil_date(clock.now())
    for stream in row.streams:
        conditions = {each.name: each for each in office.gates(stream, today).conditions}
        waiting = conditions.get(FactKind.PLACES_MARKED)
        if waiting is not None and waiting.met_from is None and row.up_since is not None:
            enter_gate(
                stream, FactKind.PLACES_MARKED, row.up_since, note=row.number, clock=clock, actor=actor
            )


def check_plate(
    number: str,
    found: Condition,
    next_check: date | None,
    *,
    clock: Clock,
    ledger: LedgerLocation | None,
    actor: str,
) -> PlateView:
    """Enter what somebody found who looked at a plate today.

    Raises NoSuchPlateError: there is none; PlateRefusedError: it does not hang, or the day of the next look cannot be.
    """
    clock = FrozenClock(clock)
    with transaction.atomic():
        row = _locked(number)
        if row.up_since is None or row.down_on is not None:
            raise PlateRefusedError(
                "This plate does not hang anywhere.", advice="Enter first that it was put up."
            )
        row.checked_at, row.checked_by, row.condition = clock.now(), actor, found.value
        row.next_check_on = rules.next_check(next_check, civil_date(clock.now()))
        facts = {"found": found.value, "next_check_on": row.next_check_on.isoformat()}
        _enter(PLATE_CHECKED, row, facts, clock=clock, actor=actor)
        row.save()
    sign_at_once(ledger, clock)
    return plate_view(row)


def take_down(
    number: str, on: date, reason: str, *, clock: Clock, ledger: LedgerLocation | None, actor: str
) -> PlateView:
    """Enter that a plate was taken down, or is not put up after all.

    Raises NoSuchPlateError: there is none; PlateRefusedError: it was taken down before, no reason is given, or the day cannot be.
    """
    clock = FrozenClock(clock)
    reason = rules.read_line(reason, rules.LONGEST_REASON, "reason")
    if not reason:
        raise PlateRefusedError("Say why the plate was taken down.", part="reason")
    with transaction.atomic():
        row = _locked(number)
        if row.down_on is not None:
            raise PlateRefusedError("The plate was taken down before.")
        if on > civil_date(clock.now()) or (row.up_since is not None and on < row.up_since):
            raise PlateRefusedError(
                "A plate is taken down after it was put up, and not later than today.", part="down_on"
            )
        row.down_on, row.down_reason = on, reason
        _enter(PLATE_TAKEN_DOWN, row, {"down_on": on.isoformat(), "reason": reason}, clock=clock, actor=actor)
        row.save()
    sign_at_once(ledger, clock)
    return plate_view(row)


def _locked(number: str) -> Plate:
    rows = Plate.objects.select_for_update().filter(number=number)
    return first_verified(rows, NoSuchPlateError("There is no plate {number}.", number=number))


def _enter(act: Act, row: Plate, facts: Mapping[str, object], *, clock: Clock, actor: str) -> None:
    record = {"number": row.number, **facts}
    enter(act, actor=actor, subject=f"plate:{row.number}", record=record, at=clock.now(), row=row)


PLATE = "plate"


def announce() -> None:
    """Let plates take photos."""
    OWNERS[PLATE] = Owner(
        roles=frozenset({Role.PHOTO}),
        attach="check-plate",
        see="see-notices",
        remove="enter-plate",
        require_open=_require_open,
    )


def photos_of(number: str) -> str:
    """Return what the ledger calls a plate that photos belong to."""
    return f"{PLATE}:{number}"


def _require_open(number: str) -> None:
    if plate(number).down_on is not None:
        raise FileRefusedError("The plate was taken down; no photo is added any more.")
