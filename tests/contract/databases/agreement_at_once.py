"""People who agree to a viewing, windows that open it and fetch pieces at once, each a process of its own.

``python -m tests.contract.databases.agreement_at_once prepare`` makes an office whose regulation wants two people, and prints what
one of them asks for; ``answer ASKED``, ``use ASKED`` and ``see`` say when they are ready, wait to be told, and print what came of
it; ``look`` prints how many seconds were counted and what fsck finds of access.
"""

from datetime import date, timedelta

from tests.contract.databases.windows import NOON, be_window
from tests.people import add_person

CLAUSE = 'clause = "ust. 1 pkt 6–7"'


def prepare() -> str:
    """An office with a camera, four people who may see its recordings, and one who asks for a second person."""
    from rejent.access import queries
    from rejent.access import services as access
    from rejent.access.rules.decision import Statement
    from rejent.kernel.clock import ManualClock
    from rejent.office import services
    from rejent.office.regulation.loading import example
    from tests.unit.access.conftest import PASSWORD, add_camera

    clock = ManualClock(NOON)
    two = f'second_person = "always"\nplayback_record = "entry"\n{CLAUSE}'
    text = example("elblag").replace(CLAUSE, two, 1)
    services.activate_regulation(text, in_force_from=date(2026, 1, 1), clock=clock, actor="")
    camera = add_camera("Hall", clock)
    people = [
        add_person(name, post="", roles=["viewer"], username=name, password=PASSWORD, clock=clock, actor="")
        for name in ("viewer", "second0", "second1", "second2")
    ]
    for person in people:
        access.issue_authorisation(
            person_id=person.id, acts=["recordings"], stream="video", source_ids=None,
            valid_from=date(2026, 3, 1), valid_until=None, clock=clock, actor="",
        )  # fmt: skip
    purpose = next(iter(queries.purposes("video", clock=clock)))
    asked = access.ask_second(
        person=people[0], source_id=camera, interval=(NOON - timedelta(hours=1), NOON), position=NOON,
        statement=Statement(purpose, "OR.1", acknowledged=True), session="s", clock=clock,
    )  # fmt: skip
    return str(asked.id)


def answer(asked: str, number: str) -> str:
    """Agree as one of the others."""
    from rejent.access import services
    from rejent.kernel.clock import ManualClock
    from rejent.office import queries as office

    second = office.person_by_username(f"second{number}")
    services.answer_second(asked, second=second, session=number, agrees=True, clock=ManualClock(NOON))
    return "agreed"


def use(asked: str, _number: str) -> str:
    """Open what was agreed to; its number."""
    from rejent.access import services
    from rejent.kernel.clock import ManualClock
    from rejent.office import queries as office

    viewer = office.person_by_username("viewer")
    return services.open_agreed(asked, person=viewer, session="s", clock=ManualClock(NOON)).number


def see(number: str) -> str:
    """Hand out a minute that no other window fetches."""
    from rejent.access import queries, services
    from rejent.kernel.clock import ManualClock

    (viewing,) = queries.viewings()
    start = viewing.start + int(number) * timedelta(minutes=5)
    services.note_seen(viewing.id, start, start + timedelta(minutes=1), "clip", clock=ManualClock(NOON))
    return "handed out"


def look() -> str:
    """How much was counted, and what fsck finds."""
    from rejent.access import checks, queries
    from rejent.access.viewings import volume
    from rejent.kernel.clock import ManualClock

    clock = ManualClock(NOON)
    (viewing,) = queries.viewings()
    counted = volume.handed(viewing.person_id, clock=clock).hour_s
    return f"{counted} {[finding.code for finding in checks.findings(clock)]}"


if __name__ == "__main__":
    be_window(prepare, {"answer": answer, "use": use, "see": see}, {"look": look})
