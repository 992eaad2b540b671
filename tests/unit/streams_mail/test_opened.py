"""What a case opens: its scope, the walk over parts, the index in memory."""

import gc
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.utils import translation

from rejent.kernel.intervals import Interval
from rejent.streams.mail.messages import workspace as workspaces
from rejent.streams.mail.messages.classes import MessageHead
from rejent.streams.mail.messages.parts import MOST_DEEP, MOST_PARTS, parts_of
from rejent.streams.mail.messages.rendering import MessageHeaders, digest_of, rendered, searched_text
from rejent.streams.mail.messages.scope import Scope, folded, read_addresses, read_words
from rejent.streams.mail.messages.sealing import OpenedMessage
from rejent.streams.mail.messages.workspace import (
    IndexedText,
    ListedMessage,
    MessageName,
    MessagePlace,
    Workspace,
    Workspaces,
    in_scope,
)
from rejent.streams.mail.pages.sayings import SAYINGS
from rejent.streams.mail.pages.words import verdict_words
from tests.streams.mail_corpus import HARD, HTML, ORDINARY, smime

AT = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
WHOLE = Interval(AT, AT + timedelta(days=1))


def opened(content: bytes, sender: str = "", *to: str) -> OpenedMessage:
    """Return a message with its envelope."""
    return OpenedMessage(sender, to or ("dziennik@archiwum.example",), content)


@pytest.mark.parametrize(
    ("addresses", "words", "found"),
    [
        (["anna@urzad.example"], [], True),
        (["@dostawca.example"], [], True),
        (["anna@urzad.example"], ["zamówienie na"], True),
        (["anna@urzad.example"], ["zamow", "nic"], True),
        (["anna@urzad.example"], ["ówienie"], False),
        (["nna@urzad.example", "@urzad.exampl", "@ad.example"], [], False),
        (["ewa@urzad.example"], ["zamow"], False),
    ],
)
def test_scope_takes_people_and_words_of_the_case_alone(
    addresses: list[str], words: list[str], found: bool
) -> None:
    """Addresses are whole ones or whole domains; words are beginnings, without regard to case and marks."""
    scope = Scope(WHOLE, tuple(addresses), tuple(read_words(",".join(words))))
    assert (in_scope(opened(ORDINARY), MessageHead(ORDINARY), scope) is not None) is found


def test_lists_are_read_as_people_write_them() -> None:
    """What is no address is named; words are folded and kept as phrases."""
    assert read_addresses(" Anna@Urzad.example;\n@firma.pl, anna@urzad.example bez ") == (
        ["anna@urzad.example", "@firma.pl"],
        ["bez"],
    )
    assert read_words("Żółta  KARTKA, ,faktur\nfaktur") == ["zolta kartka", "faktur"]
    assert folded("Łódź – ul. Ściegiennego 5/7") == "lodz ul sciegiennego 5 7"


def test_every_message_of_the_corpus_is_taken_apart() -> None:
    """Nothing fails, nothing recurses, no part is lost at the deepest level that is opened."""
    for content in HARD:
        assert rendered(content).headers is not None
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(MOST_DEEP - 1)
    )
    (part,) = parts_of(deep + b"\r\nna dnie\r\n")
    assert "na dnie" in part.text()
    wide = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 5000
    assert len(list(parts_of(wide))) == MOST_PARTS


def test_attachments_are_named_as_they_are_called() -> None:
    """Encoded and continued names are read, paths are cut off, broken base64 gives what there is."""
    (text, offer) = parts_of(HTML)
    assert (text.kind, offer.name, offer.content()) == ("text/html", "oferta.pdf", b"%PDF-1.4\n")
    for stated, name in (
        ("filename*=utf-8''%C5%BC%C3%B3%C5%82ty.pdf", "żółty.pdf"),
        ('filename="=?utf-8?b?xbzDs8WCdHkucGRm?="', "żółty.pdf"),
        ('filename="..\\\\..\\\\winmail.dat"', "winmail.dat"),
        ("", "application.pkcs7-mime"),
    ):
        head = f"Content-Type: application/pkcs7-mime\r\nContent-Disposition: attachment; {stated}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        (part,) = parts_of(head.encode() + b"YWJj!!ZGV\r\n")
        assert part.name == name
        assert part.content().startswith(b"abc")


