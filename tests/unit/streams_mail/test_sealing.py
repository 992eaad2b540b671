"""Sealing to two roles: what messages under one head share, and what they do not; facts that are found in the bytes alone."""

from datetime import UTC, datetime

import pytest

from rejent.streams.mail.messages.classes import MailRules, MessageHead, facts_of
from rejent.streams.mail.messages.parts import kinds_of
from rejent.streams.mail.messages.sealing import (
    MOST_UNDER_A_HEAD,
    KeyRole,
    MessageOpener,
    MessageSealer,
    OpenedMessage,
)
from rejent.vault.age import Identity, MemorySource, read_header
from rejent.vault.errors import NoMatchError, SealedObjectError

NOON = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
RULES = MailRules(frozenset(), frozenset(), ())


def test_messages_under_one_head_are_whole_age_files_that_share_no_key_of_content() -> None:
    """Each opens by both roles, whatever its length; the same message sealed twice has nothing in common behind its head."""
    keys = {role: Identity.generate() for role in KeyRole}
    sealer = MessageSealer({role: [key.recipient] for role, key in keys.items()})
    sent = [
        OpenedMessage("a@b.pl", ("c@d.pl",), b"x" * length)
        for length in (0, 65_000, 65_536, 200_000, *[7] * MOST_UNDER_A_HEAD)
    ]
    sealed = [sealer.seal(message) for message in sent]
    assert [MessageOpener(keys).open(each) for each in sealed] == sent
    assert len({read_header(MemorySource(each))[0] for each in sealed}) == 2
    assert len({each[-16:] for each in sealed}) == len(sealed)
    with pytest.raises(NoMatchError):
        MessageOpener({**keys, KeyRole.CONTROL: keys[KeyRole.CASE]}).open(sealed[0])


def test_messages_under_one_head_are_opened_with_one_exchange_of_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever was opened before, each is checked whole: a torn or altered one, or one of another head, is not taken for its neighbour."""
    exchanged = []
    unwrap = Identity.unwrap
    monkeypatch.setattr(Identity, "unwrap", lambda *given: exchanged.append(1) or unwrap(*given))
    keys = {role: Identity.generate() for role in KeyRole}
    sealer = MessageSealer({role: [key.recipient] for role, key in keys.items()})
    sent = [OpenedMessage("", (), b"x" * length) for length in (1, 65_536, 131_072)]
    first, *others = [sealer.seal(message) for message in sent]
    (foreign,) = [MessageSealer(sealer.recipients).seal(sent[0])]
    opener = MessageOpener(keys)
    assert [opener.open(each) for each in (first, *others)] == sent
    assert len(exchanged) == 2
    for torn in (others[1][:-1], others[1][:-20_000], others[1] + b"x", first[:-1] + b"\0\0", first[:400]):
        with pytest.raises(SealedObjectError):
            opener.open(torn)
    assert opener.open(foreign) == sent[0]
    assert len(exchanged) == 4


@pytest.mark.parametrize("before", [0, (1 << 20) - 4, (1 << 20) - 1, 3 << 20])
def test_kinds_of_attachments_are_found_wherever_they_are_named(before: int) -> None:
    """Behind any number of bytes, in capitals, in pieces, of a message within."""
    named = b'--q\r\nContent-Disposition: attachment; FileName="Umowa nr 3.PDF"\r\n\r\nx\r\n--q\r\nContent-Type: a/b; name*0*=a.e; name*1=xe\r\n\r\nx\r\n'
    content = (
        b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n\r\n"
        + b"y" * before
        + b"\r\n"
        + named
        + b"--q--\r\n"
    )
    facts = facts_of(content, MessageHead(content), "", NOON, RULES, attachments=kinds_of(content))
    assert facts.attachments == ("other", "pdf")
