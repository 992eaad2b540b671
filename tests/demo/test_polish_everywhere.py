"""Whatever a link of the demo leads to is Polish for a Polish reader, with telephone numbers in groups: cases, copies, calls and mail."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.demo.crawl import english, texts_of, wrong_with
from tests.installation import HERE, environment
from tests.waiting import CEILING_S

MAKE = "import sys; from rejent.ops.demo.command import make; make(sys.argv[1], minutes=3)"


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        ("<p>Zabezpieczone do 21.11.2026, tel. +48 601 234 567</p>", []),
        ("<p>Held until 21.11.2026</p>", ["English: Held, until"]),
        ('<button aria-label="Close">Zamknij</button>', ["English: Close"]),
        ("<p>Dzwoni: +48601234567</p>", ["no groups: +48601234567"]),
        ('<p lang="en">Held until then</p><code>601234567</code><p>/cases, {uses}</p>', []),
    ],
)
def test_what_is_wrong_is_found_and_nothing_else(page: str, wrong: list[str]) -> None:
    """English of the program's own messages and ungrouped numbers, also where they are only heard; not what is marked as English, nor code."""
    assert [what for what, _ in wrong_with(texts_of("text/html", page), english())] == wrong


def test_the_head_of_a_file_is_read_too() -> None:
    """Of a table as a file the titles alone are the program's words."""
    table = "Numer;Held until\nW-2026-1;601234567\n"
    assert [text for _, text in wrong_with(texts_of("text/csv; charset=utf-8", table), english())] == [
        "Held until"
    ]


@pytest.mark.soak
def test_every_page_of_the_demo_is_polish(tmp_path: Path) -> None:
    """Everybody of the demo follows every link once of its form; nothing is found, and no page fails."""
    demo = tmp_path / "demo"
    for command in (["-c", MAKE, demo], ["-m", "tests.demo.crawl", demo]):
        done = subprocess.run(
            [sys.executable, *command], env=environment(), cwd=HERE, check=False, capture_output=True, text=True,
            timeout=6 * CEILING_S,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines() == []
