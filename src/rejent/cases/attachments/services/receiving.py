"""Take a file in piece by piece, each sealed as it comes; judge it by its content, seal it as one object, and enter it.

Until then it is a draft of its sender: no act names it, and a keeper removes what never came whole (`erasing`).
"""

from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from uuid import UUID, uuid4

from django.db import transaction

from rejent.cases.acts import PAPER_SEALED
from rejent.cases.attachments import rules
from rejent.cases.attachments.acts import FILE_KEPT, FILE_OPENED
from rejent.cases.attachments.errors import FileRefusedError, FileStateError, no_such_file
from rejent.cases.attachments.models import AttachedFile
from rejent.cases.attachments.permission import CASE, HAND_OVER, require_attaching, require_seeing
from rejent.cases.attachments.queries import attached_file, file_view
from rejent.cases.attachments.services.erasing import KEY_KIND, folder_of, remove_draft
from rejent.cases.attachments.views import FileState, FileView, Role
from rejent.cases.copies import queries as copies
from rejent.cases.models import commitment
from rejent.cases.services.deciding import locked_case
from rejent.cases.services.papers import paper_by_digest
from rejent.cases.views import PaperKind
from rejent.content.photos import small_photo
from rejent.formats.file_types import PDF
from rejent.formats.pdf_revisions import digests_of_revisions
from rejent.kernel.clock import Clock, FrozenClock
from rejent.kernel.errors import InputRefusedError
from rejent.ledger.signed.timestamp import ask_authority
from rejent.office.installation import Seal
from rejent.office.views import PersonView
from rejent.registers.guard.rows import verified
from rejent.registers.repetition import enter_or_count
from rejent.registers.services import enter
from rejent.retention.rounds.round import Keeping
from rejent.retention.services import sign_at_once
from rejent.vault.age import Recipient, SealedReader, SealWriter
from rejent.vault.errors import ObjectExistsError


@dataclass(frozen=True, slots=True)
class Sent:
    """What is said of a file before it comes.

    ``about`` is what it belongs to, as the ledger calls it, ``of`` what of that it is about; ``largest``: bytes that the office takes.
    """

    about: str
    role: Role
    name: str
    size: int
    largest: int
    of: str = ""


def begin_file(sent: Sent, *, person: PersonView, keeping: Keeping) -> FileView:
    """Begin a file under a key of its own.

    Raises AccessRefusedError: it is not this person's to attach; NotFoundError: there is nothing that it could belong to; FileRefusedError:
    it is empty or too large, or this person sends too many at a time.
    """
    require_attaching(sent.about, sent.role, sent.of, person=person, clock=keeping.clock)
    largest = min(sent.largest, rules.LARGEST_PICTURE) if sent.role is Role.PHOTO else sent.largest
    rules.require_size(sent.size, largest)
    drafts = AttachedFile.objects.filter(by=str(person.id), state=FileState.ARRIVING)
    if drafts.count() >= rules.MOST_ARRIVING:
        raise FileRefusedError(
            "{most} files are on their way already.",
            most=rules.MOST_ARRIVING,
            advice="Wait until they have come, or a day until what broke off is removed.",
        )
    keeping.require_store()
    row = AttachedFile(
        id=uuid4(),
        about=sent.about,
        role=sent.role.value,
        of=sent.of,
        state=FileState.ARRIVING.value,
        name=rules.inert_name(sent.name),
        salt=token_hex(32),
        bytes=sent.size,
        by=str(person.id),
        begun_at=keeping.clock.now(),
    )
    row.save(force_insert=True)
    row.recipient = keeping.keys.new_key(KEY_KIND, row.pk.hex)[1].text
    row.save(update_fields=["recipient"])
    return file_view(row)


def take_piece(key: UUID, place: int, content: bytes, *, person: PersonView, keeping: Keeping) -> int:
    """Seal the next piece of a file and return how many there are; one that is there already is not taken again.

    Raises NoSuchFileError: this person sends no such file; FileStateError: it does not follow the pieces before it; FileRefusedError: its
    content is none that is taken; then nothing is left of the file; StorageFullError: only the reserve of the recordings is left.
    """
    row = _draft(key, person, keeping)
    there = held_pieces(row, keeping)
    if place <= there:
        return there
    if place != there + 1 or not content or len(content) != _length_of(row, place):
        raise FileStateError("A piece of the file is missing or of another length.", advice="Send it anew.")
    try:
        with keeping.store.create(_piece_name(row, place)) as writer:
            seal = SealWriter(writer.write, [Recipient.parse(row.recipient)])
            seal.write(content)
            seal.finish()
            writer.commit()
    except ObjectExistsError:
        raise FileStateError("This piece is being sent already.", advice="Wait a moment.") from None
    return place


