"""Journal reports: the message byte for byte with the envelope that the server states, and what only claims to be one."""

from base64 import encodebytes
from dataclasses import replace
from datetime import timedelta

import pytest

from rejent.kernel.intervals import Interval
from rejent.streams.mail.messages.classes import MailRules, MessageHead
from rejent.streams.mail.messages.journal_reports import REPORT, claims_to_report, read_report
from rejent.streams.mail.messages.scope import Scope
from rejent.streams.mail.messages.sealing import OpenedMessage
from rejent.streams.mail.messages.workspace import in_scope
from rejent.streams.mail.receiving.decisions import Disposition, decide
from tests.unit.recording.sink_bench import START

REPORTER = "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e@urzad.example"
RULES = MailRules(frozenset(), frozenset(), (), frozenset({REPORTER}))
INNER = (
    b"From: Dyrektor <dyr@urzad.example>\r\nSubject: =?utf-8?q?umowa?=\r\nContent-Type: multipart/mixed; boundary=w\r\n\r\n"
    b"--w\r\n\r\nlinia bez LF\rtu \0 \xff\r\n--w--\r\n\r\n"
)
ENVELOPE = (
    b"Sender: sekretariat@urzad.example\r\nOn-Behalf-Of: dyr@urzad.example\r\nSubject: umowa\r\nMessage-ID: <1@urzad.example>\r\n"
    b"To: jan@dostawca.example\r\nCc: a@urzad.example, Expanded: wszyscy@urzad.example\r\nBcc: tajny@urzad.example\r\n"
    b"Recipient: a@urzad.example\r\n"
)


def report(
    envelope: bytes = ENVELOPE, *, encoding: bytes = b"7bit", more: bytes = b"", sender: str = REPORTER
) -> bytes:
    """Write a report as Exchange does."""
    return (
        b"From: <" + sender.encode() + b">\r\nTo: dziennik@archiwum.example\r\nX-MS-Journal-Report: \r\n"
        b'Content-Type: multipart/mixed;\r\n\tboundary="_002_abc_"\r\n\r\n--_002_abc_\r\nContent-Type: text/plain; charset="us-ascii"\r\n'
        b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n" + envelope + b"\r\n--_002_abc_\r\nContent-Type: message/rfc822\r\n\r\n"
        + INNER + more + b"\r\n--_002_abc_--\r\n"
    )  # fmt: skip


def taken_apart(content: bytes) -> OpenedMessage | None:
    """Take a message apart as the recorder does."""
    return read_report(content) if claims_to_report(MessageHead(content), "", RULES) else None


@pytest.mark.parametrize("encoding", [b"7bit", b"quoted-printable", b"base64"])
def test_a_report_is_its_message_with_its_envelope(encoding: bytes) -> None:
    """Blind recipients, lists and their members among them; not a byte of the message is another."""
    import quopri

    written = {b"quoted-printable": quopri.encodestring, b"base64": encodebytes}.get(encoding, bytes)(
        ENVELOPE
    )
    assert taken_apart(report(written, encoding=encoding)) == OpenedMessage(
        "sekretariat@urzad.example",
        ("jan@dostawca.example", "a@urzad.example", "wszyscy@urzad.example", "tajny@urzad.example"),
        INNER,
    )


OTHERS = {
    "from somebody else": report(sender="obcy@reklama.example"),
    "without the field": report().replace(b"X-MS-Journal-Report", b"X-Other"),
}


@pytest.mark.parametrize("claim", OTHERS.values(), ids=OTHERS)
def test_what_only_claims_to_be_a_report_is_an_ordinary_message(claim: bytes) -> None:
    """It is kept whole, as it came."""
    assert taken_apart(claim) is None
    assert decide(OpenedMessage("", (), claim), RULES).doubts == ()


