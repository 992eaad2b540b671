"""Journal reports: the message byte for byte with the envelope that the server states, and what only claims to be one."""

import pytest

from rejent.streams.mail.messages.classes import MailRules, MessageHead
from rejent.streams.mail.messages.sealing import OpenedMessage
from rejent.streams.mail.receiving.decisions import journal_report

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
    return journal_report(content, MessageHead(content), "", RULES)


@pytest.mark.parametrize("encoding", [b"7bit", b"quoted-printable", b"base64"])
def test_a_report_is_its_message_with_its_envelope(encoding: bytes) -> None:
    """Blind recipients, lists and their members among them; not a byte of the message is another."""
    import quopri
    from base64 import encodebytes

    written = {b"quoted-printable": quopri.encodestring, b"base64": encodebytes}.get(encoding, bytes)(
        ENVELOPE
    )
    assert taken_apart(report(written, encoding=encoding)) == OpenedMessage(
        "sekretariat@urzad.example",
        ("jan@dostawca.example", "a@urzad.example", "wszyscy@urzad.example", "tajny@urzad.example"),
        INNER,
    )


CLAIMS = {
    "from somebody else": report(sender="obcy@reklama.example"),
    "without the field": report().replace(b"X-MS-Journal-Report", b"X-Other"),
    "of another kind": report().replace(b"multipart/mixed;\r\n", b"multipart/alternative;\r\n"),
    "with a third part": report(more=b"\r\n--_002_abc_\r\nContent-Type: text/plain\r\n\r\nx"),
    "without a message": report().replace(b"message/rfc822", b"text/html"),
    "with an encoded message": report().replace(b"message/rfc822\r\n", b"message/rfc822\r\nContent-Transfer-Encoding: base64\r\n"),
    "cut short": report().removesuffix(b"--_002_abc_--\r\n"),
    "with two senders": report(b"Sender: obcy@reklama.example\r\n" + ENVELOPE),
    "with no recipient": report(b"Sender: a@urzad.example\r\n"),
    "with an envelope that is no base64": report(b"!!!!a", encoding=b"base64"),
}  # fmt: skip


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_what_only_claims_to_be_a_report_is_an_ordinary_message(claim: bytes) -> None:
    """It is kept whole, as it came."""
    assert taken_apart(claim) is None
