"""What supervision systems read without a token: health, readiness, metrics, the schema."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from rejent.api.routes import api
from rejent.catalog import services as catalog
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.retention.models import Alarm
from rejent.retention.rounds.alarms import CAPACITY, alarm_kinds
from rejent.vault.store.object_store import Space
from tests.unit.api.conftest import NOON, Asked


def test_health_needs_nothing(client: Client) -> None:
    """The process answers, without the database."""
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.usefixtures("source")
def test_readiness_names_what_fails(client: Client, tmp_path: Path) -> None:
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
    assert not re.search(r"\bhol\b|192\.0\.2\.7|Sekret", text, re.IGNORECASE)


@pytest.mark.usefixtures("source")
def test_metrics_tell_every_kind_of_alarm(client: Client, clock: ManualClock) -> None:
    """A disk with too little room for the period is an alarm of its kind; the kinds that are not on stand at nought."""
    Alarm.objects.create(kind=CAPACITY, subject="", raised_at=clock.now(), facts={})
    text = client.get("/metrics").content.decode()
    found = {family.name: family for family in text_string_to_metric_families(text)}["rejent_alarms"]
    assert {sample.labels["kind"]: sample.value for sample in found.samples} == {
        kind: float(kind == CAPACITY) for kind in (*alarm_kinds(), "volume")
    }


def test_metrics_are_read_once_however_often_they_are_asked(
    client: Client, source: str, clock: ManualClock
) -> None:
    """Within five seconds a hundred questions cost no question to the database, and then one reading is new."""
    first = client.get("/metrics").content
    with CaptureQueriesContext(connection) as asked:
        assert {client.get("/metrics").content for _ in range(100)} == {first}
    assert len(asked) == 0
    catalog.open_gap(source, NOON, "unreachable", clock=clock)
    clock.advance(timedelta(seconds=5))
    assert client.get("/metrics").content != first


@pytest.mark.usefixtures("source")
def test_metrics_are_for_this_machine_alone(client: Client, settings: Any) -> None:
    """Another address is refused without a figure, and so is what a proxy hands on from elsewhere."""
    remote = client.get("/metrics", REMOTE_ADDR="192.0.2.4")
    assert (remote.status_code, b"rejent_" in remote.content) == (403, False)
    for name in ("x_forwarded_for", "forwarded", "x_forwarded_host", "x_real_ip", "via"):
        assert client.get("/metrics", headers={name: "192.0.2.4"}).status_code == 403
    settings.INSTALLATION = replace(settings.INSTALLATION, trusted_proxies=("127.0.0.1",))
    assert client.get("/metrics", headers={"x_forwarded_for": "192.0.2.4"}).status_code == 403
    assert client.get("/metrics", headers={"x_forwarded_for": "127.0.0.1"}).status_code == 200


@pytest.mark.usefixtures("source")
def test_metrics_take_a_token_from_anywhere(client: Client, settings: Any) -> None:
    """Where a token is named it alone counts: right from anywhere, wrong or missing from nowhere."""
    settings.INSTALLATION = replace(settings.INSTALLATION, metrics_token="tylko-dla-nadzoru-7")
    shown = {"authorization": "Bearer tylko-dla-nadzoru-7"}
    assert client.get("/metrics", headers=shown, REMOTE_ADDR="192.0.2.4").status_code == 200
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"authorization": "Bearer tylko-dla-nadzoru-8é"}).status_code == 403


@pytest.mark.usefixtures("source")
def test_the_vaults_use_is_said_to_be_that_of_its_place(client: Client, clock: ManualClock) -> None:
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
    office.publish_test_gates(clock=clock)
    word = catalog.HealthReport(source, "recording", "", clock.now(), clock.now(), 0.1, "rtcp", {}, 9.0)
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


def test_a_stream_that_may_not_start_is_told_as_waiting(
    client: Client, source: str, ask: Callable[[str], Asked]
) -> None:
    """Before its conditions are met no camera is blamed: state, cause, and what is missing, in figures and interface."""
    told = ask("administrator").get(f"/sources/{source}")[1]
    assert isinstance(told, dict)
    assert (told["state"], told["cause"]) == ("waiting", "gates")
    assert told["waits_for"] == ["staff-told", "places-marked"]
    waiting = f'rejent_source_recording{{cause="gates",source="{source}"}} 0.0'
    assert waiting in client.get("/metrics").content.decode()


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
    """Every field of every schema shows an example, or is made of fields that do; a list of words shows them all."""
    schema = api.get_openapi_schema()["components"]["schemas"][name]
    if "enum" in schema:
        assert len(schema["enum"]) > 1
        return
    for field, told in schema["properties"].items():
        inner = told.get("items", told)
        assert (
            told.get("examples") or "$ref" in inner or any("$ref" in each for each in told.get("allOf", []))
        ), field