def test_what_is_signed_as_one_piece_is_taken_out_whatever_its_bytes(tmp_path: Path) -> None:
    """Cut anywhere, or altered anywhere in its frame, it is a file or a text, and never a failure."""
    content = smime(tmp_path)["smime-streamed"]
    (whole,) = [part for part in parts_of(content) if part.kind.endswith("pkcs7-mime")]
    signed = whole.content()
    head = b"Content-Type: application/pkcs7-mime\r\n\r\n"
    (_, text) = parts_of(head + signed)
    assert (text.kind, text.raw) == ("text/plain", b"tresc podpisana\r\n")
    for place in range(120):
        altered = bytearray(signed)
        altered[place] ^= 0xFF
        assert len(list(parts_of(head + bytes(altered)))) in {1, 2}
        assert next(parts_of(head + signed[:place])).kind == "application/pkcs7-mime"


def workspace(*texts: str, bodies: Sequence[str] = (), aside: Collection[int] = ()) -> Workspace:
    """Return an opened viewing of messages with these subjects, a minute apart; those set aside by their numbers."""
    facts: Any = None
    found = []
    for number, text in enumerate(texts):
        at = AT + timedelta(minutes=number)
        segment: Any = SimpleNamespace(source_id="journal")
        place: Any = MessagePlace(at, at, segment, None)  # type: ignore[arg-type]
        headers = MessageHeaders("Anna <anna@urzad.example>", "jan@firma.example", text, "")
        text_in = IndexedText("anna urzad example", folded(text), bodies[number] if bodies else "")
        found.append((ListedMessage(place, facts, headers, b"", aside=number in aside), text_in))
    return Workspace({}, found)


def test_search_finds_beginnings_phrases_addresses_and_days() -> None:
    """Every word must be there; signs of the index's own language are nothing but text."""
    space = workspace("Faktura za papier", "Papier, faktury i toner", "Umowa")

    def subjects(words: str, **days: datetime) -> list[str]:
        return [each.headers.subject for each in space.searched(words, **days)]

    assert len(subjects("FAKTUR papier")) == 2
    assert subjects('"faktura za"') == ["Faktura za papier"]
    assert len(subjects("anna@urzad.example")) == 3
    assert subjects("papier", since=AT + timedelta(seconds=1)) == ["Papier, faktury i toner"]
    assert subjects('toner" OR umowa* NOT (') == []
    assert len(subjects('"" *')) == 3
    space.drop(MessageName(AT, "history"))
    assert len(subjects("papier")) == 2
    space.drop(MessageName(AT, "journal"))
    assert subjects("faktura") == ["Papier, faktury i toner"] or subjects("faktur") == [
        "Papier, faktury i toner"
    ]