def finish_file(key: UUID, *, person: PersonView, keeping: Keeping) -> FileView:
    """Judge a file that came whole, seal it as one object and enter it; one that is kept already is kept.

    Raises NoSuchFileError: this person sends no such file; FileStateError: pieces are missing; InputRefusedError: its content is none that
    is taken, or a photo that cannot be decoded; then nothing is left of it; AccessRefusedError, NotFoundError: what it belongs to takes no
    file of this person any more.
    """
    kept = _kept(key, person)
    if kept is not None:
        return kept
    row = _draft(key, person, keeping)
    if held_pieces(row, keeping) * rules.PIECE < row.bytes:
        raise FileStateError("The file has not come whole.", advice="Send the pieces that are missing.")
    try:
        return _keep(row, person, keeping)
    except InputRefusedError:
        remove_draft(row.pk, keeping)
        raise
    except FileStateError:
        kept = _kept(key, person)
        if kept is None:
            raise
        return kept


def _kept(key: UUID, person: PersonView) -> FileView | None:
    row = AttachedFile.objects.filter(pk=key, state=FileState.KEPT, by=str(person.id)).first()
    return file_view(verified(row)) if row else None


def _keep(row: AttachedFile, person: PersonView, keeping: Keeping) -> FileView:
    role, of = Role(row.role), row.of
    require_attaching(row.about, role, of, person=person, clock=keeping.clock)
    content = _Pieces(row, keeping)
    found = rules.require_type(content, row.name, picture=role is Role.PHOTO)
    if role is Role.PHOTO:
        small_photo(content.read(), found.media_type)
    row.media_type = found.media_type
    if role is Role.SIGNED:
        row.of = _compare_with_papers(row.about, content) if found is PDF else ""
    _seal_whole(row, content, keeping)
    try:
        with transaction.atomic():
            _lock_case(row.about)
            require_attaching(row.about, role, of, person=person, clock=keeping.clock)
            _enter(row, keeping)
    except BaseException:
        keeping.store.remove([row.object_name])
        raise
    keeping.store.remove([_piece_name(row, place + 1) for place in range(content.count)])
    sign_at_once(keeping.ledger, keeping.clock)
    return file_view(row)


def _compare_with_papers(about: str, content: "_Pieces") -> str:
    """Return the number of the paper that a signed PDF begins with, empty for none.

    Raises FileRefusedError: it is that paper as it was printed, with no signature added; one signed on the screen has them.
    """
    digests = digests_of_revisions(content)
    unchanged = paper_by_digest(about, digests[-1:])
    if unchanged is not None and unchanged[1] is not PaperKind.SIGNED_ON_SCREEN:
        raise FileRefusedError(
            "This is paper {number} as it was printed: nobody's signature is in the file.",
            number=unchanged[0],
            advice="Attach a scan of the paper signed by hand, or the PDF that was signed electronically.",
        )
    found = paper_by_digest(about, digests)
    return found[0] if found is not None else ""


def attach_file(sent: Sent, content: bytes, *, person: PersonView, keeping: Keeping) -> FileView:
    """Take in a file that is there as a whole; errors as those of its steps."""
    begun = begin_file(sent, person=person, keeping=keeping)
    for place, start in enumerate(range(0, len(content), rules.PIECE), start=1):
        take_piece(begun.id, place, content[start : start + rules.PIECE], person=person, keeping=keeping)
    return finish_file(begun.id, person=person, keeping=keeping)


def held_pieces(row: AttachedFile, keeping: Keeping) -> int:
    """Return how many pieces of a file have come, one after another."""
    there = {each.name for each in keeping.store.objects(folder_of(row.pk))}
    count = 0
    while _piece_name(row, count + 1) in there:
        count += 1
    return count


def _draft(key: UUID, person: PersonView, keeping: Keeping) -> AttachedFile:
    row = AttachedFile.objects.filter(pk=key, state=FileState.ARRIVING, by=str(person.id)).first()
    if row is None or not row.recipient:
        raise no_such_file()
    own = keeping.keys.ids_by_recipient([row.recipient]).get(row.recipient)
    if own is None or keeping.keys.record(own).label != row.pk.hex:
        raise no_such_file()
    return verified(row)


def _length_of(row: AttachedFile, place: int) -> int:
    return max(0, min(rules.PIECE, row.bytes - (place - 1) * rules.PIECE))


def _piece_name(row: AttachedFile, place: int) -> str:
    return f"{folder_of(row.pk)}{place:06d}.age"


