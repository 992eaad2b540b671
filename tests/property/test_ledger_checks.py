"""Records of any shape in the ledger: every subject's checks say what they cannot read, and never fail."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rejent.access import acts as access_acts
from rejent.catalog import acts as catalog_acts
from rejent.catalog import ledger_checks as catalog
from rejent.kernel.acts import Act
from rejent.office import acts as office_acts
from rejent.registers.services import enter
from rejent.retention import acts as retention_acts
from tests.examples import examples
from tests.guarded_rows import unguarded

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SUBJECTS = (catalog,)
ACTS = [
    act
    for acts in (access_acts, catalog_acts, office_acts, retention_acts)
    for act in vars(acts).values()
    if isinstance(act, Act)
]
NAMES = st.sampled_from(
    [
        "account",
        "acts",
        "authenticators",
        "basis",
        "bytes",
        "case",
        "day",
        "digest",
        "end",
        "from",
        "units",
        "in_force_from",
        "key",
        "kind",
        "number",
        "object",
        "on",
        "person",
        "pictures",
        "purpose",
        "reason",
        "recipient",
        "review_on",
        "roles",
        "rule",
        "seen",
        "segment",
        "segments",
        "sha256",
        "source",
        "sources",
        "start",
        "stream",
        "survivors",
        "until",
    ]
)
INSTANT = NOW.isoformat()
FACTS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.text(max_size=8),
    st.sampled_from(
        [INSTANT, "2026-11-21", "2026-11-21T12:00:00", "Z/1/2026", [[INSTANT, INSTANT]], [[1, 2]]]
    ),
    st.lists(st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(0, 9), max_size=2),
)
RECORDS = st.dictionaries(NAMES, FACTS, max_size=12)
SOUND: dict[Act, dict[str, object]] = {
    catalog_acts.SEGMENT_SEALED: {
        "source": "s", "start": INSTANT, "end": INSTANT, "object": "o", "bytes": 1, "sha256": "", "recipient": "r", "units": 1,
    },
    retention_acts.SEGMENT_MENDED: {"segment": "s", "sha256": "", "pictures": 1, "bytes": 1, "end": INSTANT},
}  # fmt: skip


def codes() -> set[str]:
    """What the checks of all subjects find."""
    return {finding.code for subject in SUBJECTS for finding in subject.against_ledger()}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(150))
@given(deeds=st.lists(st.tuples(st.sampled_from(ACTS), RECORDS), min_size=1, max_size=6))
@example(deeds=[(office_acts.STATION_ENROLLED, {"until": ""})])
@pytest.mark.usefixtures("db")
def test_no_record_stops_a_check(deeds: list[tuple[Act, dict[str, object]]]) -> None:
    """Whatever was entered under the names of acts, every finding is a sentence that can be read."""
    with transaction.atomic():
        for act, record in deeds:
            enter(act, actor="", subject="source:x", record=record, at=NOW)
        found = [finding for subject in SUBJECTS for finding in subject.against_ledger()]
        assert all("{" not in finding.sentence().replace("{}", "") for finding in found)
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("act", SOUND, ids=lambda act: act.name)
def test_a_record_that_lacks_a_fact_is_named(act: Act) -> None:
    """A record as it must be is read; the same one without any of its facts, or with an odd one, is told as unreadable."""
    sound = SOUND[act]
    records = [{name: fact for name, fact in sound.items() if name != left_out} for left_out in sound]
    records += [{**sound, changed: {"odd": 1}} for changed in sound]
    for record, readable in [(sound, True), *((record, False) for record in records)]:
        with transaction.atomic():
            enter(act, actor="", subject="source:x", record=record, at=NOW)
            assert any(code.endswith(".act-unreadable") for code in codes()) is not readable, record
            transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("facts", ["no record", "[1]", "null", '"text"', "[" * 100_000])
def test_what_is_no_record_is_named(facts: str) -> None:
    """Acts in whose place somebody put anything but a record are told as unreadable by every subject."""
    for act, record in SOUND.items():
        enter(act, actor="", subject="source:x", record=record, at=NOW)
    with unguarded(), connection.cursor() as cursor:
        cursor.execute("UPDATE registers_entry SET facts = %s", [facts])
    assert codes() >= {f"{subject}.act-unreadable" for subject in ("catalog",)}
