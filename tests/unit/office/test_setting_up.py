"""The file of set-up: one code, one browser, and an end of both."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rejent.kernel.clock import ManualClock
from rejent.office.acts import INSTALLATION_CREATED
from rejent.office.errors import SetUpRefusedError
from rejent.office.setting_up.state import CODE_FOR, FILE, KEY_FOR, TRIES, SetUp


@pytest.fixture
def clock() -> ManualClock:
    """A clock of its own."""
    return ManualClock(datetime(2026, 11, 21, 18, 0, tzinfo=UTC))


@pytest.fixture
def set_up(tmp_path: Path, clock: ManualClock) -> SetUp:
    """Set-up for which nobody has asked yet."""
    return SetUp(tmp_path, clock)


def test_a_code_opens_once_and_however_it_is_typed(set_up: SetUp, tmp_path: Path) -> None:
    """Neither code nor key stands in the file, which its user alone reads; the code is gone with its use."""
    assert not set_up.is_open
    code = set_up.issue_code()
    assert set_up.is_open
    key = set_up.redeem(f" {code.lower().replace('-', ' ')} ")
    assert set_up.admits(key)
    assert not set_up.admits("")
    assert not set_up.admits(f"{key}x")
    written = (tmp_path / FILE).read_text()
    assert code.replace("-", "") not in written
    assert key not in written
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    with pytest.raises(SetUpRefusedError, match="used up"):
        set_up.redeem(code)


def test_ten_wrong_tries_end_a_code(set_up: SetUp) -> None:
    """The tenth takes the code away: the right one opens nothing then, and the pages exist no more."""
    code = set_up.issue_code()
    for _ in range(TRIES):
        with pytest.raises(SetUpRefusedError, match="not the code"):
            set_up.redeem("AAAA-AAAA-AAAA-AAAA")
    assert not set_up.is_open
    with pytest.raises(SetUpRefusedError, match="used up"):
        set_up.redeem(code)


def test_code_and_key_end_by_themselves(set_up: SetUp, clock: ManualClock) -> None:
    """A code that nobody used in a day, and a browser after twelve hours, open nothing."""
    late = set_up.issue_code()
    clock.advance(CODE_FOR)
    with pytest.raises(SetUpRefusedError, match="used up"):
        set_up.redeem(late)
    key = set_up.redeem(set_up.issue_code())
    clock.advance(KEY_FOR - timedelta(seconds=1))
    assert set_up.admits(key)
    clock.advance(timedelta(seconds=1))
    assert not set_up.admits(key)
    assert not set_up.is_open


def test_a_new_code_shuts_the_former_browser_out_and_keeps_the_draft(set_up: SetUp) -> None:
    """Set-up goes on elsewhere where it was left; ended, nothing is left of it."""
    first = set_up.redeem(set_up.issue_code())
    set_up.keep_draft("name = 'Urząd'\n")
    code = set_up.issue_code()
    assert not set_up.admits(first)
    second = set_up.redeem(code)
    assert set_up.draft == "name = 'Urząd'\n"
    set_up.end()
    assert not set_up.admits(second)
    assert set_up.draft == ""


def test_the_first_entry_names_no_office_before_there_is_one() -> None:
    """An installation made without a regulation does not end its first sentence with nothing."""
    assert INSTALLATION_CREATED.describe({"id": "7", "name": "", "test": False}) == "Założono instalację 7"
    assert INSTALLATION_CREATED.describe({"id": "7", "name": "Urząd", "test": False}).endswith("Urząd")
