"""Exempt people and private marks in every spelling; what could not be decoded whole is doubtful."""

from base64 import b64encode
from dataclasses import replace

import pytest

from rejent.streams.mail.messages.classes import (
    HEAD,
    MailRules,
    MessageHead,
    facts_of,
    find_doubts,
    is_exempt,
    is_private,
)
from rejent.streams.mail.messages.framing import MessageFrame
from rejent.streams.mail.messages.sealing import OpenedMessage
from rejent.streams.mail.receiving.decisions import Disposition, decide
from tests.unit.recording.sink_bench import START

RULES = MailRules(
    frozenset({"urzad.example"}),
    frozenset({"zwiazek@urzad.example", "biuro@xn--zwizek-y0a.example", "@kancelaria.example"}),
    ("[prywatne]", "prywatne:", "do rąk własnych"),
    headers=frozenset({"x-folder:własne"}),
)


def word(text: str, charset: str = "utf-8") -> str:
    """Write an encoded word."""
    return f"=?{charset}?B?{b64encode(text.encode(charset)).decode()}?="


EXEMPT = [
    "From: biuro@związek.example",
    "From: biuro@xn--ZWIZEK-y0a.example",
    'From: "zwiazek"@urzad.example',
    "From: zwiazek+sprawa@urzad.example",
    "To: zwiazek(biuro)@urzad.example",
    "To: zwiazek@urzad.example.",
    "To: <zwiazek\r\n @urzad.example>",
    "To : zwiazek@urzad.example",
    "To: =?utf-8?q?=22?= <zwiazek@urzad.example>, =?utf-8?q?=22?= <b@c.example>",
    f"To: {word('zwiazek@urzad.example')}",
    "To: jan@a.example (zwiazek@urzad.example)",
    "Cc: Zarzad: ktos@b.kancelaria.example;",
    "Resent-From: zwiazek@urzad.example",
    "Resent-Bcc: zwiazek@urzad.example",
    "Delivered-To: zwiazek@urzad.example",
    "X-Original-To: zwiazek@urzad.example",
    "To: zwiazek@urzad.example\0",
    "To: \u200bzwi\u00adazek\x7f@urzad.example",
]


@pytest.mark.parametrize("field", [*EXEMPT, "X-Long: " + "x" * (1 << 20) + "\r\nTo: zwiazek@urzad.example"])
def test_exempt_people_are_exempt_however_they_are_written(field: str) -> None:
    """In whatever field names who sent or got the message, and behind however much of a head."""
    head = MessageHead(f"Subject: x\r\n{field}\r\n\r\nText".encode())
    assert is_exempt(head, (), RULES)
    assert not is_exempt(MessageHead(b"To: inny-zwiazek@urzad.example\r\n\r\n"), (), RULES)


@pytest.mark.parametrize(
    "envelope", ['"zwiazek"@urzad.example', "zwiazek+x@urzad.example", "biuro@związek.example", "@r.example:zwiazek@urzad.example"]
)  # fmt: skip
def test_exempt_people_are_exempt_in_the_envelope(envelope: str) -> None:
    """As a mail server hands them over."""
    assert is_exempt(MessageHead(b"\r\n"), (envelope,), RULES)


PRIVATE = [
    f"Subject: {word('[prywatne] obiad')} =?UTF-8?B?abcde?=",
    f"Subject: {word('[prywatne] obiad')[:-9]}",
    f"Subject: {word('[pry')}\r\n {word('watne]')}",
    f"Subject: {word('[pry')} {word('watne]', 'iso-8859-2')}",
    "Subject: [pry\r\n watne] obiad",
    "Subject: =?x-unknown?q?[prywatne]_obiad?=",
    "Subject: =?utf-8?Q?[prywatne] obiad?=",
    "Subject: =?utf-8?Q?zz =?utf-8?Q?[prywatne]?=",
    "Subject: Prywatne : obiad",
    'Subject: "prywatne": obiad',
    "Subject: [pry\u00adwat\u200bne]",
    "Subject: ［ＰＲＹＷＡＴＮＥ］",
    "Sensitivity: Private (auto)",
    'Sensitivity: "Personal"',
    "Sensitivity : private",
    "X-Folder: praca, Własne (regula)",
]


@pytest.mark.parametrize("field", PRIVATE)
def test_private_marks_are_seen_however_they_are_written(field: str) -> None:
    """Torn, folded, quoted, with comments, with blanks before the colon, in other letters of the same sound."""
    assert is_private(MessageHead(f"{field}\r\nTo: a@b.example\r\n\r\n".encode()), RULES)


@pytest.mark.parametrize("charset", ["iso-8859-2", "cp1250"])
def test_private_marks_are_seen_in_bytes_of_no_stated_charset(charset: str) -> None:
    """As either of the charsets that were usual in this country reads them."""
    assert is_private(MessageHead("Subject: do rąk własnych!".encode(charset)), RULES)


ORDINARY = ["Subject: prywatnej", "Sensitivity: Company-Confidential (private)", "X-Folder: niewłasne", f"Subject: {word('Sprawa')}"]  # fmt: skip


@pytest.mark.parametrize("field", ORDINARY)
def test_what_bears_no_mark_is_neither_private_nor_doubtful(field: str) -> None:
    """Nor is what could be decoded whole."""
    head = MessageHead(f"{field}\r\n\r\n".encode())
    assert not is_private(head, RULES)
    assert find_doubts(head, RULES) == ()


@pytest.mark.parametrize(
    ("fields", "doubts"),
    [
        (b"Subject: =?utf-8?b?a?=", ("subject",)),
        (b"Subject: =?utf-8?b?T2JpYWQ=", ("subject",)),
        (b"Subject: =?utf-8?q?=C5?= x", ("subject",)),
        (b"Subject: =?x-unknown?q?=C5=81?=", ("subject",)),
        (b"Subject: =?utf-8?q?=ZZ?=", ("subject",)),
        (b"Sensitivity: =?utf-8?b?a?=\r\nX-Folder: =?utf-8?b?a?=", ("sensitivity", "x-folder")),
        (b"Comments: =?utf-8?b?a?=", ()),
        (b"X-Long: " + b"x" * (4 << 20), (HEAD,)),
        (b"To: " + b"a@b.example," * 23_000, (HEAD,)),
    ],
)
def test_what_could_not_be_read_whole_is_doubtful(fields: bytes, doubts: tuple[str, ...]) -> None:
    """Only fields that decide, and heads longer than is looked at."""
    message = OpenedMessage("", (), fields + b"\r\n\r\nText")
    decided = decide(message, RULES)
    assert decided.disposition is Disposition.KEPT
    facts = facts_of(message.content, decided.head, "", START, RULES, doubts=decided.doubts)
    assert facts.doubts == doubts
    assert MessageFrame.decoded(MessageFrame(facts, b"x").encoded()).facts == facts
    dropped = Disposition.PRIVATE if doubts else Disposition.KEPT
    assert decide(message, replace(RULES, drops_doubtful=True)).disposition is dropped
