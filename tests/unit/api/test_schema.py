"""The whole schema tried with generated requests: no answer is a failure of ours, every answer is as documented.

One check is left out: a schema cannot say that an end comes after its start, so that some requests it allows are refused.
"""

from collections.abc import Callable

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from rejent.api.routes import api
from tests.examples import examples

from .conftest import Asked

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


class CurrentToken:
    """Signs requests with the token of the office of the moment, unless a case is about doing without."""

    token = ""

    def get(self, _case: schemathesis.Case, _context: schemathesis.AuthContext) -> str:
        """The token."""
        return self.token

    def set(self, case: schemathesis.Case, data: str, _context: schemathesis.AuthContext) -> None:
        """Put it into a request."""
        case.headers["Authorization"] = f"Bearer {data}"


schema.auth(cache_by_key=lambda _case, _context: CurrentToken.token)(CurrentToken)


@schema.parametrize()
@settings(
    max_examples=examples(12),
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_documented(case: schemathesis.Case, ask: Callable[..., Asked], hold: str) -> None:  # noqa: ARG001 - an office
    """Whatever is sent, status, headers and body follow the schema, and wrong requests are refused."""
    CurrentToken.token = CurrentToken.token or ask("head", "iod").token
    answer = case.call_and_validate(excluded_checks=[positive_data_acceptance])
    assert answer.status_code < 500


@pytest.fixture(autouse=True)
def forget_token() -> None:
    """Each test has an office, and so a token, of its own."""
    CurrentToken.token = ""


def test_the_schema_covers_every_route() -> None:
    """The operations tried are all there are."""
    assert len(list(schema.get_all_operations())) == sum(map(len, api.get_openapi_schema()["paths"].values()))
