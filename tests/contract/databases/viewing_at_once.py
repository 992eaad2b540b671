"""Somebody who opens viewings and finishes protocols in several windows at once, each a process of its own.

``python -m tests.contract.databases.viewing_at_once prepare`` makes an office and prints its camera; ``open CAMERA`` and ``finish``
say when they are ready, wait to be told, and print what came of it; ``look`` prints what fsck finds of access.
"""

from datetime import date, timedelta

from tests.contract.databases.windows import NOON, be_window
from tests.people import add_person


def prepare() -> str:
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
    return camera


def opened(camera: str, _window: str) -> str:
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


def finished(window: str) -> str:
    """Finish the one protocol."""
    from rejent.access import services
    from rejent.access.viewings import protocols
    from rejent.kernel.clock import ManualClock
    from rejent.office import queries as office

    clock, viewer = ManualClock(NOON), office.person_by_username("viewer")
    number = protocols.protocols(limit=1)[0].number
    texts = {"findings": f"Written by {window}.", "follow-up": "Nothing."}
    services.finish_protocol(number, texts, person=viewer, clock=clock)
    return "finished"


def close() -> str:
    """End every viewing."""
    from rejent.access import services
    from rejent.access.viewings import protocols
    from rejent.kernel.clock import ManualClock

    for view in protocols.protocols():
        services.close_viewing(view.viewing_id, clock=ManualClock(NOON), actor="")
    return "closed"


def look() -> str:
    """What fsck finds."""
    from rejent.access import checks
    from rejent.kernel.clock import ManualClock

    return str([finding.code for finding in checks.findings(ManualClock(NOON))])


if __name__ == "__main__":
    be_window(prepare, {"open": opened, "finish": finished}, {"close": close, "look": look})
