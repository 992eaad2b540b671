"""What commands print of what others wrote."""

import pytest

from rejent.cli.output import print_rows


def test_signs_of_an_exchange_do_nothing_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """An identifier that holds orders to a terminal clears nothing, hides nothing and titles no window."""
    told = "1\x1b]0;owned\x07\x1b[2J\x1b[1;1HNothing is\n missing.\x9b8m\u202e"
    print_rows([{"what": "missing", "told": told, "who": "Łódź – „Śródmieście”"}], as_json=False, empty="")
    heading, row = capsys.readouterr().out.splitlines()
    assert heading.split() == ["what", "told", "who"]
    assert row == (
        "missing  1\ufffd]0;owned\ufffd\ufffd[2J\ufffd[1;1HNothing is missing.\ufffd8m\ufffd  Łódź – „Śródmieście”"
    )
