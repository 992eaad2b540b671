"""Copy chosen messages of an open viewing in the clear, byte for byte; each is entered with the digest of its sealed frame.

Behind them the copy has a list of their envelopes, which no message states, and of the salts by which the ledger's entries can be tried: whoever
reads the ledger alone cannot test whether a letter that they know was copied, neither by the entry of the letter nor by the digest of the copy.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from uuid import UUID

from rejent.access.errors import AccessRefusedError
from rejent.access.views import ViewingView
from rejent.cases.copies import services
from rejent.cases.copies.errors import CopyRefusedError
from rejent.cases.copies.permission import making_refusal
from rejent.cases.copies.stream_parts import Chosen
from rejent.cases.copies.views import CopyView
from rejent.kernel.intervals import Interval
from rejent.ledger.commitment import commitment_of, new_salts
from rejent.office.views import PersonView
from rejent.registers.services import enter
from rejent.retention.rounds.round import Keeping
from rejent.streams.mail.applications import LIST_TITLE, LIST_TYPE
from rejent.streams.mail.messages.reading import take_out
from rejent.streams.mail.messages.sealing import OpenedMessage
from rejent.streams.mail.messages.workspace import ListedMessage, MessageName
from rejent.streams.mail.records.acts import MESSAGE_COPIED

MOST = 200


@dataclass(frozen=True, slots=True)
class _Copied:
    """A message that is copied; ``frame`` is the digest of the frame that it lies sealed in."""

    listed: ListedMessage
    message: OpenedMessage = field(repr=False)
    frame: str
    salt: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        return sha256(self.message.content).hexdigest()

    def record(self, viewing: str) -> dict[str, object]:
        """Return what is entered of it."""
        return {
            "viewing": viewing,
            "at": self.listed.place.at.isoformat(),
            "digest": commitment_of(self.salt, self.digest).hex(),
            "frame": self.frame,
            "segment": str(self.listed.place.segment.id),
        }


def copy_messages(
    viewing: ViewingView,
    names: Iterable[MessageName],
    asked: services.Asked,
    *,
    person: PersonView,
    keeping: Keeping,
) -> list[CopyView]:
    """Copy messages of a viewing whose two keys are open, those of each journal into a copy; only those of the case's scope that nobody left as private.

    Raises NotFoundError, NoOpeningError, CopyRefusedError, AccessRefusedError.
    """
    wanted, now = sorted(set(names)), keeping.clock
    if not wanted or len(wanted) > MOST:
        raise CopyRefusedError("Choose one message, and {most} at most.", most=MOST)
    of_source: dict[str, list[_Copied]] = {}
    for name, salt in zip(wanted, new_salts(len(wanted)), strict=True):
        found, message, frame = take_out(viewing, name, clock=now)
        copied = _Copied(found, message, sha256(frame).hexdigest(), salt)
        of_source.setdefault(name.source_id, []).append(copied)
    for source_id in of_source:
        if (refused := making_refusal(person, source_id, clock=now)) is not None:
            raise AccessRefusedError(refused)
    return [
        _copy_of_source(viewing, copied, replace(asked, source_id=source_id), person, keeping)
        for source_id, copied in of_source.items()
    ]


def _copy_of_source(
    viewing: ViewingView, copied: list[_Copied], asked: services.Asked, person: PersonView, keeping: Keeping
) -> CopyView:
    chosen = [_chosen(each.listed, each.message.content) for each in copied]
    chosen.append(replace(_chosen(copied[-1].listed, _write_list(viewing, copied)), accompanying=LIST_TYPE))

    def noted(copy_id: UUID) -> None:
        subject = f"copy:{copy_id.hex}"
        for each in copied:
            enter(MESSAGE_COPIED, actor=str(person.id), subject=subject, record=each.record(viewing.number), at=keeping.clock.now())  # fmt: skip

    interval = Interval(chosen[0].interval.start, chosen[-1].interval.end)
    asked = replace(asked, case=viewing.case, interval=interval)
    return services.copy_chosen(asked, chosen, person=person, keeping=keeping, noted=noted)


def _chosen(listed: ListedMessage, content: bytes) -> Chosen:
    place = listed.place
    return Chosen(place.segment, Interval(place.at, place.end), content)


def _write_list(viewing: ViewingView, copied: Iterable[_Copied]) -> bytes:
    """Return the list of envelopes and salts, as people read it: a message a paragraph, in the order of the files."""
    lines = [
        LIST_TITLE,
        f"Odczyt / Viewing: {viewing.number}",
        "Wpis o skopiowaniu zawiera / The entry of a copied message holds: HMAC-SHA256(sól / salt, SHA-256)",
        "printf %s SHA256 | openssl dgst -sha256 -mac HMAC -macopt hexkey:SALT",
    ]
    for number, each in enumerate(copied, 1):
        facts, message = each.listed.facts, each.message
        lines += [
            "",
            f"Plik / File: -{number:03}.eml",
            f"SHA-256: {each.digest}",
            f"Sól / Salt: {each.salt.hex()}",
            f"Otrzymano / Received: {facts.at.isoformat()}",
            *(
                [f"Czas ze skrzynki / Time as its mailbox states: {facts.stated.isoformat()}"]
                if facts.stated
                else []
            ),
            f"Nadawca w kopercie / Sender of the envelope: <{_visible(message.sender)}>",
            *(
                f"Odbiorca w kopercie / Recipient of the envelope: <{_visible(one)}>"
                for one in message.recipients
            ),
        ]
    return ("\n".join(lines) + "\n").encode()


def _visible(text: str) -> str:
    """Return a text of which every sign stands in its line."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
