"""What supervision systems read without a token: health, readiness, metrics, the schema."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from rejent.api.routes import api
from rejent.catalog import services as catalog
from rejent.kernel.clock import ManualClock
from rejent.vault.store.port import Space
from tests.unit.api.conftest import Asked


def test_health_needs_nothing(client: Client) -> None:
    """The process answers, without the database."""
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_readiness_names_what_fails(client: Client, source: str, tmp_path: Path) -> None:  # noqa: ARG001 - an office
    """Ready while database and vault answer; 503 with the vault's name when its folder is gone."""
    assert client.get("/readyz").json() == {"status": "ok", "failing": []}
    (tmp_path / "vault" / "identity.json").unlink()
    (tmp_path / "vault").rmdir()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (503, ["vault"])


def test_metrics_name_sources_by_their_opaque_id(client: Client, source: str) -> None:
    """Prometheus reads every figure; neither name nor place nor address of the camera is among them."""
    text = client.get("/metrics").content.decode()
    found = {family.name: family for family in text_string_to_metric_families(text)}
    (recorded,) = found["rejent_source_recorded_seconds"].samples
    assert (recorded.labels["source"], recorded.value) == (source, 120.0)
    assert found["rejent_ledger_entries"].samples[0].value > 0
    assert not any(word in text for word in ("Hol", "hol", "192.0.2.7", "Sekret"))


def test_the_vaults_use_is_said_to_be_that_of_its_place(
    client: Client,
    source: str,  # noqa: ARG001 - an office
    clock: ManualClock,
) -> None:
    """The figure counts whatever lies beside the sealed objects, and its help claims no less."""
    catalog.read_storage(Space(7, 9, None), clock)
    found = {one.name: one for one in text_string_to_metric_families(client.get("/metrics").content.decode())}
    used = found["rejent_vault_used_bytes"]
    assert (used.samples[0].value, used.documentation) == (
        7,
        "Bytes in use where the vault lies, by whatever is there.",
    )


def test_a_silent_recorder_records_nothing(
    client: Client, source: str, ask: Callable[[str], Asked], clock: ManualClock
) -> None:
    """Once reports stop, metrics and interface say so, whatever the last report said."""
    word = catalog.HealthReport(
        source, "recording", "", clock.now(), clock.now(), 0.1, "rtcp", "avc1", 640, 360, 9.0
    )
    catalog.report_health([word], clock)
    asked = ask("administrator")
    assert (
        f'rejent_source_recording{{cause="",source="{source}"}} 1.0'
        in client.get("/metrics").content.decode()
    )
    clock.advance(timedelta(minutes=1))
    silent = f'rejent_source_recording{{cause="recorder-stopped",source="{source}"}} 0.0'
    assert silent in client.get("/metrics").content.decode()
    for path in ("/sources", f"/sources/{source}", "/status"):
        assert "'state': 'stopped', 'cause': 'recorder-stopped'" in str(asked.get(path)[1])


def test_a_database_that_does_not_answer_is_503(client: Client, ask: object) -> None:
    """While the database fails, the interface says so in the one shape, and readiness names it."""
    token = ask("administrator").token

    def fail(*_: object) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(fail):
        answer = client.get("/api/v1/status", headers={"authorization": f"Bearer {token}"})
        ready = client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "database")
    assert ready.json()["failing"] == ["database"]


def test_the_schema_is_open_and_complete(client: Client) -> None:
    """The schema needs no token; every operation has a summary, a description and documented refusals."""
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["components"]["securitySchemes"]["BearerToken"]["scheme"] == "bearer"
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            assert operation["description"], path
            assert {"401", "403", "404", "422", "503"} <= set(operation["responses"]), path


@pytest.mark.parametrize("name", sorted(api.get_openapi_schema()["components"]["schemas"]))
def test_every_field_has_an_example(name: str) -> None:
    """Every field of every schema shows an example, or is made of fields that do."""
    schema = api.get_openapi_schema()["components"]["schemas"][name]
    for field, told in schema["properties"].items():
        inner = told.get("items", told)
        assert (
            told.get("examples") or "$ref" in inner or any("$ref" in each for each in told.get("allOf", []))
        ), field
