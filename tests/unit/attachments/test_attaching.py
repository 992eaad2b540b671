"""A file is sealed piece by piece, judged by its content, opened by an act, and erased with what its applicant said."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from rejent.access.errors import AccessRefusedError
from rejent.cases import services as cases
from rejent.cases.attachments import checks, queries, rules
from rejent.cases.attachments.errors import FileRefusedError, FileStateError, NoSuchFileError
from rejent.cases.attachments.models import AttachedFile
from rejent.cases.attachments.services import (
    Sent,
    attach_file,
    begin_file,
    finish_file,
    keep_files,
    note_opened,
    receiving,
    remove_file,
    take_piece,
)
from rejent.cases.attachments.views import FileView, Role
from rejent.cases.views import Kind, State
from rejent.catalog import checks as catalog_checks
from rejent.kernel.clock import civil_date
from rejent.office import queries as office_queries
from rejent.office import services as office_services
from rejent.registers import queries as registers
from rejent.registers.models import Entry
from rejent.vault.errors import SealedObjectError
from tests.guarded_rows import unguarded
from tests.unit.cases.application import entered
from tests.unit.copies.conftest import CopyingOffice

SCAN = b"%PDF-1.7\n" + b"scan " * 20


def sent(about: str, name: str = "wniosek.pdf", size: int = len(SCAN), **changed: Any) -> Sent:
    """What a clerk says of a file."""
    return Sent(
        about, changed.pop("role", Role.FILED), name, size, changed.pop("largest", 64 << 20), **changed
    )


def found(office: CopyingOffice) -> list[str]:
    """What fsck says of attached files, and of objects that nothing explains."""
    keeping = office.office.keeping
    return [each.code for each in checks.findings(keeping)] + [
        each.code for each in catalog_checks.findings(keeping.store, keeping.clock) if "object" in each.code
    ]


@pytest.fixture
def case(pleszew: CopyingOffice) -> str:
    """What the ledger calls a case that waits."""
    return f"case:{entered(pleszew.office.clock, pleszew.camera).number}"


def attached(office: CopyingOffice, about: str, content: bytes = SCAN, **changed: Any) -> FileView:
    """A file that the clerk attached."""
    said = sent(about, size=len(content), **changed)
    return attach_file(said, content, person=office.people["clerk"], keeping=office.office.keeping)


def test_a_file_of_pieces_is_one_sealed_object(pleszew: CopyingOffice, case: str) -> None:
    """Its digest is that of what was sent; the store holds no piece any more, and the ledger no name."""
    content = SCAN + bytes(rules.PIECE) + b"end"
    clerk, keeping = pleszew.people["clerk"], pleszew.office.keeping
    begun = begin_file(sent(case, size=len(content)), person=clerk, keeping=keeping)
    first, rest = content[: rules.PIECE], content[rules.PIECE :]
    with pytest.raises(FileStateError, match="missing"):
        take_piece(begun.id, 2, rest, person=clerk, keeping=keeping)
    assert take_piece(begun.id, 1, first, person=clerk, keeping=keeping) == 1
    assert take_piece(begun.id, 1, first, person=clerk, keeping=keeping) == 1
    with pytest.raises(FileStateError, match="not come whole"):
        finish_file(begun.id, person=clerk, keeping=keeping)
    with pytest.raises(NoSuchFileError):
        take_piece(begun.id, 2, rest, person=pleszew.people["head"], keeping=keeping)
    take_piece(begun.id, 2, rest, person=clerk, keeping=keeping)
    kept = finish_file(begun.id, person=clerk, keeping=keeping)
    assert (kept.sha256, kept.media_type) == (sha256(content).hexdigest(), "application/pdf")
    assert [each.name for each in keeping.store.objects("attachments/")] == [kept.object_name]
    view = note_opened(kept.id, person=clerk, clock=keeping.clock)
    assert b"".join(queries.pieces_of(queries.open_file(view))) == content
    acts = registers.acts(subject=case, names=["attachment.kept", "attachment.opened"]).acts
    assert [act.act for act in acts] == ["attachment.opened", "attachment.kept"]
    assert not any("wniosek.pdf" in str(act.facts) or kept.sha256 in str(act.facts) for act in acts)
    assert found(pleszew) == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("wniosek.pdf", b"<html><script>1</script>", "is not taken"),
        ("zdjecie.jpg", SCAN, "JPG, its content is PDF"),
        ("program.exe", b"MZ\x90\x00" + bytes(9), "is not taken"),
        ("pusty.pdf", b"", "empty"),
    ],
)
def test_what_is_not_taken_leaves_nothing(
    pleszew: CopyingOffice, case: str, name: str, content: bytes, said: str
) -> None:
    """One clear line; its key is dead, its pieces are gone, no draft is left."""
    with pytest.raises(FileRefusedError, match=said):
        attached(pleszew, case, content, name=name)
    assert not AttachedFile.objects.exists()
    assert not [key for key in pleszew.office.keys.alive() if key.kind == "attachment"]
    assert found(pleszew) == []


def test_limits_and_duties(pleszew: CopyingOffice, case: str) -> None:
    """Too large for the office, too many at a time, not this person's, no such case."""
    with pytest.raises(FileRefusedError, match="2049 MiB; the office takes files of at most 64 MiB"):
        begin_file(
            sent(case, size=(2 << 30) + 1), person=pleszew.people["clerk"], keeping=pleszew.office.keeping
        )
    with pytest.raises(AccessRefusedError):
        begin_file(sent(case), person=pleszew.people["administrator"], keeping=pleszew.office.keeping)
    with pytest.raises(NoSuchFileError):
        begin_file(sent("ledger:1"), person=pleszew.people["clerk"], keeping=pleszew.office.keeping)
    for _ in range(rules.MOST_ARRIVING):
        begin_file(sent(case), person=pleszew.people["clerk"], keeping=pleszew.office.keeping)
    with pytest.raises(FileRefusedError, match="on their way"):
        begin_file(sent(case), person=pleszew.people["clerk"], keeping=pleszew.office.keeping)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("..\\..\\C:\\Windows\\skan.pdf", "skan.pdf"),
        ("a/b/\u202egpj.exe", "gpj.exe"),
        ("skan\x00\r\n.pdf", "skan .pdf"),
        ("e\u0301" + "\u0301" * 300 + ".pdf", "é\u0301\u0301.pdf"),
        ("x" * 10_000 + ".pdf", "x" * (rules.LONGEST_NAME - 5) + "….pdf"),
        ("\u200b\u200f", ""),
        ("  .  ", ""),
    ],
)
def test_names_are_inert(given: str, kept: str) -> None:
    """No path, no invisible sign, no pile of marks, no length; the ending is spared."""
    assert rules.inert_name(given) == kept


