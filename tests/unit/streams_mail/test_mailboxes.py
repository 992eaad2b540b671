"""What a mailbox tells of its messages: where they begin and end, and from when their terms count."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rejent.streams.mail.receiving.imported.imap import ImapAddress
from rejent.streams.mail.receiving.imported.mailbox import stated_time
from rejent.streams.mail.receiving.imported.maildir import MaildirFolder
from rejent.streams.mail.receiving.imported.mbox import MboxFile
from rejent.streams.mail.records.errors import ImportRefusedError

NOW = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
SERVED = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)
LINE = b"From jan@firma.example Tue Oct 20 10:00:00 2026\n"


def messages(file: Path, content: bytes) -> list[bytes | None]:
    """Return the messages of an mbox of this content."""
    file.write_bytes(content)
    box = MboxFile(file)
    try:
        return [box.content(each) for each in list(box.found(NOW))]
    finally:
        box.close()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", []),
        (LINE + b"Subject: a\n\nx\n\n" + LINE + b"Subject: b\n\ny\n", [b"Subject: a\n\nx\n", b"Subject: b\n\ny\n"]),
        (LINE + b"Subject: a\n\nx\n\nFrom now on\n\nFrom a b c\n", [b"Subject: a\n\nx\n\nFrom now on\n\nFrom a b c\n"]),
        (LINE + b"Subject: a\n\n>From b\n>>From c\n", [b"Subject: a\n\n>From b\n>>From c\n"]),
        (LINE + b"Subject: a\n\ntext\n" + LINE + b"Subject: b\n\n", [b"Subject: a\n\ntext\n" + LINE + b"Subject: b\n"]),
        (LINE + b"Subject: a\n\n" + LINE + b"no field\n\n", [b"Subject: a\n\n" + LINE + b"no field\n"]),
        (LINE + b"Subject: a\n\n" + LINE, [b"Subject: a\n", b""]),
        (LINE.replace(b"\n", b"\r\n") + b"Subject: a\r\n\r\nx\r\n\r\n", [b"Subject: a\r\n\r\nx\r\n"]),
        (LINE + b"Subject: a\n\n" + b"x" * 200_000 + b"\nFrom \0\xff\n", [b"Subject: a\n\n" + b"x" * 200_000 + b"\nFrom \0\xff\n"]),
    ],
)  # fmt: skip
def test_lines_that_part_messages_are_told_from_text(
    tmp_path: Path, content: bytes, found: list[bytes]
) -> None:
    """They follow an empty line, state a sender and a date, and fields follow; all other bytes are kept as they stand."""
    assert messages(tmp_path / "box", content) == found


def test_an_mbox_that_is_written_to_is_left(tmp_path: Path) -> None:
    """Offsets of a file that changes lead anywhere."""
    file = tmp_path / "box"
    file.write_bytes(LINE + b"Subject: a\n\n")
    box = MboxFile(file)
    (found,) = box.found(NOW)
    with file.open("ab") as more:
        more.write(LINE)
    with pytest.raises(ImportRefusedError, match="was changed while it was imported"):
        box.content(found)
    box.close()


@pytest.mark.parametrize(
    ("line", "stated"),
    [
        (LINE, SERVED),
        (b"From a@b.example Tue Oct 20 10:00:00 2026 +0000\n", SERVED + timedelta(hours=2)),
        (b"From MAILER-DAEMON Tue Oct 20 10:00:00 +0200 2026\n", SERVED),
        (b"From - Tue Oct 20 10:00:00 2026\n", SERVED),
        (b"From a@b.example Tue Oct 99 10:00:00 2026\n", None),
    ],
)
def test_the_time_of_a_line_is_civil_where_it_names_no_zone(
    tmp_path: Path, line: bytes, stated: datetime | None
) -> None:
    """A date that is none states nothing."""
    (tmp_path / "box").write_bytes(line + b"Subject: a\n\n")
    box = MboxFile(tmp_path / "box")
    assert [each.stated for each in box.found(NOW)] == [stated]
    box.close()


@pytest.mark.parametrize(
    ("served", "head", "stated"),
    [
        (SERVED, b"", SERVED),
        (SERVED, b"Received: by a; Mon, 19 Oct 2026 10:00:00 +0200\n", SERVED - timedelta(days=1)),
        (SERVED, b"Received: by a; Wed, 21 Oct 2026 10:00:00 +0200\nReceived: by b; Mon, 5 Oct 2026 10:00:00 +0200\n", SERVED),
        (SERVED, b"Date: Mon, 5 Oct 2026 10:00:00 +0200\n", SERVED),
        (None, b"Date: Tue, 20 Oct 2026 10:00:00 +0200\n", SERVED),
        (None, b"Received: from x by y\nDate: never\n", None),
        (None, b"Date: Tue, 20 Oct 1926 10:00:00 +0200\n", None),
        (NOW + timedelta(hours=3), b"", NOW),
        (NOW + timedelta(days=9), b"", None),
    ],
)  # fmt: skip
def test_terms_count_from_the_earlier_of_what_servers_state(
    served: datetime | None, head: bytes, stated: datetime | None
) -> None:
    """A mailbox that was moved states when; what a sender claims counts only where no server says anything; nothing lies ahead."""
    assert stated_time(served, head, NOW) == stated


def test_a_message_of_a_maildir_is_found_after_a_mark_was_set(tmp_path: Path) -> None:
    """A client moves it from new to cur meanwhile; one that was removed is not there."""
    for each in ("cur", "new", "tmp"):
        (tmp_path / each).mkdir()
    for name in ("1761000000.a", "1761000001.b"):
        (tmp_path / "new" / name).write_bytes(name.encode())
    box = MaildirFolder(tmp_path)
    first, second = box.found(NOW)
    (tmp_path / "new" / "1761000000.a").rename(tmp_path / "cur" / "1761000000.a:2,S")
    (tmp_path / "new" / "1761000001.b").unlink()
    assert [box.content(first), box.content(second)] == [b"1761000000.a", None]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("imaps://anna@imap.example/INBOX", ("imap.example", 993, "anna", "INBOX", True)),
        ("imap://anna%40urzad.example@127.0.0.1:10143", ("127.0.0.1", 10143, "anna@urzad.example", "", False)),
        ("imaps://anna@[::1]/Wys%C5%82ane/2026/", ("::1", 993, "anna", "Wysłane/2026", True)),
    ],
)  # fmt: skip
def test_a_mailbox_on_a_server_is_named_by_its_address(
    written: str, read: tuple[str, int, str, str, bool]
) -> None:
    """User, host, port and folder of RFC 5092."""
    address = ImapAddress.parsed(written)
    assert (address.host, address.port, address.user, address.folder, address.encrypted) == read


@pytest.mark.parametrize(
    "written",
    ["", "anna@imap.example", "http://a@b", "imap://host", "imaps://a:tajne@b", "imaps://a@b:99999", "imaps://a@b/%0d%0aA1"],
)  # fmt: skip
def test_what_names_no_mailbox_is_refused_without_repeating_it(written: str) -> None:
    """It may hold a password."""
    with pytest.raises(ImportRefusedError) as refused:
        ImapAddress.parsed(written)
    assert "tajne" not in str(refused.value)
