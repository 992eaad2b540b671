"""Second persons who answer and windows that open at the same moment, on both databases: one answer counts and opens once."""

from tests.contract.databases.test_protocols_at_once import WINDOWS, at_once, run

AGREEMENTS = "tests.contract.databases.agreement_at_once"


def test_one_answer_counts_and_opens_one_viewing(environment: dict[str, str]) -> None:
    """Of three people who agree at once one is entered; of three windows that open with it one does; guests are counted."""
    asked = run(environment, "prepare", module=AGREEMENTS)
    answers = at_once(environment, "answer", asked, module=AGREEMENTS)
    assert answers == {"agreed": 1, "access.second-answer": WINDOWS - 1}
    opened = at_once(environment, "use", asked, module=AGREEMENTS)
    assert opened == {"O-2026-1": 1, "access.second-answer": WINDOWS - 1}
    assert at_once(environment, "see", module=AGREEMENTS) == {"handed out": WINDOWS}
    assert run(environment, "look", module=AGREEMENTS) == "180.0 []"
