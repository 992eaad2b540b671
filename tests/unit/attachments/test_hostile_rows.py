"""Neither rows that somebody wrote into the database nor a second request let the key of a kept file die, or one of another file seal it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from rejent.cases import services as cases
from rejent.cases.attachments.errors import FileRefusedError, FileStateError, NoSuchFileError
from rejent.cases.attachments.models import AttachedFile
from rejent.cases.attachments.services import (
    begin_file,
    erasing,
    finish_file,
    keep_files,
    receiving,
    take_piece,
)
from rejent.cases.attachments.views import FileView, Role
from rejent.cases.views import State
from rejent.kernel.errors import InputRefusedError
from tests.guarded_rows import unguarded
from tests.unit.attachments.test_attaching import SCAN, attached, case, found, sent
from tests.unit.copies.conftest import CopyingOffice
from tests.unit.copies.test_destroying import LAST_DAY, appointed

__all__ = ["case"]

DYING = "UPDATE attachments_attachedfile SET state = 'dying', name = '', sha256 = '', salt = '', ended_at = kept_at"


def survives(office: CopyingOffice) -> bool:
    """Whether the one file is there, with its key and its object, after a keeper's round."""
    assert keep_files(office.office.keeping) == []
    keys = [key for key in office.office.keys.alive() if key.kind == "attachment"]
    return len(keys) == len(list(office.office.store.objects("attachments/"))) == 1


def begun(office: CopyingOffice, case: str) -> FileView:
    """A file of the clerk whose pieces are there."""
    clerk, keeping = office.people["clerk"], office.office.keeping
    view = begin_file(sent(case), person=clerk, keeping=keeping)
    take_piece(view.id, 1, SCAN, person=clerk, keeping=keeping)
    return view


@pytest.mark.parametrize("state", ["dying", "erased", "arriving"])
def test_a_planted_state_destroys_nothing(pleszew: CopyingOffice, case: str, state: str) -> None:
    """The keeper goes by the ledger, which tells of no erasure; fsck names the row."""
    kept = attached(pleszew, case)
    long_ago = pleszew.office.clock.now() - timedelta(days=3)
    with unguarded():
        AttachedFile.objects.filter(pk=kept.id).update(state=state, begun_at=long_ago)
    assert survives(pleszew)
    assert found(pleszew)


@pytest.mark.parametrize("nulled", [False, True])
def test_the_steps_of_an_erasure_without_its_act(pleszew: CopyingOffice, case: str, nulled: bool) -> None:
    """The triggers allow both; so would they once the record of the act that kept it is gone."""
    attached(pleszew, case)
    with connection.cursor() as cursor:
        if nulled:
            with unguarded():
                cursor.execute(
                    "UPDATE registers_entry SET salt = NULL, facts = NULL WHERE act = 'attachment.kept'"
                )
        cursor.execute(DYING)
        assert survives(pleszew)
        cursor.execute("UPDATE attachments_attachedfile SET state = 'erased'")
    assert survives(pleszew)


def test_a_second_request_removes_no_kept_file(
    pleszew: CopyingOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is refused late was entered by another request meanwhile; a third one answers as that did."""
    copy = pleszew.copy(pleszew.decided().number)
    pleszew.office.go_to(LAST_DAY)
    commission = appointed(pleszew, copy, "clerk", "secretary").number
    clerk, keeping = pleszew.people["clerk"], pleszew.office.keeping
    picture = b"\x89PNG\r\n\x1a\n" + bytes(50)
    said = sent(f"commission:{commission}", "a.png", len(picture), role=Role.PHOTO, of=copy.number)
    draft = begin_file(said, person=clerk, keeping=keeping)
    take_piece(draft.id, 1, picture, person=clerk, keeping=keeping)
    first = list[FileView]()

    def meanwhile(*_: Any) -> None:
        monkeypatch.setattr(receiving, "small_photo", lambda *_: b"")
        first.append(finish_file(draft.id, person=clerk, keeping=keeping))
        raise FileRefusedError("The photo cannot be decoded.")

    monkeypatch.setattr(receiving, "small_photo", meanwhile)
    with pytest.raises(InputRefusedError):
        finish_file(draft.id, person=clerk, keeping=keeping)
    assert survives(pleszew)
    assert finish_file(draft.id, person=clerk, keeping=keeping) == first[0]
    with pytest.raises(NoSuchFileError):
        finish_file(draft.id, person=pleszew.people["head"], keeping=keeping)


def test_requests_at_once_keep_one_file(
    pleszew: CopyingOffice, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The later one answers as the earlier did, and leaves no object of its own."""
    clerk, keeping = pleszew.people["clerk"], pleszew.office.keeping
    draft, seal = begun(pleszew, case), receiving._seal_whole

    def meanwhile(*given: Any) -> None:
        seal(*given)
        monkeypatch.setattr(receiving, "_seal_whole", seal)
        finish_file(draft.id, person=clerk, keeping=keeping)

    monkeypatch.setattr(receiving, "_seal_whole", meanwhile)
    assert finish_file(draft.id, person=clerk, keeping=keeping).state == "kept"
    assert survives(pleszew)
    assert found(pleszew) == []


def test_a_late_file_that_is_finished_meanwhile(
    pleszew: CopyingOffice, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keeper had read it as one that never came."""
    draft, remove = begun(pleszew, case), erasing.remove_draft
    pleszew.office.clock.advance(timedelta(days=1))

    def meanwhile(*given: Any) -> None:
        finish_file(draft.id, person=pleszew.people["clerk"], keeping=pleszew.office.keeping)
        remove(*given)

    monkeypatch.setattr(erasing, "remove_draft", meanwhile)
    assert survives(pleszew)


def test_a_file_that_comes_while_its_case_is_erased(
    pleszew: CopyingOffice, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused where it would be entered, and nothing of it is left."""
    clerk, head, clock = pleszew.people["clerk"], pleszew.people["head"], pleszew.office.clock
    number, seal = case.partition(":")[2], receiving._seal_whole
    refused: dict[str, Any] = {"reasons": "x", "basis": "y", "knowledge": False}
    cases.decide_case(number, State.REFUSED, person=head, clock=clock, ledger=None, **refused)
    draft = begun(pleszew, case)

    def meanwhile(*given: Any) -> None:
        seal(*given)
        cases.erase_applicant(number, grounds="B5", person=head, clock=clock, ledger=None)

    monkeypatch.setattr(receiving, "_seal_whole", meanwhile)
    with pytest.raises(FileRefusedError, match="erased"):
        finish_file(draft.id, person=clerk, keeping=pleszew.office.keeping)
    assert not AttachedFile.objects.exists()
    assert not list(pleszew.office.store.objects("attachments/"))
    assert found(pleszew) == []


def test_a_draft_has_the_key_that_was_made_for_it(pleszew: CopyingOffice, case: str) -> None:
    """Sealed to another file's key, it would outlive its own erasure."""
    first, draft = attached(pleszew, case), begun(pleszew, case)
    AttachedFile.objects.filter(pk=draft.id).update(recipient=first.recipient)
    with pytest.raises(NoSuchFileError):
        finish_file(draft.id, person=pleszew.people["clerk"], keeping=pleszew.office.keeping)
    assert found(pleszew) == ["attachments.key-other"]


def test_no_piece_follows_the_last(pleszew: CopyingOffice, case: str) -> None:
    """Nor an empty one."""
    draft = begun(pleszew, case)
    with pytest.raises(FileStateError):
        take_piece(draft.id, 2, b"", person=pleszew.people["clerk"], keeping=pleszew.office.keeping)
