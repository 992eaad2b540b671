"""The register of actions as a table over the HTTP interface."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

from rejent.kernel.clock import ManualClock
from rejent.registers import queries as registers

from .conftest import NOON, Asked

Ask = Callable[..., Asked]


def _table(asked: Asked, **query: str) -> tuple[str, list[dict[str, str]]]:
    answer = asked.client.get(
        "/api/v1/ledger/entries.csv", query, headers={"authorization": f"Bearer {asked.token}"}
    )
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return answer.headers["Content-Type"], list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_the_table_is_the_register_by_identifiers(ask: Ask) -> None:
    """Every entry, newest first, with its commitment and without anybody's name; the export is entered first."""
    asked = ask("iod")
    size = registers.tree_head().size
    kind, rows = _table(asked)
    assert kind == "text/csv; charset=utf-8"
    assert [int(row["index"]) for row in rows] == list(range(size - 1, -1, -1))
    assert not any("Osoba" in cell for row in rows for cell in row.values())
    for row in rows:
        assert row["commitment"] == registers.act(int(row["index"])).leaf.hex()
    entered = registers.act(size)
    assert (entered.act, entered.facts) == (
        "registers.exported",
        {"register": "actions", "format": "csv", "count": size},
    )


def test_the_table_is_narrowed_by_time_and_act(ask: Ask, clock: ManualClock) -> None:
    """Only entries of the act, or of the time, and the record says by what they were chosen."""
    asked = ask("iod")
    _, rows = _table(asked, act="segment.sealed")
    assert {row["act"] for row in rows} == {"segment.sealed"}
    clock.advance(timedelta(hours=1))
    since = (NOON + timedelta(minutes=1)).isoformat()
    ask("clerk")
    _, late = _table(asked, since=since)
    assert {row["act"] for row in late} == {
        "person.added",
        "person.password-set",
        "person.sign-in-confirmed",
        "token.created",
    }
    entered = registers.acts(names=["registers.exported"]).acts
    assert [(act.facts or {}).get("only", "") for act in entered] == ["", "segment.sealed"]
    assert (entered[0].facts or {})["from"] == since
    assert asked.get("/ledger/entries.csv", act="Nope!")[0] == 422
    assert asked.get("/ledger/entries.csv", since=since, until=NOON.isoformat())[0] == 422
    assert len(registers.acts(names=["registers.exported"]).acts) == 2
