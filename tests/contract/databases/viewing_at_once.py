"""Somebody who opens viewings and finishes protocols in several windows at once, each a process of its own.

``python -m tests.contract.databases.viewing_at_once prepare`` makes an office and prints its camera; ``open CAMERA`` and ``finish``
say when they are ready, wait to be told, and print what came of it; ``look`` prints what fsck finds of access.
"""

import sys
from datetime import UTC, date, datetime, timedelta

import django
from django.core.management import call_command

from tests.people import add_person

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)


def say(line: str) -> None:
    """Tell the test, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def prepare() -> None:
    """An office with a camera and somebody who may see its recordings."""
    from rejent.access import services as access
    from rejent.kernel.clock import ManualClock
    from rejent.office import services
    from rejent.office.regulation.loading import example
    from tests.unit.access.conftest import PASSWORD, add_camera

    clock = ManualClock(NOON)
    services.activate_regulation(example("elblag"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    camera = add_camera("Hall", clock)
    viewer = add_person(
        "Viewer", post="", roles=["viewer"], username="viewer", password=PASSWORD, clock=clock, actor=""
    )
    access.issue_authorisation(
        person_id=viewer.id, acts=["recordings"], stream="video", source_ids=None, valid_from=date(2026, 3, 1),
        valid_until=None, clock=clock, actor="",
    )  # fmt: skip
    say(camera)


def opened(camera: str) -> str:
    """Open a viewing; its number, or the rule that refused it."""
    from rejent.access import queries, services
    from rejent.access.errors import AccessRefusedError
    from rejent.kernel.clock import ManualClock
    from rejent.office import queries as office

    clock = ManualClock(NOON)
    try:
        return services.open_viewing(
            person=office.person_by_username("viewer"), source_id=camera, start=NOON - timedelta(hours=1), end=NOON,
            purpose=next(iter(queries.purposes("video", clock=clock))), case="OR.1", session="s", clock=clock,
            acknowledged=True,
        ).number  # fmt: skip
    except AccessRefusedError as refused:
        return refused.decision.rule.value


def finished() -> str:
    """Finish the one protocol; that, or the code of the refusal."""
    from rejent.access import services
    from rejent.access.viewings import protocols
    from rejent.kernel.clock import ManualClock
    from rejent.kernel.errors import RejentError
    from rejent.office import queries as office

    clock, viewer = ManualClock(NOON), office.person_by_username("viewer")
    number = protocols.protocols(limit=1)[0].number
    texts = {"findings": f"Written by {sys.argv[-1]}.", "follow-up": "Nothing."}
    try:
        services.finish_protocol(number, texts, person=viewer, clock=clock)
    except RejentError as refused:
        return refused.code
    return "finished"


def close() -> None:
    """End every viewing."""
    from rejent.access import services
    from rejent.access.viewings import protocols
    from rejent.kernel.clock import ManualClock

    for view in protocols.protocols():
        services.close_viewing(view.viewing_id, clock=ManualClock(NOON), actor="")


def look() -> None:
    """What fsck finds."""
    from rejent.access import checks
    from rejent.kernel.clock import ManualClock

    say(str([finding.code for finding in checks.findings(ManualClock(NOON))]))


def main(act: str, *arguments: str) -> None:
    """Do one of the acts."""
    django.setup()
    if act == "prepare":
        call_command("migrate", verbosity=0)
        prepare()
    elif act in {"open", "finish"}:
        say("ready")
        sys.stdin.readline()
        say(opened(arguments[0]) if act == "open" else finished())
    else:
        {"close": close, "look": look}[act]()


if __name__ == "__main__":
    main(*sys.argv[1:])
