"""What senders write to make the program fail, stand still or take a letter for something else."""

import gzip

import pytest

from rejent.streams.mail.messages.classes import MessageHead
from rejent.streams.mail.messages.journal_reports import claims_to_report
from rejent.streams.mail.messages.parts import parts_of
from rejent.streams.mail.messages.syntax import codec_of
from rejent.streams.mail.receiving.imported.mailbox import Found, folder_name
from rejent.streams.mail.threats.unpacking import Unpacking
from tests.unit.streams_mail.test_journal_report import REPORTER, RULES, report

TORN = "=?utf-8?b?a?="
"""An encoded word of which `email.header` raises `HeaderParseError`."""


def test_a_torn_encoded_word_says_nothing_and_is_doubtful() -> None:
    """In the head of a message and in that of a part."""
    content = f'Subject: {TORN}\r\nContent-Type: text/plain; name="{TORN}"\r\n\r\nText'.encode()
    head = MessageHead(content)
    assert list(head.texts("subject")) == [""]
    assert head.is_doubtful("subject")
    assert [part.text() for part in parts_of(content)] == ["Text"]


@pytest.mark.parametrize(
    ("named", "codec"),
    [
        ("iso-8859-2", "iso8859-2"),
        ("windows-1250", "cp1250"),
        ("punycode", "utf-8"),
        ("idna", "utf-8"),
        ("base64", "utf-8"),
        ("a\0b", "utf-8"),
    ],
)
def test_charsets_are_those_of_text_alone(named: str, codec: str) -> None:
    """None that takes the longer the more there is of it, and none that is no charset."""
    assert codec_of(named) == codec


@pytest.mark.parametrize(
    "author",
    [
        f'"{REPORTER}" <mallory@zly.example>',
        f"{REPORTER}, mallory@zly.example",
        f"{REPORTER} <mallory@zly.example>",
    ],
)
def test_a_name_that_reads_like_a_reporter_is_none(author: str) -> None:
    """Only the one address that wrote counts, not what stands in its name."""
    forged = report().replace(f"<{REPORTER}>".encode(), author.encode())
    assert not claims_to_report(MessageHead(forged), "", RULES)
    assert claims_to_report(MessageHead(report()), "", RULES)


def test_base64_goes_on_behind_its_padding() -> None:
    """Mail programs read on, and so do search, scanners and pages."""
    head = b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    (part,) = parts_of(head + b"Z29vZA==\r\nZXZpbA==\r\n")
    assert part.content() == b"goodevil"


def test_a_second_member_of_gzip_is_not_called_looked_at() -> None:
    """Nor one that is torn."""
    for content, whole in (
        (gzip.compress(b"a"), True),
        (gzip.compress(b"a") * 2, False),
        (gzip.compress(b"a")[:-9], False),
    ):
        unpacking = Unpacking()
        first, *_ = unpacking.of(content)
        assert first == content
        assert unpacking.partly != whole


def test_a_private_folder_is_known_by_its_polish_name() -> None:
    """A maildir writes it in the UTF-7 of IMAP."""
    folder = folder_name(".W&AUI-asne.2026")
    assert folder == ".Własne.2026"
    assert Found("1", "1", None, 0, folder=folder).lies_in({"własne"})
    assert not Found("1", "1", None, 0, folder=folder).lies_in({"inne"})
