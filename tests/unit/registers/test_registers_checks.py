"""What fsck finds in the ledger, each kind of damage by its name."""

import pytest
from django.db import connection, transaction

from rejent.ledger.signed.note import SignerKey
from rejent.registers import checks, services
from tests.guarded_rows import unguarded
from tests.unit.registers.conftest import START, happen

pytestmark = pytest.mark.django_db
GENUINE = 'UPDATE registers_entry SET {} WHERE "index" = 3'


def found(place):
    """The codes found, without their common beginning."""
    return {finding.code.removeprefix("registers.") for finding in checks.findings(place)}


def tamper(statement):
    """Change rows as somebody would who also drops the triggers."""
    with unguarded(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def _history(place, clock, stick):  # noqa: ARG001 - the witness must be there
    for number in range(5):
        happen(str(number))
    services.checkpoint(place, clock=clock)
    for number in range(300):
        happen(str(number))
    services.erase(1, actor="p", reason="asked for", at=START)
    services.checkpoint(place, clock=clock)
    happen("after the checkpoint")


@pytest.mark.usefixtures("_history")
def test_sound_ledger_is_clean(place):
    """A ledger with checkpoints, an erased record and a younger act has no finding."""
    assert list(checks.findings(place)) == []


def test_empty_ledger_is_clean(place):
    """An installation that has not signed yet has no finding."""
    assert list(checks.findings(place)) == []


@pytest.mark.usefixtures("_history")
@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        (GENUINE.format("facts = '{\"what\":\"nothing\"}'"), {"entry-changed"}),
        (GENUINE.format("facts = 'no record'"), {"entry-changed"}),
        (GENUINE.format("facts = '[1]'"), {"entry-changed"}),
        (GENUINE.format("salt = leaf"), {"entry-changed"}),
        (GENUINE.format("salt = substr(leaf, 1, 5)"), {"entry-changed"}),
        (GENUINE.format("actor = 'somebody'"), {"entry-changed"}),
        (GENUINE.format("facts = NULL"), {"entry-halved", "entry-erased"}),
        (GENUINE.format("facts = NULL, salt = NULL"), {"entry-erased"}),
        (GENUINE.format("leaf = salt"), {"entry-changed", "head", "forked", "ledger.tile"}),
        ('DELETE FROM registers_entry WHERE "index" = 3', {"entry-missing"}),
        ('DELETE FROM registers_entry WHERE "index" = 306', {"entry-missing"}),
        ("UPDATE registers_treehead SET size = 304", {"head"}),
        ("UPDATE registers_checkpoint SET root = (SELECT root FROM registers_checkpoint ORDER BY size LIMIT 1)",
         {"checkpoint-row", "forked"}),
        ("UPDATE registers_checkpoint SET note = 'forged' WHERE size = 5", {"checkpoint"}),
        ("UPDATE registers_checkpoint SET token = root WHERE size = 5", {"stamp"}),
    ],
)  # fmt: skip
def test_tampered_row_is_found(place, statement, codes):
    """Every kind of change that is made past the triggers is found."""
    tamper(statement)
    assert found(place) == codes


@pytest.mark.usefixtures("_history")
def test_a_guard_that_was_dropped_is_found(place):
    """Who means to change entries drops the trigger that refuses it, and may forget to put it back."""
    gone = {
        "sqlite": "DROP TRIGGER registers_entry_kept",
        "postgresql": "ALTER TABLE registers_entry DISABLE TRIGGER registers_entry_kept",
    }
    with connection.cursor() as cursor:
        cursor.execute(gone[connection.vendor])
    (finding,) = checks.findings(place)
    assert (finding.code, finding.facts) == ("registers.guard-missing", {"guard": "registers_entry_kept"})


@pytest.mark.usefixtures("_history")
def test_tampered_folder_is_found(place):
    """A changed tile, a forged checkpoint and a missing public key are found."""
    tile = place.folder / "tile/0/000"
    tile.write_bytes(bytes(32) + tile.read_bytes()[32:])
    assert found(place) == {"ledger.tile"}
    (place.folder / "checkpoint").write_text("forged", encoding="utf-8")
    assert found(place) == {"checkpoint"}
    (place.folder / "public-key").unlink()
    assert found(place) == {"key"}


@pytest.mark.usefixtures("_history")
def test_key_exchanged_with_its_folder_is_found(place):
    """Under another public key no checkpoint verifies, and the witness contradicts."""
    (place.folder / "public-key").write_text(str(SignerKey.generate(place.origin).verifier), encoding="utf-8")
    assert found(place) == {"checkpoint", "witness"}


@pytest.mark.usefixtures("_history")
def test_witness_that_is_away_or_new_is_said_so(place, stick):
    """A stick that is not there, or that never saw this ledger, cannot vouch for it."""
    stick.unlink()
    assert found(place) == {"witness-empty"}
    stick.mkdir()
    assert found(place) == {"witness-unreachable"}


def test_older_database_is_found_by_folder_and_witness(place, clock, stick):  # noqa: ARG001 - the witness must be there
    """Yesterday's database under today's checkpoint and witness holds less than was signed; grown again it is a fork."""
    happen("one")
    yesterday = transaction.savepoint()
    happen("two")
    services.checkpoint(place, clock=clock)
    transaction.savepoint_rollback(yesterday)
    assert "shortened" in found(place)
    happen("other")
    assert "forked" in found(place)


def test_numbers_of_a_book_are_checked():
    """Gaps, doubles and numbers never taken are found, year by year; a sound book has no finding."""
    for _ in range(3):
        services.take_number("protocols", 2026)

    def codes(*used):
        return [finding.code for finding in checks.numbering("protocols", used)]

    assert codes("N-2026-1", "N-2026-3", "N-2026-2") == []
    assert codes("N-2026-1", "N-2026-3") == ["registers.number-gap"]
    assert codes("N-2026-1", "N-2026-2", "N-2026-2", "N-2026-3") == ["registers.number-twice"]
    assert codes("N-2026-1", "N-2026-2", "N-2026-3", "N-2026-4") == ["registers.number-gap"]
    assert codes("N-2026-1", "N-2026-2", "N-2026-3", "N-2027-1") == ["registers.number-gap"]
    assert codes("N-2026-1", "x", "N-2026-2", "N-2026-3") == ["registers.number-unreadable"]


@pytest.mark.usefixtures("_history")
def test_findings_read_as_sentences(place):
    """A finding says in one line what is wrong and where."""
    tamper(GENUINE.format("actor = 'somebody'"))
    (finding,) = checks.findings(place)
    assert finding.sentence() == "The record of entry 3 is not the one that was entered."
    assert finding.subject == "registers"
