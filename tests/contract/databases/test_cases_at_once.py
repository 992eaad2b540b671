"""Windows that decide on one application, or enter several, at the same moment, on both databases."""

from tests.contract.databases.test_protocols_at_once import WINDOWS, at_once, run

CASES = "tests.contract.databases.case_at_once"


def test_one_of_those_who_decide_at_once_does(environment: dict[str, str]) -> None:
    """The others are told that it is decided; the hold is as the one decision says; numbers of those who enter at once have no gap."""
    camera = run(environment, "prepare", module=CASES)
    said = at_once(environment, "decide", module=CASES)
    assert said == {"decided": 1, "cases.decided": WINDOWS - 1}
    numbers = at_once(environment, "enter", camera, module=CASES)
    assert numbers == {f"W-2026-{number}": 1 for number in range(2, 2 + WINDOWS)}
    assert run(environment, "look", module=CASES) == "[] True"
