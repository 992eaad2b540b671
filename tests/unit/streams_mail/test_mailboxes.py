"""What a mailbox tells of its messages: where they begin and end, and from when their terms count."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rejent.streams.mail.receiving.imported.imap import ImapAddress, ImapMailbox
from rejent.streams.mail.receiving.imported.mailbox import stated_time
from rejent.streams.mail.receiving.imported.maildir import MaildirFolder
from rejent.streams.mail.receiving.imported.mbox import MboxFile
from rejent.streams.mail.records.errors import ImportRefusedError
from tests.unit.streams_mail.imap_server import MESSAGE, ImapScript, imap_server

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
        (LINE + b"Subject: a\n\ntext\n" + LINE + b"Subject: b\n\n", [b"Subject: a\n\ntext\n", b"Subject: b\n"]),
        (LINE + b"Subject: a\n\ntext\n" + LINE + b"Uwaga: b\n\n", [b"Subject: a\n\ntext\n" + LINE + b"Uwaga: b\n"]),
        (b"\xef\xbb\xbf" + LINE + b"Subject: a\n\n" + LINE + b"Subject: b\n\n", [b"Subject: a\n", b"Subject: b\n"]),
        (b" Oct 20 10:00:00 2026\nX-Account-Key: a\n\n" + LINE + b"Subject: b\n\n", [b"X-Account-Key: a\n", b"Subject: b\n"]),
        (LINE + b"Content-Length: 7\n\nx\n\n" + LINE + b"To: b\n\n", [b"Content-Length: 7\n\nx\n", b"To: b\n"]),
        (LINE + b"Subject: a\n\n" + LINE + b"no field\n\n", [b"Subject: a\n\n" + LINE + b"no field\n"]),
        (LINE + b"Subject: a\n\n" + LINE, [b"Subject: a\n", b""]),
        (LINE.replace(b"\n", b"\r\n") + b"Subject: a\r\n\r\nx\r\n\r\n", [b"Subject: a\r\n\r\nx\r\n"]),
        (LINE + b"Subject: a\n\n" + b"x" * 200_000 + b"\nFrom \0\xff\n", [b"Subject: a\n\n" + b"x" * 200_000 + b"\nFrom \0\xff\n"]),
    ],
)  # fmt: skip
def test_lines_that_part_messages_are_told_from_text(
    tmp_path: Path, content: bytes, found: list[bytes]
) -> None:
    """They state a sender and a date, and fields follow, usual ones where no empty line stands before; all other bytes are kept as they stand."""
    assert messages(tmp_path / "box", content) == found


FORMS = [
    b'From "jan@firma.example" Tue Oct 20 10:00:00 2026\n',
    'From "Jan Przykładowy" Tue Oct 20 10:00:00 2026\n'.encode(),
    b"From jan at firma.example  Tue Oct 20 10:00:00 2026\n",
    b"From jan@firma.example Tue, 20 Oct 2026 10:00:00 +0200\n",
    b"From jan@firma.example Tue, 20 Oct 2026 08:00:00 GMT\n",
    b"From jan@firma.example 20 Oct 2026 10:00 +0200 (CEST)\n",
    b"From jan@firma.example 2026-10-20 10:00:00\n",
    b"From jan@firma.example 2026-10-20T08:00:00Z\n",
    b"From jan@firma.example 2026-10-20T10:00:00+02:00\n",
    b"From jan@firma.example Tue Oct 20 10:00:00 2026 remote from firma\n",
    b"From 1779@xxx Tue Oct 20 08:00:00 +0000 2026\n",
    b"From - Tue Oct 20 10:00:00 2026\r\n",
    b"From jan@firma.example Tue Oct 20 10:00:00 CEST 2026\n",
]


@pytest.mark.parametrize("line", FORMS)
@pytest.mark.parametrize("blank", [b"\n", b""], ids=["behind an empty line", "behind text"])
def test_each_usual_line_parts_messages_and_states_its_time(
    tmp_path: Path, line: bytes, blank: bytes
) -> None:
    """As mail programs, servers and exports write it."""
    (tmp_path / "box").write_bytes(LINE + b"Subject: a\n\nx\n" + blank + line + b"Subject: b\n\ny\n")
    box = MboxFile(tmp_path / "box")
    first, second = box.found(NOW)
    assert (box.content(first), box.content(second)) == (b"Subject: a\n\nx\n", b"Subject: b\n\ny\n")
    assert (second.stated, box.doubtful) == (SERVED, [])
    box.close()


@pytest.mark.parametrize(
    ("within", "named", "places"),
    [
        (b"From jan@firma.example 2026-10-20\nSubject: b\n", [5], 1),
        (b"From Jan Tue Oct 20 10:00:00 2026 napisal:\nTo: b\n", [5], 1),
        (LINE + b"cytat\n", [5], 1),
        (b"From my window\nnothing\n\nFrom now on\n\n>From b\nSubject: c\n", [], 0),
    ],
)
def test_a_line_that_nearly_parts_two_messages_is_named(
    tmp_path: Path, within: bytes, named: list[int], places: int
) -> None:
    """It may be of a message that this one would hide; where it stands is told, so that the rules are applied to what follows."""
    (tmp_path / "box").write_bytes(LINE + b"Subject: a\n\n\n" + within)
    box = MboxFile(tmp_path / "box")
    (found,) = box.found(NOW)
    content = box.content(found) or b""
    assert (box.doubtful, len(found.doubtful)) == (named, places)
    assert all(content[place:].startswith(b"From ") for place in found.doubtful)
    box.close()


def test_the_length_that_a_message_states_covers_a_quoted_mailbox(tmp_path: Path) -> None:
    """Where a message begins behind it; the lines within are named all the same."""
    inner = b"w zalaczeniu:\n\n" + LINE + b"Subject: cytat\n\nkoniec\n"
    head = b"Subject: a\nContent-Length: %d\n\n" % len(inner)
    (tmp_path / "box").write_bytes(LINE + head + inner + b"\n" + LINE + b"Subject: b\n\n")
    box = MboxFile(tmp_path / "box")
    found = list(box.found(NOW))
    assert [box.content(each) for each in found] == [head + inner, b"Subject: b\n"]
    assert (box.doubtful, [each.doubtful for each in found]) == ([7], [(), ()])
    box.close()


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


@contextmanager
def served(script: ImapScript) -> Iterator[ImapMailbox]:
    """Sign in at a server of ours."""
    with imap_server(script) as port:
        box = ImapMailbox(ImapAddress("127.0.0.1", port, "anna", "INBOX", encrypted=False), "tajne")
        try:
            yield box
        finally:
            box.close()


@pytest.mark.parametrize(
    ("told", "content"),
    [
        (b"BODY[] NIL", None),
        (b'BODY[] ""', None),
        (b"BODY[] {0}\r\n", None),
        (b"FLAGS (\\Seen)", None),
        (b'BODY[] "Subject: \\"a\\""', b'Subject: "a"'),
        (b"BODY[] {20}\r\n" + MESSAGE[:20], MESSAGE[:20]),
    ],
)
def test_what_a_server_does_not_hand_out_is_no_empty_message(told: bytes, content: bytes | None) -> None:
    """It is asked for once more; what is shorter than the size that was stated is seen to be."""
    script = ImapScript(bodies={2: told})
    with served(script) as box:
        found = list(box.found(NOW))
        assert [box.content(each) for each in found] == [MESSAGE, content, MESSAGE]
        assert {each.whole for each in found} == {len(MESSAGE)}
    asked = [each for each in script.said if each.startswith("UID FETCH 2 ")]
    assert len(asked) == (2 if content is None else 1)


@pytest.mark.parametrize("uids", [range(1_000_001, 1_149_313), range(3_000_000_000, 3_000_100_000)])
def test_a_large_folder_is_listed_range_by_range(uids: range) -> None:
    """No line is longer than `imaplib` takes, wherever its numbers begin; no number is missed or listed twice."""
    script = ImapScript(uids)
    with served(script) as box:
        _, count = box._select("INBOX")
        assert box._uids(count) == list(uids)
    assert len(script.said) < 40


def test_the_error_of_an_answer_that_cannot_be_read_does_not_promise_that_a_repetition_helps() -> None:
    """An end of the connection is another thing: what is imported stays."""
    script = ImapScript()
    with served(script) as box:
        script.altered = lambda told: told.replace(b"* SEARCH 1", b"* SEARCH " + b"1" * 1_000_001)
        with pytest.raises(ImportRefusedError, match="folder by folder"):
            list(box.found(NOW))
    script.altered = bytes
    with served(script) as box:
        script.altered = lambda told: b"" if b"SEARCH" in told else told
        with pytest.raises(ImportRefusedError, match="broke off the import"):
            list(box.found(NOW))
