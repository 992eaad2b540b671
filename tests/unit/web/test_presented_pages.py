"""What a player's page reports as presented, and how pages and the paper tell it apart from what was handed out."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from rejent.access import queries as access
from rejent.access.viewings import protocols
from rejent.documents.rendering import render_pdf
from rejent.registers import queries as registers
from rejent.web.registers.protocol_papers import protocol_paper
from tests.printed import words_of
from tests.unit.web.conftest import Browser
from tests.unit.web.test_media_paths import pictures
from tests.unit.web.test_viewing_pages import _finish, _opened

__all__ = ["pictures"]

ELEVEN = 1795255200
"""11:00:00 on that day, in seconds since 1970."""
HANDED = "Przekazane przeglądarce"
NOT_REPORTED = "nie zgłoszono"


@pytest.fixture
def opened(recording: Any, pictures: Any, browser: Browser, source: str) -> tuple[Client, str]:
    """A browser in which ten seconds from eleven on were handed out, and the address of the viewing."""
    assert recording is not None
    assert pictures == []
    client = browser("viewer")
    base = _opened(client, source, time="11:00:01").split("?")[0]
    segment = client.get(f"{base}/index.json").json()["segments"][0]["id"]
    assert client.get(f"{base}/media/{segment}?from=39600&to=39610").status_code == 200
    return client, base


def told(presented: str, client: Client, base: str) -> int:
    """The status of a report."""
    return client.post(f"{base}/presented", {"presented": presented}).status_code


def test_seconds_that_a_page_reports_are_told_beside_what_was_handed_out(opened: tuple[Client, str]) -> None:
    """Half a second of pictures is a second on paper; the ten that were handed over stand beside it and count."""
    client, base = opened
    assert told("", client, base) == 204
    assert told(f"{ELEVEN}-{ELEVEN + 1}", client, base) == 204
    _finish(client)
    found = access.viewings()[0]
    assert (found.presented_s, found.seen_s) == (1, 10)
    page = client.get(reverse("protocol", args=[found.number])).content.decode()
    paper = words_of(render_pdf(protocol_paper(protocols.protocol(found.number))))
    for text in (page, paper):
        assert "11:00:00–11:00:01" in text
        assert "11:00:00–11:00:10" in text
        assert HANDED in text
        assert NOT_REPORTED not in text


def test_a_page_that_reports_nothing_is_told_as_one(opened: tuple[Client, str]) -> None:
    """The protocol does not take what was handed out for what was shown."""
    client, _ = opened
    _finish(client)
    number = access.viewings()[0].number
    page = client.get(reverse("protocol", args=[number])).content.decode()
    assert NOT_REPORTED in page
    assert "11:00:00–11:00:10" in page
    assert NOT_REPORTED in words_of(render_pdf(protocol_paper(protocols.protocol(number))))


def test_the_form_that_ends_a_viewing_brings_the_rest(opened: tuple[Client, str]) -> None:
    """What was presented since the last report comes with the end; one after it is too late, and no refusal."""
    client, base = opened
    assert client.post(f"{base}/close", {"presented": f"{ELEVEN + 2}-{ELEVEN + 5}"}).status_code == 302
    assert access.viewings()[0].presented_s == 3
    size = registers.tree_head().size
    assert told(f"{ELEVEN}-{ELEVEN + 9}", client, base) == 204
    assert registers.tree_head().size == size
    assert access.viewings()[0].presented_s == 3


@pytest.mark.parametrize(
    "presented",
    ["x", "5-1", "1-2-3", "999999999999-999999999999", f"{ELEVEN}-{ELEVEN}", "1-2," * 6000, "1-2,"],
)
def test_a_report_that_cannot_be_read_is_refused(presented: str, opened: tuple[Client, str]) -> None:
    """One clear line, and nothing is noted."""
    client, base = opened
    assert told(presented, client, base) == 400
    assert access.viewings()[0].presented_s is None


def test_nobody_elses_browser_reports(opened: tuple[Client, str], browser: Browser) -> None:
    """Not of a viewing that is another person's, open or closed: nobody learns that there is one."""
    client, base = opened
    assert told(f"{ELEVEN}-{ELEVEN + 1}", browser("iod"), base) == 404
    assert access.viewings()[0].presented_s is None
    _finish(client)
    assert told(f"{ELEVEN}-{ELEVEN + 1}", browser("iod"), base) == 404
