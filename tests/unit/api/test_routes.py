"""What the HTTP interface answers to those who may ask."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.test import Client

from rejent.kernel.clock import ManualClock
from rejent.ledger.proof import verify_proof_files
from rejent.registers import queries as registers

from .conftest import NOON, Asked

Ask = Callable[..., Asked]
MONTH = {"start": (NOON - timedelta(days=20)).isoformat(), "end": NOON.isoformat()}


def test_status_tells_everything_at_a_glance(ask: Ask, source: str) -> None:
    """Sources with what they recorded and missed, the ledger's head, storage and what is overdue."""
    status, told = ask("administrator").get("/status")
    assert status == 200
    assert set(told) == {"sources", "ledger", "storage", "overdue"}
    (camera,) = told["sources"]
    assert (camera["id"], camera["name"], camera["recorded_s"], camera["gap_s"]) == (
        source,
        "Hol",
        120.0,
        30.0,
    )
    assert len(told["ledger"]["root"]) == 64
    assert told["overdue"] == 0


def test_a_source_is_told_without_its_address_or_place(ask: Ask, source: str) -> None:
    """Neither credentials nor the camera's place leave by the interface."""
    asked = ask("administrator")
    assert asked.get("/sources")[1] == [asked.get(f"/sources/{source}")[1]]
    assert not {"address", "building", "place"} & set(asked.get(f"/sources/{source}")[1])


def test_gaps_and_objects_of_an_interval_are_listed(ask: Ask, source: str) -> None:
    """The gap with its cause and the sealed objects with their digests, none of their content."""
    asked = ask("iod")
    status, gaps = asked.get(f"/sources/{source}/gaps", **MONTH)
    assert status == 200
    assert [gap["cause"] for gap in gaps] == ["unreachable"]
    status, objects = asked.get(f"/sources/{source}/objects", **MONTH)
    assert status == 200
    assert [item["bytes"] for item in objects] == [1000, 1000]
    assert set(objects[0]) == {"name", "start", "end", "bytes", "sha256", "recipient", "state"}


def test_a_question_about_too_long_an_interval_is_refused(ask: Ask, source: str) -> None:
    """More than a month, an interval that ends before it starts, and instants without offset are all refused."""
    asked = ask("iod")
    for start, end in (
        ("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00", "2026-01-02T00:00:00"),
        ("1767225600", "1767225601"),
        ("0001-01-01T00:00:00+01:00", "0001-01-02T00:00:00+01:00"),
    ):
        status, told = asked.get(f"/sources/{source}/gaps", start=start, end=end)
        assert status == 422
        assert set(told) == {"code", "sentence"}


def test_what_is_not_there_is_404(ask: Ask) -> None:
    """An unknown source, hold, entry and address are all not found."""
    asked = ask("head")
    assert asked.get(f"/sources/{'0' * 32}")[0] == 404
    assert asked.post("/holds/Z-2026-9/end", {"reason": "x"})[0] == 404
    assert asked.get("/ledger/proof/99999")[0] == 404
    assert asked.get("/nothing")[0] == 404


def checkpointed() -> int:
    """How many entries the published checkpoint covers."""
    return int((settings.LEDGER.log.checkpoint() or "\n0").splitlines()[1])


def test_a_hold_is_placed_listed_and_ended_once(ask: Ask) -> None:
    """A hold placed over the interface is listed until it is ended, once; the ledger's head is signed with either act."""
    asked = ask("head")
    body = {
        "source": "Hol", "start": (NOON - timedelta(minutes=4)).isoformat(), "end": NOON.isoformat(),
        "case": "OR.2", "basis": "art. 22", "review_on": "2027-01-01",
    }  # fmt: skip
    before = registers.tree_head().size
    published = []
    status, placed = asked.post("/holds", body)
    published.append(checkpointed())
    assert (status, placed["case"], placed["ended_at"]) == (201, "OR.2", None)
    assert [each["number"] for each in asked.get("/holds")[1]] == [placed["number"]]
    status, ended = asked.post(f"/holds/{placed['number']}/end", {"reason": "zakończone"})
    published.append(checkpointed())
    assert (status, ended["number"]) == (200, placed["number"])
    assert asked.get("/holds")[1] == []
    assert [each["number"] for each in asked.get("/holds", ended="true")[1]] == [placed["number"]]
    assert asked.post(f"/holds/{placed['number']}/end", {"reason": "x"})[0] == 409
    assert published == [before + 1, before + 2]


def test_a_hold_that_says_nothing_is_refused(ask: Ask) -> None:
    """Blank words, a body that is no JSON, a review in the past or too far ahead and a case too long are refused in the one shape."""
    asked = ask("head")
    body = {"source": "Hol", "start": NOON.isoformat(), "end": (NOON + timedelta(hours=1)).isoformat()}
    blank = asked.post("/holds", body | {"case": " ", "basis": "§ 6", "review_on": "2027-01-01"})
    past = asked.post("/holds", body | {"case": "x", "basis": "§ 6", "review_on": "2026-01-01"})
    far = asked.post("/holds", body | {"case": "x", "basis": "§ 6", "review_on": "2027-12-01"})
    long = asked.post("/holds", body | {"case": "x" * 121, "basis": "§ 6", "review_on": "2027-01-01"})
    broken = asked.post("/holds", "{")
    assert [each[0] for each in (blank, past, far, long, broken)] == [422, 422, 422, 422, 400]
    assert all(set(each[1]) == {"code", "sentence"} for each in (blank, past, far, long, broken))
    assert ("366" in far[1]["sentence"], "120" in long[1]["sentence"]) == (True, True)


def test_what_is_due_names_the_rule(ask: Ask, clock: ManualClock) -> None:
    """Nothing is due today; past the term the civil date is, with the rule and the instant its key dies."""
    asked = ask("secretary")
    assert asked.get("/retention/due") == (200, [])
    status, (due,) = asked.get("/retention/due", at=(clock.now() + timedelta(days=40)).isoformat())
    assert (status, due["day"], due["segments"]) == (200, "2026-11-21", 2)
    assert "maximum 30 days" in due["rule"]


def test_entries_come_newest_first_and_continue_below_an_index(ask: Ask) -> None:
    """Pages of entries join without overlap."""
    asked = ask("iod")
    first = asked.get("/ledger/entries", limit="3")[1]
    second = asked.get("/ledger/entries", limit="3", before=str(first[-1]["index"]))[1]
    indexes = [entry["index"] for entry in first + second]
    assert indexes == sorted(indexes, reverse=True)
    assert len(set(indexes)) == 6
    assert all(entry["sentence"] for entry in first)


def test_a_proof_from_the_interface_verifies_with_its_checkpoint(
    ask: Ask, client: Client, tmp_path: Path
) -> None:
    """Checkpoint and proof, saved as files, are all that verification needs."""
    token = ask("iod").token
    for name, path in (("checkpoint", "checkpoint"), ("proof", "proof/0")):
        answer = client.get(f"/api/v1/ledger/{path}", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 200
        (tmp_path / name).write_bytes(answer.content)
    assert "Entry 0 is in the ledger" in verify_proof_files(tmp_path / "checkpoint", tmp_path / "proof")