LONG = b"a" * 250
UNUSUAL = {
    "of nobody": report(ENVELOPE.replace(b"sekretariat@urzad.example", b"<>", 1)),
    "with lines that end by LF": report().replace(b"\r\n", b"\n"),
    "with a long boundary": report().replace(b"_002_abc_", LONG),
    "with a blank behind the boundary": report().replace(b"\r\n--_002_abc_\r\n", b"\r\n--_002_abc_ \r\n"),
    "with a recipient on the next line": report(ENVELOPE.replace(b"Bcc: ", b"Bcc:\r\n ")),
    "with lines that end by CR": report(ENVELOPE.replace(b"\r\n", b"\r")),
    "with indented lines": report(ENVELOPE.replace(b"Bcc: ", b"  Bcc: ")),
}  # fmt: skip
EXEMPT = replace(RULES, exempt=frozenset({"tajny@urzad.example"}))


@pytest.mark.parametrize("content", UNUSUAL.values(), ids=UNUSUAL)
def test_an_unusual_report_is_taken_apart(content: bytes) -> None:
    """Its message is kept with everyone it was for, and not where one of them is exempt."""
    found = decide(OpenedMessage("", (), content), RULES)
    assert (found.disposition, found.doubts) == (Disposition.KEPT, ())
    assert found.message.content.replace(b"\r\n", b"\n") == INNER.replace(b"\r\n", b"\n")
    assert "tajny@urzad.example" in found.message.recipients
    assert decide(OpenedMessage("", (), content), EXEMPT).disposition is Disposition.EXEMPT


def encode_part(what: bytes, kind: bytes = b"message/rfc822") -> bytes:
    """Return a report whose message is in base64."""
    return report().replace(b"message/rfc822\r\n\r\n" + INNER, kind + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encodebytes(what))  # fmt: skip


DOUBTFUL = {
    "of another kind": report().replace(b"multipart/mixed;\r\n", b"multipart/alternative;\r\n"),
    "with a third part": report(more=b"\r\n--_002_abc_\r\nContent-Type: text/plain\r\n\r\nx"),
    "with something behind its end": report() + b"Bcc: x",
    "without a message": report().replace(b"message/rfc822", b"text/html"),
    "with an encoded message": encode_part(INNER),
    "with a message that is called a file": encode_part(INNER, b"application/octet-stream"),
    "with an empty message": report().replace(INNER, b""),
    "with a message without a head": report().replace(INNER, b"\r\nx"),
    "cut short": report().removesuffix(b"--_002_abc_--\r\n"),
    "with two senders": report(b"Sender: obcy@reklama.example\r\n" + ENVELOPE),
    "with a recipient who is no address": report(ENVELOPE + b"Recipient: /o=urzad/cn=tajny\r\n"),
    "with no recipient": report(b"Sender: tajny@urzad.example\r\n"),
    "without a boundary": report().replace(b"boundary=", b"border="),
}  # fmt: skip


@pytest.mark.parametrize("content", DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_report_that_cannot_be_taken_apart_is_doubtful(content: bytes) -> None:
    """It is set aside, or private where the office says so, and exempt by whoever it names, in its text or in a head within."""
    whole = OpenedMessage("", (), content)
    found = decide(whole, RULES)
    assert (found.disposition, found.message, found.doubts) == (Disposition.KEPT, whole, (REPORT,))
    assert decide(whole, EXEMPT).disposition is Disposition.EXEMPT
    assert decide(whole, replace(RULES, drops_doubtful=True)).disposition is Disposition.PRIVATE


def test_a_mark_within_a_doubtful_report_counts() -> None:
    """Whatever is not to be kept is not kept because the report around it is torn; and an opening finds it by who is named in it."""
    private = encode_part(b"Sensitivity: Private\r\n" + INNER)
    assert decide(OpenedMessage("", (), private), RULES).disposition is Disposition.PRIVATE
    about = decide(OpenedMessage("", (), encode_part(INNER)), RULES)
    scope = Scope(Interval(START, START + timedelta(days=1)), ("tajny@urzad.example",), ())
    assert in_scope(about.message, about.head, scope) is None
    assert in_scope(about.message, about.head, scope, report=True) is not None
