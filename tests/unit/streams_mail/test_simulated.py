"""The demo's letters are nobody's, some of them are never kept, and its mail server loses none that waits."""

import re
import threading
from argparse import Namespace
from datetime import UTC, datetime
from itertools import islice

import pytest

from rejent.kernel.clock import SystemClock
from rejent.streams.mail.messages.classes import MailRules, MessageHead, is_exempt, is_private
from rejent.streams.mail.messages.rendering import digest_of, rendered
from rejent.streams.mail.simulated import __main__ as server
from rejent.streams.mail.simulated.letters import EXEMPT, JOURNAL, OFFICE, PAPER, SWINDLER, USUAL
from tests.mail_server import mail_server
from tests.waiting import CEILING_S, until

NOON = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
RULES = MailRules(frozenset({OFFICE}), frozenset(EXEMPT), ("[prywatne]",))


def test_one_of_a_days_letters_is_private_and_two_are_of_exempt_people() -> None:
    """The others are kept."""
    heads = [MessageHead(next(each.deliveries(1, NOON))) for each in USUAL]
    assert sum(is_exempt(head, (), RULES) for head in heads) == 2
    assert sum(is_private(head, RULES) for head in heads) == 1
    assert len(USUAL) == 8


def test_every_address_is_one_that_nobody_can_have() -> None:
    """Each letter names addresses under ``.example`` alone, and says that it is made up."""
    for letter in islice(server.exchanged(), 40):
        (content, *_) = letter.deliveries(1, NOON)
        found = re.findall(rb"@([\w.-]+)", content)
        assert found
        assert all(each.endswith(b".example") for each in found)
        assert "z pokazu" in rendered(content).text


def test_deliveries_of_a_letter_are_one_message() -> None:
    """They differ by the fields that each has anew; verdicts tell a swindler's letter from a supplier's."""
    first, second = PAPER[-1].deliveries(7, NOON)
    assert first != second
    assert digest_of(first) == digest_of(second)
    signed = b"DKIM-Signature: v=1; d=lista.example;\r\n b=abc=\r\nARC-Seal: i=1\r\nX-Original-To: a@urzad.example\r\n"
    assert digest_of(signed + first) == digest_of(first)
    assert digest_of(b"Subject: inny\r\n" + first) != digest_of(first)
    verdicts = {
        letter.sender: b"spf=fail" in next(letter.deliveries(1, NOON))
        for letter in islice(server.exchanged(), 40)
    }
    assert [sender for sender, failed in verdicts.items() if failed] == [SWINDLER]


def test_letters_wait_while_nobody_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a mail server's queue; each comes once, in turn."""
    tried = threading.Event()
    monkeypatch.setattr(server, "AGAIN_S", 0.01)
    given = Namespace(letters=3, every=0.0, journal=JOURNAL)
    with mail_server() as box:
        box.refuses = True

        class Watched(threading.Event):
            def wait(self, timeout: float | None = None) -> bool:
                tried.set()
                return super().wait(timeout)

        sending = threading.Thread(
            target=server.send, args=(("127.0.0.1", box.port), given, Watched(), SystemClock())
        )
        sending.start()
        assert tried.wait(CEILING_S)
        assert box.letters == []
        box.refuses = False
        sending.join(CEILING_S)
        until(lambda: len(box.letters) == 3)
    assert [to for to, _ in box.letters] == [JOURNAL] * 3
    assert [message["Subject"] for _, message in box.letters] == [each.subject for each in USUAL[:3]]
