"""What is decided of a message before it is stored: verdicts of the office's own server, and fields that mark it private."""

import pytest

from rejent.streams.mail.messages.classes import MailRules, MessageHead, facts_of, is_private
from rejent.streams.mail.messages.framing import MessageFrame
from tests.unit.recording.sink_bench import START

RULES = MailRules(
    frozenset({"urzad.example"}), frozenset(), (), headers=frozenset({"x-folder:prywatne"}), authserv=frozenset({"mx.urzad.example"})
)  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "verdicts"),
    [
        ("mx.urzad.example 1; spf=pass smtp.mailfrom=a.example;\r\n dkim=fail (d=x; spf=fail (\\) ;dmarc=fail)) header.d=a.example; DMARC = Pass", ("dkim=fail", "dmarc=pass", "spf=pass")),
        ("MX.urzad.example; dkim=fail; dkim=pass\r\nAuthentication-Results: mx.urzad.example; dkim=fail; spf=none", ("dkim=pass", "spf=none")),
        ("mx.attacker.example; spf=pass\r\nAuthentication-Results: ; spf=pass", ()),
        ("mx.urzad.example; none", ()),
        ("mx.urzad.example; spf=passed; x-spf=pass; dkim=pass-ish; iprev=pass", ()),
        ("(mx.urzad.example; spf=pass", ()),
    ],
)  # fmt: skip
def test_verdicts_are_those_of_the_offices_own_server(fields: str, verdicts: tuple[str, ...]) -> None:
    """Comments, other servers, and words that are no result tell nothing; what is known survives the frame."""
    content = f"From: a@a.example\r\nAuthentication-Results: {fields}\r\n\r\nx".encode()
    facts = facts_of(content, MessageHead(content), "a@a.example", START, RULES)
    assert facts.verdicts == verdicts
    assert MessageFrame.decoded(MessageFrame(facts, b"x").encoded()).facts == facts


@pytest.mark.parametrize(
    ("field", "private"),
    [
        ("X-Folder: Prywatne", True),
        ('X-Folder: praca, "prywatne"', True),
        ("X-Folder: nieprywatne", False),
        ("X-Other: prywatne", False),
    ],
)
def test_a_named_field_marks_a_message_as_private(field: str, private: bool) -> None:
    """By its whole value, or one of those it lists."""
    assert is_private(MessageHead(f"Subject: x\r\n{field}\r\n\r\n".encode()), RULES) is private