class _Pieces:
    """The content of a file while it lies in pieces; one of them is open at a time."""

    def __init__(self, row: AttachedFile, keeping: Keeping) -> None:
        self.size, self.count = row.bytes, -(-row.bytes // rules.PIECE)
        self._row, self._keeping = row, keeping
        self._key = keeping.keys.identity_by_recipient(row.recipient)
        self._open, self._held = 0, b""

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Return the content from ``offset``."""
        end = self.size if length is None else min(self.size, offset + length)
        found = bytearray()
        while offset < end:
            piece = self.piece(offset // rules.PIECE + 1)
            found += piece[offset % rules.PIECE :][: end - offset]
            offset += len(piece) - offset % rules.PIECE
        return bytes(found)

    def read_into(self, target: bytearray | memoryview, offset: int = 0) -> None:
        """Fill ``target`` with the content from ``offset``."""
        memoryview(target)[:] = self.read(offset, len(target))

    def piece(self, place: int) -> bytes:
        """Return a piece, which is of the length that it must be."""
        if place != self._open:
            with self._keeping.store.open(_piece_name(self._row, place)) as sealed:
                self._open, self._held = place, SealedReader(sealed, [self._key]).read()
            if len(self._held) != _length_of(self._row, place):
                raise FileStateError("A piece of the file is of another length.", advice="Send it anew.")
        return self._held


def _seal_whole(row: AttachedFile, content: _Pieces, keeping: Keeping) -> None:
    plain = sha256()
    row.object_name = f"{folder_of(row.pk)}{token_hex(8)}.age"
    with keeping.store.create(row.object_name) as writer:
        seal = SealWriter(writer.write, [Recipient.parse(row.recipient)])
        for place in range(1, content.count + 1):
            piece = content.piece(place)
            plain.update(piece)
            seal.write(piece)
        seal.finish()
        writer.commit()
    row.sha256, row.head = plain.hexdigest(), seal.head_sha256.hex()
    row.sealed_sha256, row.sealed_bytes = seal.sha256.hex(), seal.size


def _lock_case(about: str) -> None:
    """Lock the case of a file, so that no erasure comes between what is asked of it and the file's entry."""
    kind, _, number = about.partition(":")
    handed = copies.handed(number) if kind == HAND_OVER else None
    if kind == CASE or handed is not None:
        locked_case(handed.case if handed else number)


def _enter(row: AttachedFile, keeping: Keeping) -> None:
    clock = FrozenClock(keeping.clock)
    state = AttachedFile.objects.select_for_update().filter(pk=row.pk).values_list("state", flat=True).first()
    if state is None:
        raise no_such_file()
    if state != FileState.ARRIVING:
        raise FileStateError("The file is attached already.")
    row.state, row.kept_at = FileState.KEPT.value, clock.now()
    row.bound = commitment(row.salt, [row.name, row.sha256])
    enter(FILE_KEPT, actor=row.by, subject=row.about, record=_record(row), at=row.kept_at, row=row)
    row.save()


def _record(row: AttachedFile) -> dict[str, object]:
    return {
        "about": row.about.partition(":")[2],
        **({"of": row.of} if row.of else {}),
        "file": row.pk.hex,
        "role": row.role,
        "bytes": row.bytes,
        "media_type": row.media_type,
        "sealed": row.sealed_sha256,
        "recipient": row.recipient,
    }


def note_opened(key: UUID, *, person: PersonView, clock: Clock) -> FileView:
    """Enter that a person opens a file, and return it.

    Raises NoSuchFileError: there is none, or it was erased; AccessRefusedError: it is not this person's to see; LedgerMismatchError: its
    row was planted or altered.
    """
    view = attached_file(key)
    require_seeing(view.about, person=person, clock=clock)
    record = {"about": view.about.partition(":")[2], "file": view.id.hex}
    enter_or_count(FILE_OPENED, actor=str(person.id), subject=view.about, record=record, at=clock.now())
    return view


@dataclass(frozen=True, slots=True)
class Unsealed:
    """A paper to be sealed: what it is of, as the ledger calls it, its number, the name of its file, and its bytes."""

    about: str
    number: str
    name: str
    content: bytes


def seal_paper(
    paper: Unsealed, seal: Seal, directory: Path, *, person: PersonView, keeping: Keeping
) -> FileView:
    """Return the sealed paper, kept as a signed one; entered before it is kept. ``directory`` is the installation's.

    Raises AccessRefusedError, NotFoundError: it is not this person's to attach a paper there; ConflictError, DocumentError: the seal cannot
    be used; TimestampUnavailableError: the authority does not answer.
    """
    from rejent.documents.sealing import open_seal_key, seal_pdf  # its library is large, and few offices seal

    require_attaching(paper.about, Role.SIGNED, "", person=person, clock=keeping.clock)
    at = keeping.clock.now()
    key = open_seal_key(*seal.read_key(directory), at)
    ask = partial(ask_authority, seal.authority) if seal.authority else None
    sealed = seal_pdf(paper.content, key, at, ask)
    record = {
        "number": paper.about.partition(":")[2],
        "paper": paper.number,
        "certificate": key.fingerprint,
        "stamped": ask is not None,
    }
    enter(PAPER_SEALED, actor=str(person.id), subject=paper.about, record=record, at=at)
    sent = Sent(paper.about, Role.SIGNED, f"{paper.name}.pdf", len(sealed), len(sealed))
    return attach_file(sent, sealed, person=person, keeping=keeping)
