"""Two heads who decide in several windows at once, and clerks who enter at once, each a process of its own.

``python -m tests.contract.databases.case_at_once prepare`` makes an office and prints its camera; ``enter CAMERA`` and ``decide``
say when they are ready, wait to be told, and print what came of it; ``look`` prints what fsck finds, and the holds.
"""

from datetime import date

from tests.contract.databases.windows import NOON, be_window
from tests.people import add_person


def prepare() -> str:
    """An office with a camera and two heads, and one application that waits."""
    from rejent.kernel.clock import ManualClock
    from rejent.office import services
    from rejent.office.regulation.loading import example
    from tests.unit.access.conftest import PASSWORD, add_camera

    clock = ManualClock(NOON)
    services.activate_regulation(example("pleszew"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    camera = add_camera("Hall", clock)
    for name in ("head", "other"):
        add_person(
            f"Osoba {name}", post="", roles=["head"], username=name, password=PASSWORD, clock=clock, actor=""
        )
    entered(camera)
    return camera


def entered(camera: str, _window: str = "") -> str:
    """Enter an application; its number."""
    from rejent.kernel.clock import ManualClock
    from tests.unit.cases.application import entered as enter

    return enter(ManualClock(NOON), camera).number


def decided(window: str) -> str:
    """Decide on the first application, an even window by consent, an odd one as the other head by refusal."""
    from rejent.cases import services
    from rejent.cases.views import State
    from rejent.kernel.clock import ManualClock
    from rejent.office import queries as office

    outcome, who = (State.REFUSED, "other") if int(window) % 2 else (State.GRANTED, "head")
    services.decide_case(
        "W-2026-1", outcome, reasons="x", basis="§ 6", knowledge=False, person=office.person_by_username(who),
        clock=ManualClock(NOON), ledger=None,
    )  # fmt: skip
    return "decided"


def look() -> str:
    """What fsck finds; whether the hold of the first application is as its decision says."""
    from rejent.cases import checks, queries
    from rejent.cases.views import State
    from rejent.retention import queries as retention

    case = queries.case("W-2026-1")
    stands = case.holds[0] in {hold.number for hold in retention.holds()}
    return f"{[finding.code for finding in checks.findings()]} {stands == (case.state is State.GRANTED)}"


if __name__ == "__main__":
    be_window(prepare, {"enter": entered, "decide": decided}, {"look": look})
