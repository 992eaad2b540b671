"""Windows that copy, hand over and confirm at once, each a process of its own.

``python -m tests.contract.databases.copy_at_once prepare`` makes an office with a minute that is held for a disclosure consented to, and
prints its camera; ``make CAMERA``, ``draft``, ``hand`` and ``confirm`` say when they are ready, wait to be told, and print what came of it;
``look`` prints what fsck finds and the states of the copies.
"""

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import django

from rejent.kernel.clock import Clock
from rejent.office.views import PersonView
from tests.booked import every_copy
from tests.people import add_person

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LAST_DAY = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
HANDING = frozenset({"write", "draft", "sign", "hand"})
AT_ONCE_NEVER = frozenset({"appoint", "write", "sign"})
ROLES = ("head", "administrator", "clerk", "secretary", "deputy")


def say(line: str) -> None:
    """Tell the test, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def prepare() -> None:
    """The office, its case and three people of a commission."""
    from django.conf import settings

    from rejent.cases import services as cases
    from rejent.cases.views import Kind, State
    from rejent.catalog import services as catalog
    from rejent.kernel.clock import ManualClock
    from rejent.office import queries, services
    from rejent.office.regulation.loading import example
    from tests.unit.cases.application import entered
    from tests.unit.retention.office import RecordingOffice

    clock = ManualClock(NOON + DAY)
    services.activate_regulation(example("pleszew"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    settings.VAULT.vault.mkdir(exist_ok=True)
    catalog.adopt_volume(settings.VAULT.create())
    office = RecordingOffice(Path(), clock, settings.VAULT.store, settings.VAULT.keys)
    camera = office.add_camera("Hol")
    office.record(camera, NOON, b"held")
    for role in ROLES:
        add_person(
            role, post="", roles=[role], username=role, password="Haslo-do-prob-7", clock=clock, actor=""
        )
    number = entered(clock, camera, kind=Kind.DISCLOSURE).number
    head = queries.person_by_username("head")
    cases.decide_case(
        number, State.GRANTED, reasons="", basis="x", knowledge=True, person=head, clock=clock, ledger=None
    )
    say(camera)


def _hand_over(act: str, maker: PersonView, clock: Clock) -> str:
    """Take a step of the hand-over of the first copy; the number that it gives."""
    from rejent.cases.copies import services
    from rejent.cases.copies.views import Signing
    from rejent.kernel.clock import civil_date
    from tests.handing import write_copy

    if act == "write":
        return write_copy("K-2026-1", maker=maker, clock=clock).number
    if act == "draft":
        handing = services.Handing("K-2026-1", "W-2026-1", recipient="Jan Testowy", body="Policja")
        return services.prepare_hand_over(handing, person=maker, clock=clock).number
    if act == "sign":
        today = civil_date(clock.now())
        return services.sign_hand_over("P-2026-1", Signing.PAPER, today, person=maker, clock=clock).number
    return services.hand_over_copy("P-2026-1", clock.now(), person=maker, clock=clock, ledger=None).number


def done(act: str, window: int, *camera: str) -> str:
    """One of the acts; its outcome, or the code of the refusal."""
    from django.conf import settings

    from rejent.cases.copies import services
    from rejent.kernel.clock import ManualClock
    from rejent.kernel.errors import RejentError
    from rejent.kernel.intervals import Interval
    from rejent.office import queries as office
    from rejent.retention.rounds.round import Keeping

    clock = ManualClock(LAST_DAY if act in {"appoint", "confirm"} else NOON + DAY)
    keeping = Keeping(clock=clock, store=settings.VAULT.store, keys=settings.VAULT.keys)
    maker = office.person_by_username("administrator")
    members = [office.person_by_username(role) for role in ("clerk", "secretary", "deputy")]
    try:
        if act == "make":
            asked = services.Asked("W-2026-1", camera[0], Interval(NOON, NOON + timedelta(minutes=1)))
            return services.make_copy(asked, person=maker, keeping=keeping).number
        if act in HANDING:
            return _hand_over(act, maker, clock)
        if act == "appoint":
            head = office.person_by_username("head")
            numbers = ["K-2026-1", "K-2026-2", "K-2026-3"]
            return services.appoint_commission(
                numbers, [each.id for each in members], person=head, clock=clock
            ).number
        services.confirm_destruction("B-2026-1", {}, person=members[window], keeping=keeping, ledger=None)
    except RejentError as refused:
        return refused.code
    return "confirmed"


def look() -> None:
    """What fsck finds; the states of the copies."""
    from django.conf import settings

    from rejent.cases.copies import checks
    from rejent.kernel.clock import ManualClock
    from rejent.retention.rounds.round import Keeping

    keeping = Keeping(clock=ManualClock(LAST_DAY), store=settings.VAULT.store, keys=settings.VAULT.keys)
    states = [copy.state.value for copy in every_copy()]
    say(f"{[finding.code for finding in checks.findings(keeping)]} {states}")


def main(act: str, *arguments: str) -> None:
    """Do one of the acts."""
    django.setup()
    if act == "prepare":
        prepare()
    elif act == "look":
        look()
    else:
        if act not in AT_ONCE_NEVER:
            say("ready")
            sys.stdin.readline()
        window = int(arguments[-1]) if act == "confirm" else 0
        say(done(act, window, *arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
