"""Every address has its door, and every door an address."""

from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver

from rejent.access.rules.administration import ADMINISTRATION
from rejent.web.route_permissions import (
    ANYONE,
    KNOWN,
    NOBODY,
    SETTING_UP,
    SIGNED_IN,
    Page,
    may_enter,
    route_permissions,
)
from rejent.web.urls import urlpatterns


def _names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns)
        else:
            yield str(pattern.name)


def test_every_address_is_in_the_table_of_doors() -> None:
    """An address that nobody decided about does not exist; a door without an address is a mistake."""
    assert set(_names(urlpatterns)) == set(route_permissions())


def test_every_door_names_an_act_that_the_rules_know() -> None:
    """A door opens to anyone, to whoever is signed in, to nobody, or by an act of the table of administration."""
    assert set(route_permissions().values()) <= {ANYONE, SIGNED_IN, KNOWN, NOBODY, SETTING_UP} | set(
        ADMINISTRATION
    )


@pytest.mark.parametrize("door", ["ledger", "start", "nowhere", "account_signup"])
def test_a_door_that_is_no_entrance_stays_shut_for_strangers(door: str) -> None:
    """Nobody who is not signed in enters anything but the entrance; signing up is closed to all."""
    assert not may_enter(None, door)


def test_a_page_that_names_no_methods_is_only_read() -> None:
    """What changes something must say so in the table of addresses; otherwise nothing is taken from a browser."""

    def some_list(_request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    page = Page("some", some_list, ANYONE)
    assert page.name == "some-list"
    assert page.callback(RequestFactory().get("/some")).status_code == 200
    assert page.callback(RequestFactory().post("/some")).status_code == 405
