"""Windows of one person that open and finish at the same moment, on both databases: one gets through, each other is told why."""

from collections import Counter
from contextlib import ExitStack

from tests.forked import ForkedModule, run_module

WINDOWS = 3
VIEWINGS = "tests.contract.databases.viewing_at_once"


def run(environment: dict[str, str], *arguments: str, module: str = VIEWINGS) -> str:
    """Run one to its end; gives what it said."""
    return run_module(module, *arguments, env=environment).strip()


def at_once(environment: dict[str, str], *arguments: str, module: str = VIEWINGS) -> Counter[str]:
    """What came of it in each window, all told to go on in the same moment."""
    with ExitStack() as stack:
        windows = [
            stack.enter_context(ForkedModule(module, *arguments, number, env=environment))
            for number in range(WINDOWS)
        ]
        for window in windows:
            assert window.stdout.readline().strip() == "ready"
        for window in windows:
            window.stdin.write("go\n")
            window.stdin.flush()
        said = [window.communicate()[0].strip() for window in windows]
    assert [window.returncode for window in windows] == [0] * WINDOWS
    return Counter(said)


def test_one_window_opens_and_one_finishes(environment: dict[str, str]) -> None:
    """The first takes the number, the others owe its protocol; of those that finish at once one does."""
    camera = run(environment, "prepare")
    assert at_once(environment, "open", camera) == {"O-2026-1": 1, "protocol-unfinished": WINDOWS - 1}
    run(environment, "close")
    assert at_once(environment, "finish") == {"finished": 1, "access.protocol-finished": WINDOWS - 1}
    assert run(environment, "look") == "[]"