def test_a_kill_between_pieces(pleszew: CopyingOffice, case: str) -> None:
    """The keeper removes after a day what never came whole, and whatever lies there is sealed."""
    begun = begin_file(
        sent(case, size=rules.PIECE + 9), person=pleszew.people["clerk"], keeping=pleszew.office.keeping
    )
    take_piece(
        begun.id, 1, SCAN.ljust(rules.PIECE), person=pleszew.people["clerk"], keeping=pleszew.office.keeping
    )
    assert keep_files(pleszew.office.keeping) == []
    assert AttachedFile.objects.count() == 1
    assert found(pleszew) == []
    pleszew.office.go_to(pleszew.office.clock.now() + rules.PATIENCE + timedelta(hours=2))
    assert "attachments.unfinished" in found(pleszew)
    assert keep_files(pleszew.office.keeping) == []
    assert not AttachedFile.objects.exists()
    assert not list(pleszew.office.store.objects("attachments/"))
    assert found(pleszew) == []


def test_a_kill_while_it_is_entered(
    pleszew: CopyingOffice, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the entry it can be finished again; after it only pieces are left, which the keeper removes."""
    clerk, keeping = pleszew.people["clerk"], pleszew.office.keeping
    begun = begin_file(sent(case), person=clerk, keeping=keeping)
    take_piece(begun.id, 1, SCAN, person=clerk, keeping=keeping)
    with monkeypatch.context() as patch:
        patch.setattr(receiving, "_enter", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            finish_file(begun.id, person=clerk, keeping=keeping)
    with monkeypatch.context() as patch:
        patch.setattr(
            type(keeping.store), "remove", lambda *_a, **_k: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            finish_file(begun.id, person=clerk, keeping=keeping)
    assert len(list(keeping.store.objects("attachments/"))) == 2
    assert keep_files(keeping) == []
    (view,) = queries.attached(case)
    assert [each.name for each in keeping.store.objects("attachments/")] == [view.object_name]
    assert found(pleszew) == []


def test_erased_with_the_case(pleszew: CopyingOffice) -> None:
    """Name, digest and salt go at once, key and object with the keeper; an older folder of keys brings nothing back."""
    number = pleszew.decided(Kind.DISCLOSURE, State.REFUSED).number
    office, keeping = pleszew.office, pleszew.office.keeping
    view = attached(pleszew, f"case:{number}", role=Role.APPLICATION)
    identity = keeping.keys.identity_by_recipient(view.recipient)
    record = next(each for each in keeping.keys.alive() if each.label == view.id.hex)
    cases.erase_applicant(
        number, grounds="B5", person=pleszew.people["head"], clock=office.clock, ledger=None
    )
    with pytest.raises(NoSuchFileError):
        queries.attached_file(view.id)
    row = AttachedFile.objects.get()
    assert (row.state, row.name, row.sha256, row.salt) == ("dying", "", "", "")
    assert keep_files(keeping) == []
    assert AttachedFile.objects.get().state == "erased"
    assert not list(office.store.objects("attachments/"))
    assert not keeping.keys.insert(record, identity), "a key that died stays dead"
    with pytest.raises(FileRefusedError, match="erased"):
        attached(pleszew, f"case:{number}")
    assert found(pleszew) == []


def test_a_file_without_its_record_stops_no_erasure(pleszew: CopyingOffice) -> None:
    """What nobody can verify is not destroyed either; the other files go."""
    number = pleszew.decided(Kind.DISCLOSURE, State.REFUSED).number
    office, about = pleszew.office, f"case:{number}"
    nulled, other = (attached(pleszew, about, role=Role.APPLICATION) for _ in range(2))
    with unguarded():
        Entry.objects.filter(thing=f"attachedfile:{nulled.id.hex}").update(facts=None, salt=None)
    cases.erase_applicant(
        number, grounds="B5", person=pleszew.people["head"], clock=office.clock, ledger=None
    )
    states = dict(AttachedFile.objects.values_list("id", "state"))
    assert states == {nulled.id: "kept", other.id: "dying"}


def test_rows_that_were_altered(pleszew: CopyingOffice, case: str) -> None:
    """The database refuses what the program does not do; fsck names a swapped name and a changed object."""
    view = attached(pleszew, case)
    for change in ({"media_type": "text/html"}, {"state": "arriving"}, {"name": "inna.pdf"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AttachedFile.objects.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        AttachedFile.objects.all().delete()
    path = next(pleszew.office.store.objects("attachments/"))
    with pleszew.office.store.replace(path.name) as writer:
        writer.write(b"x" * path.size)
        writer.commit()
    assert found(pleszew) == ["attachments.object-changed"]
    with pytest.raises(SealedObjectError):
        queries.open_file(view)


def test_one_wrongly_attached_file_goes_alone(pleszew: CopyingOffice, case: str) -> None:
    """By whoever attached it or decides, with a reason; its key and object die, the others stay, and the act tells of no name."""
    office, keeping = pleszew.office, pleszew.office.keeping
    wrong, right = attached(pleszew, case, name="Jan Obcy.pdf"), attached(pleszew, case)

    def remove(reason: str, role: str) -> None:
        remove_file(wrong.id, reason, person=pleszew.people[role], clock=office.clock, ledger=None)

    for role in ("secretary", "administrator"):
        with pytest.raises(AccessRefusedError):
            remove("omyłka", role)
    for reason, words in ((" \n", "why"), ("x" * 301, "longer"), ("a\u202eb", "invisible")):
        with pytest.raises(FileRefusedError, match=words):
            remove(reason, "clerk")
    assert len(queries.attached(case)) == 2
    remove("należy do innego wniosku", "clerk")
    with pytest.raises(NoSuchFileError):
        remove("drugi raz", "head")
    assert [each.id for each in queries.attached(case)] == [right.id]
    assert keep_files(keeping) == []
    gone = AttachedFile.objects.get(pk=wrong.id)
    assert (gone.state, gone.name, gone.sha256, gone.salt) == ("erased", "", "", "")
    assert [each.name for each in keeping.store.objects("attachments/")] == [right.object_name]
    assert [each.label for each in keeping.keys.alive() if each.kind == "attachment"] == [right.id.hex]
    (act,) = queries.removals(case)
    assert (act.actor, (act.facts or {})["reason"]) == (wrong.by, "należy do innego wniosku")
    assert "Obcy" not in str(act.facts)
    remove_file(right.id, "na prośbę", person=pleszew.people["head"], clock=office.clock, ledger=None)
    assert [each.actor for each in queries.removals(case)] == [wrong.by, str(pleszew.people["head"].id)]
    assert keep_files(keeping) == []
    assert found(pleszew) == []


def test_the_scan_of_a_statement_is_sealed_for_who_enters_them_and_its_person(pleszew: CopyingOffice) -> None:
    """A paper alone has one; the clerk, whose it is, opens it, and somebody else does not."""
    clock, clerk = pleszew.office.clock, pleszew.people["clerk"]
    today = civil_date(clock.now())
    paper = office_services.enter_statement(clerk.id, today, clock=clock, actor="cli")
    said = sent(f"statement:{paper.id}", role=Role.SIGNED)
    with pytest.raises(AccessRefusedError):
        attach_file(said, SCAN, person=clerk, keeping=pleszew.office.keeping)
    kept = attach_file(said, SCAN, person=pleszew.people["secretary"], keeping=pleszew.office.keeping)
    assert note_opened(kept.id, person=clerk, clock=clock).media_type == "application/pdf"
    with pytest.raises(AccessRefusedError):
        note_opened(kept.id, person=pleszew.people["viewer"], clock=clock)
    version = office_queries.version_in_force(today).version
    given = office_services.give_statement(
        pleszew.people["head"].id, version=version, shown="0" * 64, second_factor=False, clock=clock
    )
    with pytest.raises(FileRefusedError):
        attach_file(
            sent(f"statement:{given.id}", role=Role.SIGNED), SCAN, person=pleszew.people["secretary"], keeping=pleszew.office.keeping
        )  # fmt: skip
    assert found(pleszew) == []
