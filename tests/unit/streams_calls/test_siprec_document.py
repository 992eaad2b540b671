"""The checklist of the recording server names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "ref" / "siprec.md").read_text()


def test_all_rows_are_there_and_their_tests_exist():
    """The checklist has its 36 rows, and each test it names stands in the file it names."""
    rows = re.findall(r"^\| (\d+) \| (.*)$", TEXT, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 37))
    file = ""
    for name, test in re.findall(r"`(\w*(?:\.py)?)::(\w+)`", TEXT):
        file = name or file
        source = (Path(__file__).parent / file).read_text()
        assert f"def {test}(" in source, (file, test)
