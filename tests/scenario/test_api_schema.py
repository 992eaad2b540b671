"""The HTTP interface of a running office, tried by its own schema: every operation, by everybody, over a real connection.

The requests are generated from the schema that the program hands out, right ones and wrong ones, and are the same in every run. Whose
token opens which operation stands here once more, by hand. One check of the tool is left out: a schema cannot say
that an end comes after its start, so some requests that it allows are refused.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings

from rejent.api.routes import api
from rejent.kernel.clock import SystemClock, civil_date, local_midnight
from tests.installation import CommandServer, new_office, recorded, running
from tests.ports import free_port
from tests.waiting import CEILING_S

EXAMPLES = {True: 8, False: 3}
"""Requests to an operation by each role that it opens to, and by each that it does not."""
OVERSEERS = {"head", "deputy", "secretary", "iod"}
RUNNERS = {"administrator", "it-unit"}
GUARDS = {"guard", "guard-supervisor"}
ROLES = OVERSEERS | RUNNERS | GUARDS | {"viewer", "contractor", "clerk", "employee"}
OPENS_TO = {
    "GET /api/v1/status": OVERSEERS | RUNNERS | GUARDS,
    "GET /api/v1/sources": OVERSEERS | RUNNERS | GUARDS,
    "GET /api/v1/sources/{source_id}": OVERSEERS | RUNNERS | GUARDS,
    "GET /api/v1/sources/{source_id}/gaps": OVERSEERS | RUNNERS | GUARDS,
    "GET /api/v1/sources/{source_id}/objects": OVERSEERS | RUNNERS | GUARDS,
    "GET /api/v1/protocols": OVERSEERS,
    "GET /api/v1/holds": OVERSEERS | RUNNERS | {"clerk", "viewer"},
    "POST /api/v1/holds": OVERSEERS | {"clerk", "viewer"},
    "POST /api/v1/holds/{number}/end": {"head"},
    "GET /api/v1/retention/due": OVERSEERS | RUNNERS,
    "GET /api/v1/ledger": OVERSEERS,
    "GET /api/v1/ledger/entries": OVERSEERS,
    "GET /api/v1/ledger/entries.csv": OVERSEERS,
    "GET /api/v1/ledger/checkpoint": OVERSEERS,
    "GET /api/v1/ledger/proof/{index}": OVERSEERS,
}
GENERATED = settings(
    deadline=None, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)  # fmt: skip


@dataclass(frozen=True)
class Served:
    """The running office: where it answers, and a token of somebody of each role."""

    base: str
    tokens: dict[str, str]


@cache
def operations() -> dict[str, Any]:
    """Return the operations of the schema; what tries them takes seconds to load, and only here."""
    import schemathesis

    schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
    return {one.ok().label: one.ok() for one in schema.get_all_operations()}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An office with a minute recorded yesterday, a hold and a signed ledger."""
    eight = local_midnight(civil_date(SystemClock().now()) - timedelta(days=1)) + timedelta(hours=8)
    office = new_office(tmp_path_factory.mktemp("api") / "office", at=eight)
    recorded(office, office.add_camera("Hol", "rtsp://127.0.0.1:9/hol", eight), eight, 1)
    tokens = {}
    command = CommandServer(office)
    for role in sorted(ROLES):
        added = command(
            "person add", "--name", f"Osoba {role}", "--username", role, "--role", role, "--password-stdin",
            stdin="cicha rzeka o świcie 7\n",
        )  # fmt: skip
        assert added.status == 0, added
        tokens[role] = command("token create", "--person", role).out.strip()
    held = command(
        "hold add", "--source", "Hol", "--from", eight.isoformat(), "--to", (eight + timedelta(seconds=9)).isoformat(),
        "--case", "OR.1", "--basis", "art. 22", "--review", (eight + timedelta(days=30)).date().isoformat(),
    )  # fmt: skip
    assert held.status == 0, held
    assert command("ledger checkpoint").status == 0
    address = f"127.0.0.1:{free_port()}"
    with running(office, "--role", "web", "--listen", address) as program:
        program.until("web.listening")
        yield Served(f"http://{address}", tokens)


def test_the_running_office_hands_out_the_schema_that_is_tried(served: Served) -> None:
    """Every operation of it, and no other, is in the table above."""
    handed_out = requests.get(f"{served.base}/api/v1/openapi.json", timeout=CEILING_S).json()
    assert handed_out == json.loads(json.dumps(api.get_openapi_schema()))
    assert set(OPENS_TO) == set(operations())


@pytest.mark.parametrize("label", OPENS_TO)
def test_an_operation_answers_each_role_as_documented(served: Served, label: str) -> None:
    """Never with a failure of ours, always in the shape of the schema, and with anything but a refusal only to its roles."""
    for role in sorted(ROLES):
        opens = role in OPENS_TO[label]
        statuses = _tried(served, label, {"Authorization": f"Bearer {served.tokens[role]}"}, EXAMPLES[opens])
        if opens:
            assert not statuses & {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}, role
        else:
            assert statuses <= {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}, role
            assert HTTPStatus.FORBIDDEN in statuses, role


@pytest.mark.parametrize("label", OPENS_TO)
def test_an_operation_answers_nobody_without_a_token(served: Served, label: str) -> None:
    """Neither without the header, nor with a token that is none, a cookie in its place or another scheme."""
    for headers in (
        {},
        {"Authorization": "Bearer nobody"},
        {"Cookie": f"sessionid={served.tokens['head']}; token={served.tokens['head']}"},
        {"Authorization": f"Basic {served.tokens['head']}"},
    ):
        assert _tried(served, label, headers, 2) <= {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND}


def _tried(served: Served, label: str, headers: dict[str, str], examples: int) -> set[int]:
    """Send so many generated requests; what they were answered with."""
    from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

    statuses = set()

    @settings(GENERATED, max_examples=examples)
    @given(case=operations()[label].as_strategy())
    def probe(case: Any) -> None:
        case.headers.pop("Authorization", None)
        response = case.call(base_url=served.base, headers=headers, timeout=CEILING_S)
        statuses.add(response.status_code)
        case.validate_response(response, excluded_checks=[positive_data_acceptance, ignored_auth])

    probe()
    return statuses
