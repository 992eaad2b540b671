"""Whoever opens the page of a call that their search did not find sees its numbers, and that is entered."""

import pytest
from django.test import Client
from django.urls import reverse

from rejent.registers import queries as registers
from tests.unit.web.conftest import text_of
from tests.unit.web.test_call_pages import CALL, call, line, search, viewer

__all__ = ["call", "line", "viewer"]

pytestmark = pytest.mark.usefixtures("call")


def searches() -> list[object]:
    """What was entered as looked for, the oldest first."""
    return [act.facts["facts"] for act in registers.entered(["calls.searched"]) if act.facts is not None]


def test_a_call_opened_by_its_address_is_entered(viewer: Client) -> None:
    """Once a minute; the numbers themselves are not."""
    for _ in range(2):
        assert "+48 22 555 01 23" in text_of(viewer.get(reverse("call-open", args=[CALL])))
    assert searches() == ["call"]
    assert "5550" not in str([act.facts for act in registers.entered(["calls.searched"])])


def test_a_call_that_was_found_is_not_entered_twice(viewer: Client) -> None:
    """The search that found it told what was looked for."""
    search(viewer)
    assert viewer.get(reverse("call-open", args=[CALL])).status_code == 200
    assert searches() == ["caller called"]