@pytest.mark.parametrize("together", [1, 12, 1 << 20])
def test_each_message_is_found_by_its_own_words(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are indexed together, whether they lay aside, and whichever were let be read first."""
    monkeypatch.setattr(workspaces, "_INDEXED_TOGETHER", together)
    letters = [f"tresc{number}" for number in range(7)]
    space = workspace(*letters, bodies=letters, aside={2, 3, 5})

    def found(word: str) -> list[str]:
        return [each.headers.subject for each in space.searched(word)]

    read = [letters[number] for number in (0, 1, 4, 6)]
    assert [found(word) for word in letters] == [[word] if word in read else [] for word in letters]
    space.release([MessageName(AT + timedelta(minutes=number), "journal") for number in (5, 2, 9)])
    read = [word for word in letters if word != letters[3]]
    assert [found(word) for word in letters] == [[word] if word in read else [] for word in letters]
    assert [each.headers.subject for each in space.set_aside()] == [letters[3]]


def test_what_was_opened_is_gone_with_its_viewing() -> None:
    """Whoever asks after the end gets nothing, and the sweep gives up what nobody asks for; no message stays in memory."""
    over: set[Any] = set()
    spaces, first, second = Workspaces(over.__contains__), uuid4(), uuid4()
    spaces.keep(first, workspace("Pierwsza tajemnica"))
    spaces.keep(second, workspace("Druga tajemnica"))
    over.update((first, second))
    assert spaces.of(first) is None
    spaces.sweep()
    assert len(spaces) == 0
    gc.collect()
    left = [each for each in gc.get_objects() if isinstance(each, ListedMessage)]
    assert left == []


def test_hostile_markup_is_taken_apart_in_one_pass() -> None:
    """A tag without end shows nothing, as in browsers; of more tags than are read the rest is text; comments, scripts and styles are none."""
    torn = rendered(b"Content-Type: text/html\r\n\r\n" + b"<div " * 200_000)
    assert (torn.from_markup, torn.text) == (True, "")
    many = searched_text(b"Content-Type: text/html\r\n\r\n" + b"<b>x" * 200_000 + b"na koniec")
    assert "<b>x" in many
    assert "na koniec" in many
    assert (
        rendered(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"\r\n--b" * 200_000).text.strip()
        == ""
    )
    page = b"<p>Tak &amp; nie<!-- <b>nie to</b> --><script>var a = '<p>';</script><br>koniec"
    assert rendered(b"Content-Type: text/html\r\n\r\n" + page).text == "Tak & nie\nkoniec"


@pytest.mark.parametrize(
    ("dated", "at"),
    [
        ("Tue, 24 Nov 2026 08:07:00 +0100", datetime(2026, 11, 24, 7, 7, tzinfo=UTC)),
        ("Tue, 24 Nov 2026 08:07:00 -0000", datetime(2026, 11, 24, 8, 7, tzinfo=UTC)),
        ("wczoraj", None),
        ("Tue, 99 Nov 2026 08:07:00 +0100", None),
        ("", None),
    ],
)
def test_the_date_that_a_message_states_is_an_instant_where_it_is_a_date(
    dated: str, at: datetime | None
) -> None:
    """Pages say it as dates are said in the office, and what is no date as it stands."""
    assert MessageHeaders(dated=dated).dated_at == at


@pytest.mark.parametrize(
    ("verdict", "said"),
    [("spf=pass", "SPF: potwierdzono"), ("dkim=permerror", "DKIM: nie dało się sprawdzić")],
)
def test_what_the_mail_server_said_of_a_sender_is_said_in_words(verdict: str, said: str) -> None:
    """A check by its name, and its result in the reader's language."""
    with translation.override("pl"):
        assert verdict_words(verdict) == said


def test_documents_of_mail_speak_of_correspondence_alone() -> None:
    """Neither the purposes nor the rights of people speak of a recording."""
    with translation.override("pl"):
        said = [str(each) for each in (*SAYINGS.titles.values(), *SAYINGS.wordings.values())]
    assert {"purposes", "rights"} <= SAYINGS.titles.keys() & SAYINGS.wordings.keys()
    assert [each for each in said if "nagr" in each.casefold()] == []


def test_what_each_delivery_or_a_mailbox_adds_makes_no_other_letter() -> None:
    """Traces, results and signatures, the marks of a mailbox and its line ends; a word more in the head or the text does."""
    letter = b"From: anna@urzad.example\r\nSubject: Papier\r\n\r\nPierwszy akapit.\r\n\r\nDrugi.\r\n"
    traces = (
        b"Received: from a\r\n\tby b", b"Return-Path: <>", b"Delivered-To: x@y", b"X-Original-To: x@y", b"Authentication-Results: mx; spf=pass",
        b"ARC-Seal: i=1", b"DKIM-Signature: v=1", b"Status: RO", b"X-Keywords: a b", b"X-Mozilla-Status: 0001", b"Content-Length: 40",
    )  # fmt: skip
    delivered = b"\r\n".join((*traces, letter))
    for other in (
        delivered,
        letter.replace(b"\r\n", b"\n"),
        delivered.replace(b"\r\n", b"\n"),
        letter + b"\r\n",
    ):
        assert digest_of(other) == digest_of(letter)
    mixed = b"Subject: a\n\nReceived: b\r\n\r\nc"
    assert digest_of(mixed) != digest_of(mixed.replace(b"Received: b", b"Received: d"))
    for word in (b"Papier", b"Drugi"):
        assert digest_of(delivered.replace(word, word + b"!")) != digest_of(letter)
