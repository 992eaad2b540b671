"""What is still missing before recording may start: with its days, and with the page on which it is entered."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rejent.catalog import services as catalog
from rejent.kernel.clock import ManualClock
from rejent.vault.keys.root_key import FileRoot
from tests.unit.web.conftest import Browser, NoBox, text_of


@pytest.fixture
def rooted(clock: ManualClock, settings: Any, tmp_path: Path) -> None:  # noqa: ARG001 - the clock sets a key store, too
    """A key store whose root is a file, and a folder whose free space is read."""
    settings.INSTALLATION = replace(settings.INSTALLATION, directory=tmp_path)
    settings.VAULT = SimpleNamespace(credentials=NoBox(), root=FileRoot.kind)


@pytest.mark.usefixtures("rooted")
def test_a_bare_office_is_led_to_the_pages(browser: Browser, source: str, clock: ManualClock) -> None:
    """Without a source the start page leads here, and here to where a camera is added."""
    catalog.remove_source(source, clock=clock, actor="")
    administrator = browser("administrator")
    assert 'href="/missing"' in text_of(administrator.get("/"))
    page = text_of(administrator.get("/missing"))
    assert 'href="/sources/new"' in page
    assert "Wpisano 0 źródeł." in page
    assert "Mieści cały okres przechowywania" not in page
    assert "będzie wiadomo, gdy coś zostanie nagrane" in page
    assert "keys/root" in page
    assert "Nagrania są w: " in page
    for address in ("/storage", "/mail-server", "/paper-copies"):
        assert f'href="{address}"' in page
    assert browser("clerk").get("/missing").status_code == 403
    assert 'href="/sources/new"' not in text_of(browser("iod").get("/missing"))


@pytest.mark.usefixtures("rooted")
def test_with_sources_the_start_page_leads_here_no_more(browser: Browser, source: str) -> None:
    """What is met says so; the start page speaks of it only while nothing can be recorded."""
    del source
    administrator = browser("administrator")
    assert 'href="/missing"' not in text_of(administrator.get("/")).split("<main")[1]
    page = text_of(administrator.get("/missing"))
    assert "Wpisano 1 źródło." in page
    assert "spełniony" in page


@pytest.mark.usefixtures("rooted")
def test_a_bucket_is_named_without_who_opens_it(browser: Browser, settings: Any) -> None:
    """Where recordings lie, and nothing of the access to it."""
    storage = "s3+https://DOSTEP@s3.example/nagrania/urzad"
    settings.INSTALLATION = replace(settings.INSTALLATION, storage=storage)
    asi = browser("administrator")
    for address in ("/missing", "/storage"):
        page = text_of(asi.get(address))
        assert "s3+https://s3.example/nagrania/urzad" in page
        assert "DOSTEP" not in page
