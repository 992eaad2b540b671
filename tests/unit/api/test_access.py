"""Who may ask the HTTP interface what: every operation of the schema, without a token and with too little a role."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from rejent.access.rules.administration import ADMINISTRATION
from rejent.api.routes import api

from .conftest import Asked

EXAMPLES = {"source_id": "0" * 32, "number": "Z-2026-1", "index": "0"}


def operations() -> Iterator[tuple[str, str]]:
    """Method and path of every operation, with examples in place of parameters."""
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method in methods:
            yield method, path.format(**EXAMPLES)


def asked(client: Client, method: str, path: str, **headers: str) -> tuple[int, str]:
    """Status and kind of refusal."""
    answer = client.generic(method.upper(), path, "{}", content_type="application/json", headers=headers)
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(("method", "path"), list(operations()))
@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer nobody"}, {"authorization": "Basic eDp5"}])
@pytest.mark.django_db
def test_without_a_valid_token_nothing_is_answered(
    client: Client, method: str, path: str, header: dict[str, str]
) -> None:
    """No header, an unknown token and another scheme are all refused before anything is looked up."""
    assert asked(client, method, path, **header) == (401, "token")


def test_an_expired_token_opens_nothing(ask: Callable[..., Asked], clock: object) -> None:
    """A token of one day is refused after two."""
    from datetime import timedelta

    somebody = ask("administrator")
    assert somebody.get("/status")[0] == 200
    clock.advance(timedelta(days=2))
    assert somebody.get("/status")[0] == 401


@pytest.mark.parametrize(("method", "path"), list(operations()))
def test_a_role_without_the_duty_is_refused(ask: Callable[..., Asked], method: str, path: str) -> None:
    """An employee who is nothing else gets no answer from any operation, whatever it is given."""
    somebody = ask("employee")
    bodies = {"/holds": HOLD, "/holds/Z-2026-1/end": {"reason": "x"}}
    short = path.removeprefix("/api/v1")
    query = {"start": "2026-11-21T00:00:00Z", "end": "2026-11-22T00:00:00Z"}
    got = somebody.get(short, **query) if method == "get" else somebody.post(short, bodies[short])
    assert got[0] == 403
    assert got[1]["code"] == "access.refused"


HOLD = {
    "source": "Hol", "start": "2026-11-21T00:00:00Z", "end": "2026-11-22T00:00:00Z", "case": "x", "basis": "x",
    "review_on": "2027-01-01",
}  # fmt: skip


def test_who_runs_the_machine_cannot_end_a_hold(ask: Callable[..., Asked], hold: str) -> None:
    """The administrator sees holds but neither places nor ends them; the head of the office does."""
    assert "administrator" not in ADMINISTRATION["end-hold"]
    administrator = ask("administrator")
    assert administrator.get("/holds")[0] == 200
    assert administrator.post("/holds", HOLD)[0] == 403
    assert administrator.post(f"/holds/{hold}/end", {"reason": "x"})[0] == 403
    assert ask("head").post(f"/holds/{hold}/end", {"reason": "x"})[0] == 200
