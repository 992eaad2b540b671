"""Windows that copy, hand over or confirm at the same moment, on both databases."""

from tests.contract.databases.test_protocols_at_once import WINDOWS, at_once, run

COPIES = "tests.contract.databases.copy_at_once"


def test_numbers_have_no_gap_and_each_step_is_made_once(environment: dict[str, str]) -> None:
    """Copies made at once are numbered one after another, one hand-over gets through, and the last of the members destroys."""
    camera = run(environment, "prepare", module=COPIES)
    made = at_once(environment, "make", camera, module=COPIES)
    assert made == {f"K-2026-{number}": 1 for number in range(1, 1 + WINDOWS)}
    assert run(environment, "write", module=COPIES) == "K-2026-1"
    once = {"P-2026-1": 1, "copies.state": WINDOWS - 1}
    assert at_once(environment, "draft", module=COPIES) == once
    assert run(environment, "sign", module=COPIES) == "P-2026-1"
    assert at_once(environment, "hand", module=COPIES) == once
    assert run(environment, "appoint", module=COPIES) == "B-2026-1"
    assert at_once(environment, "confirm", module=COPIES) == {"confirmed": WINDOWS}
    assert run(environment, "look", module=COPIES) == f"[] {['destroyed'] * WINDOWS}"
