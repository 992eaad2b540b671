"""Messages of which a deciding field could not be read: shown to nobody but as set aside, until both roles decide."""

import html
import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from rejent.access.views import ViewingView
from rejent.kernel.intervals import Interval
from rejent.registers import queries as registers
from rejent.streams.mail.messages.reading import WORKSPACES
from rejent.streams.mail.messages.sealing import KeyRole
from tests.contract.streams import test_players as showing
from tests.contract.streams.conftest import kind_of
from tests.contract.streams.players import MINUTE, PLAYERS, Recorded, give_key, letter, record_letters
from tests.contract.streams.samples import NOON

pytestmark = pytest.mark.usefixtures("nothing_left_open")
MAIL = "rejent.streams.mail"
TORN = "Obiad =?utf-8?b?a?="
SECRET, OTHER, PLAIN = "O prywatnym obiedzie.", "O drugim obiedzie.", "O sprawie urzędowej."
LETTERS = (letter("Sprawa", PLAIN), letter(TORN, SECRET), letter(TORN, OTHER), letter(TORN, OTHER))


def _recorded(folder: Path, settings: Any) -> Recorded:
    return Recorded(
        *record_letters(folder, settings, LETTERS, "ukryta@urzad.example"), Interval(NOON, NOON + MINUTE), []
    )


@pytest.fixture
def shown(tmp_path: Path, settings: Any, db: None, monkeypatch: pytest.MonkeyPatch) -> showing.Showing:  # noqa: ARG001 - the database is there
    """An office whose journal got a letter that can be read, and two whose subjects cannot, one of them in two deliveries."""
    monkeypatch.setitem(PLAYERS, MAIL, replace(PLAYERS[MAIL], recorded=_recorded))
    return showing.Showing(kind_of(MAIL), tmp_path, settings)


def page_of(client: Client, viewing: ViewingView, query: str = "") -> str:
    """Return the list of a viewing."""
    return html.unescape(client.get(f"/viewings/{viewing.id}{query}").content.decode())


def aside_in(page: str) -> list[str]:
    """Return the identifiers of the messages that are set aside."""
    return re.findall(r'name="aside" value="([0-9a-f-]{36})"', page)


def messages_in(page: str, viewing: ViewingView) -> list[str]:
    """Return the identifiers of the messages that a list leads to."""
    return re.findall(rf'href="/viewings/{viewing.id}/messages/([0-9a-f-]{{36}})"', page)


def find_proposed(page: str) -> str:
    """Return the name of what is proposed."""
    (name,) = re.findall(r'name="asked" value="([0-9a-f]{16})"', page)
    return str(name)


def test_what_may_be_private_is_read_once_both_roles_decide_so(shown: showing.Showing) -> None:
    """Before, it is neither listed nor found nor shown by its address nor copied; one that is private stays so in every later viewing."""
    client, viewing = shown.opened()
    page = page_of(client, viewing)
    first, second, third = aside_in(page)
    assert "nie odczytano w całości: temat" in page
    assert len(messages_in(page, viewing)) == 1
    assert "Żadna wiadomość tej sprawy tego nie zawiera" in page_of(client, viewing, "?words=obiedzie")
    address = f"/viewings/{viewing.id}/messages"
    propose = partial(client.post, f"{address}/propose")
    copied = client.post(f"{address}/copy", {"message": first, "medium": "usb"})
    assert [client.get(f"{address}/{first}").status_code, copied.status_code != 302] == [404, True]

    def decided(messages: list[str], decision: str) -> list[int]:
        """Propose something of messages, and let each holder give their key for it."""
        assert propose({"aside": messages, "decision": decision}).status_code == 302
        asked = find_proposed(page_of(client, viewing))
        return [
            give_key(client, viewing, KeyRole.CASE, asked),
            give_key(shown.browser("iod"), viewing, KeyRole.CONTROL, asked),
        ]

    assert propose({"decision": "release"}).status_code == 422
    assert propose({"aside": [second, third], "decision": "private"}).status_code == 302
    assert "inne doręczenie" not in page_of(client, viewing)
    assert propose({"aside": second, "decision": "private"}).status_code == 302
    for browser, page in ((client, ""), (shown.browser("iod"), "/key")):
        said = page_of(browser, viewing, page)
        assert "znika 1 inne doręczenie" in said
        assert "nie można jej cofnąć" in said
        assert ("Nadawcę i temat widzi" in said) == (browser is not client)
        assert ("Obiad" in said) == (browser is client)
        assert said.count("nikt już nie zobaczy") == 1
        assert "nikomu więcej" not in said
        assert "są prywatne" in said
    assert propose({"aside": first, "decision": "release"}).status_code == 302
    assert "z numerami obu kluczy" in page_of(client, viewing)
    asked = find_proposed(page_of(client, viewing))
    assert give_key(client, viewing, KeyRole.CASE, asked) == 302
    assert propose({"decision": "withdraw"}).status_code == 302
    assert give_key(shown.browser("iod"), viewing, KeyRole.CONTROL, asked) == 422
    assert aside_in(page_of(client, viewing)) == [first, second, third]

    assert decided([first], "release") == [302, 302]
    assert SECRET in client.get(f"{address}/{first}").content.decode()
    assert first in page_of(client, viewing, "?words=obiedzie")
    assert decided([second, third], "private") == [302, 302]
    assert aside_in(page_of(client, viewing)) == []
    assert [client.get(f"{address}/{each}").status_code for each in (second, third)] == [404, 404]
    released, left = names = ("mail.message-released", "mail.message-left")
    assert [entry.act for entry in registers.acts(names=names, limit=5).acts] == [left, left, released]

    WORKSPACES.forget(viewing.id)
    again, later = shown.opened("other")
    page = page_of(again, later)
    assert aside_in(page) == []
    assert len(messages_in(page, later)) == 2


def test_the_envelope_is_shown_and_searched(shown: showing.Showing) -> None:
    """A recipient whom no field of the message names."""
    client, viewing = shown.opened()
    (message,) = set(
        re.findall(rf'href="(/viewings/{viewing.id}/messages/[0-9a-f-]{{36}})"', page_of(client, viewing))
    )
    assert "Odbiorcy z koperty</dt><dd>ukryta@urzad.example" in client.get(message).content.decode()
    assert message in page_of(client, viewing, "?words=ukryta%40urzad.example")
