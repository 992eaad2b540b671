"""A head who decides in several windows at once, and clerks who enter at once, each a process of its own.

``python -m tests.contract.databases.case_at_once prepare`` makes an office and prints its camera; ``enter CAMERA`` and ``decide``
say when they are ready, wait to be told, and print what came of it; ``look`` prints what fsck finds, and the holds.
"""

import sys
from datetime import UTC, date, datetime

import django
from django.core.management import call_command

from tests.people import add_person

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)


def say(line: str) -> None:
    """Tell the test, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def prepare() -> None:
    """An office with a camera and a head, and one application that waits."""
    from rejent.kernel.clock import ManualClock
    from rejent.office import services
    from rejent.office.regulation.loading import example
    from tests.unit.access.conftest import PASSWORD, add_camera

    clock = ManualClock(NOON)
    services.activate_regulation(example("pleszew"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    camera = add_camera("Hall", clock)
    add_person("Head", post="", roles=["head"], username="head", password=PASSWORD, clock=clock, actor="")
    entered(camera)
    say(camera)


def entered(camera: str) -> str:
    """Enter an application; its number."""
    from rejent.kernel.clock import ManualClock
    from tests.unit.cases.application import entered as enter

    return enter(ManualClock(NOON), camera).number


def decided() -> str:
    """Decide on the first application, an even window by consent; that, or the code of the refusal."""
    from rejent.cases import services
    from rejent.cases.views import State
    from rejent.kernel.clock import ManualClock
    from rejent.kernel.errors import RejentError
    from rejent.office import queries as office

    outcome = State.REFUSED if int(sys.argv[-1]) % 2 else State.GRANTED
    try:
        services.decide_case(
            "W-2026-1", outcome, reasons="x", basis="§ 6", knowledge=False, person=office.person_by_username("head"),
            clock=ManualClock(NOON), ledger=None,
        )  # fmt: skip
    except RejentError as refused:
        return refused.code
    return "decided"


def look() -> None:
    """What fsck finds; whether the hold of the first application is as its decision says."""
    from rejent.cases import checks, queries
    from rejent.cases.views import State
    from rejent.retention import queries as retention

    case = queries.case("W-2026-1")
    stands = case.holds[0] in {hold.number for hold in retention.holds()}
    say(f"{[finding.code for finding in checks.findings()]} {stands == (case.state is State.GRANTED)}")


def main(act: str, *arguments: str) -> None:
    """Do one of the acts."""
    django.setup()
    if act == "prepare":
        call_command("migrate", verbosity=0)
        prepare()
    elif act in {"enter", "decide"}:
        say("ready")
        sys.stdin.readline()
        say(entered(arguments[0]) if act == "enter" else decided())
    else:
        look()


if __name__ == "__main__":
    main(*sys.argv[1:])
