"""What was erased is gone from the files of PostgreSQL's tables, too; of SQLite `tests/scenario/test_erased_numbers.py` tells."""

import pytest

from tests.forked import run_module


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_number_leaves_the_files_of_its_table_with_a_round(
    environment: dict[str, str], database: str
) -> None:
    """While it is refused and once it was taken back it stands there; a round rewrites the table, or the next if a reader is in the way."""
    said = run_module("tests.contract.databases.erasing", env=environment | {"ADDRESS": database})
    held = "['calls_refusednumber', 'number_refuses_once']"
    assert said.splitlines() == [held, held, "1 []", f"{held} 0", "1 []"]
