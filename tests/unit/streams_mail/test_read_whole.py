"""Every text of a message is shown and searched, names are read as mail programs read them, and one message never closes an opening."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rejent.formats.source import BytesSource
from rejent.kernel.intervals import Interval
from rejent.streams.mail.applications import COPIES
from rejent.streams.mail.messages import reading, rendering
from rejent.streams.mail.messages.looking import html_document
from rejent.streams.mail.messages.markup import Words, text_of
from rejent.streams.mail.messages.parts import MOST_PARTS, MOST_READ, has_more, kinds_of, parts_of
from rejent.streams.mail.messages.rendering import rendered, searched_text
from rejent.streams.mail.messages.scope import Scope
from rejent.streams.mail.messages.sealing import OpenedMessage
from rejent.streams.mail.messages.syntax import decode_text, read_value, split_head

HEAD = b"From: a@x.example\r\nTo: b@urzad.example\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
WORDS = Words("elsewhere", "missing", "failed", str)
MIXED = b"Content-Type: multipart/mixed; boundary=B\r\n\r\n"


def html(text: bytes) -> bytes:
    """Return a part of HTML."""
    return b"--B\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>" + text + b"</p>\r\n"


def plain(text: bytes) -> bytes:
    """Return a part of plain text."""
    return b"--B\r\nContent-Type: text/plain\r\n\r\n" + text + b"\r\n"


LETTERS = {
    "an empty plain part beside HTML": MIXED + plain(b"") + html(b"KOSZTORYS w HTML") + b"--B--\r\n",
    "a plain part that points to the HTML": MIXED + plain(b"Zobacz HTML.") + html(b"KOSZTORYS") + b"--B--\r\n",
    "HTML with a footer of a mailing list": MIXED + html(b"KOSZTORYS") + plain(b"Stopka") + b"--B--\r\n",
    "HTML with a plain message attached": MIXED + html(b"KOSZTORYS") + b"--B\r\nContent-Type: message/rfc822\r\n\r\nSubject: w\r\n\r\nx\r\n--B--\r\n",
    "HTML in a message within": MIXED + plain(b"x") + b"--B\r\nContent-Type: message/global\r\n\r\nContent-Type: text/html\r\n\r\n<b>KOSZTORYS</b>\r\n--B--\r\n",
    "a blank in the empty line": b" \r\nKOSZTORYS jawnie\r\n",
    "no empty line at all": b"KOSZTORYS jawnie\r\n",
    "a type without its second half": b"Content-Type: text\r\n\r\nKOSZTORYS\r\n",
    "a type that is none": b"Content-Type: ; ;\r\n\r\nKOSZTORYS\r\n",
    "more than 200 000 characters": b"\r\n" + b"abcdefg " * 26_000 + b"KOSZTORYS\r\n",
    "a name on the body": b'Content-Type: text/plain; name="list.txt"\r\n\r\nKOSZTORYS\r\n',
    "a boundary over 200 characters": b'Content-Type: multipart/mixed; boundary="' + b"b" * 201 + b'"\r\n\r\n--' + b"b" * 201 + b"\r\n\r\nKOSZTORYS\r\n--" + b"b" * 201 + b"--\r\n",
    "a boundary that never comes": b"Content-Type: multipart/mixed; boundary=q\r\n\r\nKOSZTORYS\r\n",
    "no boundary": b"Content-Type: multipart/mixed\r\n\r\nKOSZTORYS\r\n",
    "a comment in the type": b"Content-Type: text/plain (uwaga (druga); x)\r\n\r\nKOSZTORYS\r\n",
    "a comment in the encoding": b"Content-Transfer-Encoding: base64 (x)\r\n\r\nS09TWlRPUllT\r\n",
    "uuencode": b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a.txt\r\n%2T]36E0 \r\n$3U)94P  \r\n`\r\nend\r\n",
    "torn uuencode": b"Content-Transfer-Encoding: uuencode\r\n\r\nbegin 644 a.txt\r\n\xff\r\n)2T]36E1/4EE3*\r\n",
    "uuencode that is none": b"Content-Transfer-Encoding: x-uue\r\n\r\nKOSZTORYS\r\n",
    "a type of text that nobody knows": b"Content-Type: text/x-nowe\r\n\r\nKOSZTORYS\r\n",
    "a report of a server": b"Content-Type: message/delivery-status\r\n\r\nKOSZTORYS: 1\r\n",
    "a word parted by signs that nobody sees": b"Content-Type: text/html; charset=utf-8\r\n\r\nKOSZ&shy;TO\xe2\x80\x8bRYS",
    "a word in pieces of markup": b"Content-Type: text/html\r\n\r\n<span>KOSZ</span><b>TORYS</b>",
    "words in place of a picture": b"Content-Type: text/html\r\n\r\n<img src=x alt='KOSZTORYS'>",
    "what is shown where no script runs": b"Content-Type: text/html\r\n\r\n<noscript><p>KOSZTORYS</p></noscript>",
    "what is drawn": b"Content-Type: text/html\r\n\r\n<svg><style>a{}</style><title>x</title><text y=9>KOSZTORYS</text></svg>",
    "a field of a form": b"Content-Type: text/html\r\n\r\n<textarea>KOSZTORYS</textarea>",
    "a head without end, then a body": b"Content-Type: text/html\r\n\r\n<html><head><title>x</title><body>KOSZTORYS",
    "two types": b"Content-Type: text/html\r\nContent-Type: text/plain\r\n\r\nKOSZTORYS\r\n",
    "utf-16": b"Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n\r\nSwBPAFMAWgBUAE8AUgBZAFMA\r\n",
}  # fmt: skip


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
def test_every_text_is_shown_searched_and_packed(letter: bytes) -> None:
    """As text, by the search and on the page of a package, each level by itself."""
    content = HEAD + letter
    shown = rendered(content)
    texts = [shown.text, *(each.text for each in shown.within)]
    assert any("KOSZTORYS" in rendering.UNSEEN.sub("", text) for text in texts)
    assert "KOSZTORYS" in searched_text(content)
    assert COPIES.playable is not None
    page = COPIES.playable.made(BytesSource(content)).decode()
    assert "KOSZTORYS" in rendering.UNSEEN.sub("", page)


def test_lines_may_end_by_returns_alone() -> None:
    """Head, body and parts are found as where lines end by CR LF."""
    content = (HEAD + MIXED + html(b"KOSZTORYS") + b"--B--\r\n").replace(b"\r\n", b"\r")
    assert rendered(content).text == "KOSZTORYS"
    assert split_head(b"a: b\r\r\n\r\r\nc\r\r\n") == (b"a: b\r\r\n", b"c\r\r\n")


def test_what_html_repeats_is_shown_once() -> None:
    """An alternative that says the same is not shown twice; one that says more is shown below what it differs from."""
    same = MIXED + plain("Dzień dobry".encode()) + html("Dzień <b>dobry</b>".encode()) + b"--B--\r\n"
    assert rendered(HEAD + same).text.strip() == "Dzień dobry"
    part = (
        MIXED
        + plain("Dzień dobry,\r\nto jest list.".encode())
        + html("Dzień dobry, to <i>jest</i>".encode())
        + b"--B--\r\n"
    )
    assert "HTML" not in rendered(HEAD + part).text
    other = MIXED + plain("Dzień dobry".encode()) + html("Dzień dobry, konto 11".encode()) + b"--B--\r\n"
    assert rendered(HEAD + other).text.split() == [
        "Dzień",
        "dobry",
        "–",
        "HTML",
        "–",
        "Dzień",
        "dobry,",
        "konto",
        "11",
    ]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("nie zapłacę, tylko się zgadzam", "zgadzam się zapłacę"),
        ("Konto 11 22, kwota 5", "Konto 22 11"),
        ("Kwota 1.000", "Kwota 1,000"),
        ("Kwota: 100", "Kwota: -100"),
        ("podaję nr", "podaj"),
    ],
)
def test_html_of_the_same_words_in_another_order_is_shown(said: str, shown: str) -> None:
    """It may say the opposite: only what stands in the plain text as one run is left out."""
    letter = MIXED + plain(said.encode()) + html(shown.encode()) + b"--B--\r\n"
    text = rendered(HEAD + letter).text
    assert text.partition("– HTML –")[2].strip() == shown


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        ("zażółć świat".encode("cp1250"), "", "zażółć świat"),
        ("zażółć gęślą".encode("iso-8859-2"), "", "zażółć gęślą"),
        ("gęś".encode("cp1250"), "us-ascii", "gęś"),
        ("ŚCIĄGA".encode("cp1250"), "utf-8", "ŚCIĄGA"),
        ("zażółć gęślą".encode() + b"\xff", "utf-8", "zażółć gęślą\ufffd"),
        ("żółw".encode("iso-8859-2"), "iso-8859-2", "żółw"),
        ("żółw".encode("utf-16"), "", "żółw"),
        (b"\xef\xbb\xbfx", "utf-8", "x"),
        (b"x", "\0", "x"),
        (b"x", "punycode", "x"),
    ],
)
def test_text_without_a_true_charset_is_read_as_mail_programs_read_it(
    raw: bytes, charset: str, text: str
) -> None:
    """Polish Windows and ISO 8859-2 are told apart; one torn sign makes no other charset of UTF-8."""
    assert decode_text(raw, charset) == text


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        (b'Content-Type: a/b; name*0="faktura_20"; name*1="26.exe"', "faktura_2026.exe"),
        (b"Content-Type: a/b; name*1*=%C3%B3%C5%82.exe; name*0*=utf-8''fakt%C5%BC", "faktżół.exe"),
        (b"Content-Disposition: attachment; filename=a.txt; filename*=utf-8''a.exe", "a.exe"),
        (b'Content-Disposition: attachment (x); filename="C:\\ala\\a.exe"', "a.exe"),
        (b'Content-Disposition: attachment; filename="a\\"b.exe"', 'a"b.exe'),
        (b"Content-Disposition: attachment; filename*=\0''a.exe", "a.exe"),
        ('Content-Disposition: attachment; filename="a\u202efdp.exe"'.encode(), "afdp.exe"),
        (b"Content-Type: a/b; filename*5=e; filename*9=xe; name*2=x.exe", "x.exe"),
    ],
)  # fmt: skip
def test_names_of_files_are_joined_of_their_pieces(stated: bytes, name: str) -> None:
    """RFC 2231 in any order, beside a plain name, with comments, signs that turn the direction, a charset that is none."""
    content = HEAD + stated + b"\r\n\r\nMZ\r\n"
    (part,) = parts_of(content)
    assert part.name == name
    assert kinds_of(content) == ("txt" if name.endswith("txt") else "other",)


def test_the_name_of_an_attached_message_is_shown_and_found() -> None:
    """It says often what the message is about."""
    content = (
        HEAD
        + MIXED
        + b"--B\r\nContent-Type: message/rfc822; name=skarga.eml\r\n\r\nSubject: w\r\n\r\nx\r\n--B--\r\n"
    )
    assert [each.name for each in rendered(content).within] == ["skarga.eml"]
    assert "skarga.eml" in searched_text(content)


def test_values_are_read_whatever_they_hold() -> None:
    """Quotation marks without end, comments without end, parameters by the hundred."""
    assert read_value('Text/HTML ; Charset="utf-8" ; boundary="a;b"') == ("text/html", {"charset": "utf-8", "boundary": "a;b"})  # fmt: skip
    assert read_value('text/plain; name="a;b')[1] == {"name": "a;b"}
    assert read_value("(((text/plain; name=a")[0] == ""
    assert read_value(")text/plain")[0] == ")text/plain"
    assert len(read_value("a/b" + ";x=1;y=2" * 5000)[1]) == 2


@pytest.mark.parametrize(
    "reference", ["&#" + "1" * 5000 + ";", "&#x" + "f" * 5000 + ";", "&#-1;", "&#99999999;"]
)
def test_a_number_without_bound_is_one_sign_that_is_none(reference: str) -> None:
    """As text, as it looked, in an attribute, and in the search."""
    page = f"<p title='{reference}'>przed {reference} po</p>"
    assert "przed" in text_of(page)
    assert "po" in text_of(page)
    content = HEAD + b"Content-Type: text/html\r\n\r\n" + page.encode()
    assert "po" in html_document(content, WORDS, "pl").body
    assert "po" in searched_text(content)


def test_what_is_longer_than_is_read_is_said() -> None:
    """By bytes and by parts; a message as long as is read is read whole."""
    assert not has_more(HEAD + b"\r\n" + b"x" * (MOST_READ - len(HEAD) - 2))
    assert has_more(HEAD + b"\r\n" + b"x" * MOST_READ)
    wide = HEAD + MIXED + plain(b"x") * (MOST_PARTS + 1) + b"--B--\r\n"
    assert has_more(wide)
    assert rendered(wide).partly
    assert not has_more(HEAD + b"\r\n" + b"-- " * 1000)


def test_one_message_never_closes_an_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fails at it, it stands in the list as unreadable by its envelope alone, and on its own page; others stay as they are."""

    def fail(_content: bytes) -> Any:
        raise MemoryError

    place: Any = None
    facts: Any = None
    at = datetime(2026, 11, 2, tzinfo=UTC)
    scope = Scope(Interval(at, at + timedelta(days=1)), ("a@x.example",), ())
    monkeypatch.setattr(rendering, "parts_of", fail)
    listed = reading._list_message(place, facts, OpenedMessage("A@x.example", ("b",), HEAD + b"\r\nx"), scope)
    assert listed is not None
    assert (listed[0].failed, listed[0].headers.subject, listed[1].body) == (True, "", "")
    assert (
        reading._list_message(place, facts, OpenedMessage("c@x.example", ("b",), HEAD + b"\r\nx"), scope)
        is None
    )
    assert rendered(HEAD).failed
    assert "failed" in html_document(HEAD, WORDS, "pl").body
    assert COPIES.playable is not None
    assert "The program cannot show" in COPIES.playable.made(BytesSource(HEAD)).decode()
