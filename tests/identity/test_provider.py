"""The provider's side of signing in: a real one, and one that lies (OpenID Connect Core 1.0 § 3.1, RFC 9700)."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from rejent.kernel.clock import Clock, ManualClock, SystemClock
from rejent.office.errors import NotProvenError, WayAwayError
from rejent.office.sign_in.configured import Provider
from rejent.office.sign_in.id_token import Proven
from rejent.office.sign_in.provider import MOST_READ, Flow, OidcProvider
from tests.certificates import Authority
from tests.identity.liar import NEXT_KEY, Liar
from tests.identity.toolkit.running import BACK, CLIENT, Toolkit

CLOCK = SystemClock()


def asked(at: Provider, clock: Clock = CLOCK) -> OidcProvider:
    """Our side of a provider."""
    return OidcProvider(at, Path("/"), CLIENT["secret"], BACK, clock)


def why(question: Callable[[], object]) -> str:
    """Why an answer proves nothing."""
    with pytest.raises(NotProvenError) as refused:
        question()
    return str(refused.value.facts["why"])


def came_back(liar: Liar, *, clock: Clock = CLOCK, at: Provider | None = None, **answer: Any) -> Proven:
    """Pass a flow whose provider is the liar."""
    flow = Flow.new(CLOCK.now())
    liar.nonce = flow.nonce
    given = {"state": flow.state, "code": "c-1", **answer}
    return asked(at or liar.provider(), clock).person(flow, {k: v for k, v in given.items() if v is not None})


@pytest.mark.parametrize(("name", "second"), [("anna", False), ("jan-stick", True)])
def test_a_real_provider_proves_who_somebody_is_once(oidc_server: Toolkit, name: str, second: bool) -> None:
    """The code is good for one token; the identifier is the provider's, and its second factor is told."""
    ours, flow = asked(oidc_server.provider()), Flow.new(CLOCK.now())
    ours.demand()
    brought = dict(parse_qsl(urlsplit(oidc_server.passed(ours.address(flow), name)).query))
    proven = ours.person(flow, brought)
    assert (proven.subject, proven.second_factor) == (oidc_server.identifiers[name], second)
    assert why(lambda: ours.person(flow, brought)) == "code"


def test_a_code_is_worth_nothing_to_another_browser(oidc_server: Toolkit) -> None:
    """Who carries off state and code still lacks the verifier, and the provider refuses the code (RFC 7636)."""
    ours, flow = asked(oidc_server.provider()), Flow.new(CLOCK.now())
    brought = dict(parse_qsl(urlsplit(oidc_server.passed(ours.address(flow), "anna")).query))
    thief = Flow.new(CLOCK.now())
    assert (
        why(lambda: ours.person(Flow(flow.state, flow.nonce, thief.verifier, flow.begun), brought)) == "code"
    )


def test_what_the_browser_is_sent_with(liar: Liar) -> None:
    """A code, PKCE with S256, state, nonce, a fresh login; the verifier stays here."""
    flow = Flow.new(CLOCK.now())
    liar.settings = {"authorization_endpoint": f"{liar.issuer}/authorize?realm=1"}
    address = asked(liar.provider(second_factor_acr=("gold",))).address(flow)
    sent = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{liar.issuer}/authorize?realm=1&")
    assert (sent["response_type"], sent["code_challenge_method"], sent["scope"]) == (
        ["code"],
        ["S256"],
        ["openid"],
    )
    assert (sent["state"], sent["nonce"]) == ([flow.state], [flow.nonce])
    assert (sent["prompt"], sent["max_age"], sent["acr_values"]) == (["login"], ["0"], ["gold"])
    assert sent["redirect_uri"] == [f"https://rejent.example{BACK}"]
    assert flow.verifier not in address
    assert "prompt" not in parse_qs(urlsplit(asked(liar.provider(fresh_login=False)).address(flow)).query)


def test_an_answer_must_belong_to_the_flow(liar: Liar) -> None:
    """Another state, none, no code, a refusal, ten minutes too late: nothing is asked of the provider."""
    assert why(lambda: came_back(liar, state="another")) == "state"
    assert why(lambda: came_back(liar, state=None)) == "state"
    assert why(lambda: came_back(liar, code=None)) == "refused"
    assert why(lambda: came_back(liar, error="access_denied")) == "refused"
    late = ManualClock(CLOCK.now() + timedelta(minutes=10, seconds=1))
    assert why(lambda: came_back(liar, clock=late)) == "flow"
    assert liar.asked == []


def test_an_answer_of_another_issuer_is_refused(liar: Liar) -> None:
    """Mix-up (RFC 9207): who names another issuer, or none where one is promised, gets no code of ours."""
    assert came_back(liar, iss=liar.issuer).subject == "u-1"
    asked_before = len(liar.asked)
    assert why(lambda: came_back(liar, iss="https://foreign.example")) == "iss"
    liar.settings = {"authorization_response_iss_parameter_supported": True}
    assert why(lambda: came_back(liar)) == "iss"
    assert len(liar.asked) == asked_before
    liar.settings = {"issuer": "https://foreign.example"}
    with pytest.raises(WayAwayError):
        came_back(liar)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"iss": "https://foreign.example"}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"exp": 1}, "exp"),
        ({"auth_time": 1}, "auth_time"),
    ],
)
def test_tokens_of_others_and_of_yesterday_are_refused(
    liar: Liar, claims: dict[str, Any], reason: str
) -> None:
    """A good signature does not make up for the wrong nonce, issuer, audience or time."""
    liar.claims = claims
    assert why(lambda: came_back(liar)) == reason


def test_a_key_that_is_not_published_signs_nothing_and_a_new_one_does_at_once(liar: Liar) -> None:
    """Keys are read anew for every signing in, so that rotation needs no waiting and a withdrawn key opens nothing."""
    liar.key = NEXT_KEY
    assert why(lambda: came_back(liar)) != ""
    liar.published = [NEXT_KEY]
    assert came_back(liar).subject == "u-1"


def test_the_client_proves_itself_as_the_provider_wants(liar: Liar) -> None:
    """By the header unless only the form is taken; the secret stands in no address."""
    came_back(liar)
    assert "client_secret" not in liar.asked[-1]
    liar.settings = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    came_back(liar)
    assert liar.asked[-1]["client_secret"] == [CLIENT["secret"]]


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_nothing_is_said_without_tls(liar: Liar, name: str) -> None:
    """A provider that points to http, or to nothing, is as good as away."""
    for address in (f"http://localhost/{name}", "//localhost", None):
        liar.settings = {name: address}
        with pytest.raises(WayAwayError):
            asked(liar.provider()).demand()


def test_keys_that_cannot_be_had_open_nothing(liar: Liar) -> None:
    """An address of keys that answers with an error, with rubbish or with too much is a provider that is away."""
    for path in ("/nowhere", "/token"):
        liar.settings, liar.token_status = {"jwks_uri": liar.issuer + path}, 500
        with pytest.raises(WayAwayError):
            asked(liar.provider()).demand()
    liar.settings = {"padding": "x" * MOST_READ}
    with pytest.raises(WayAwayError):
        asked(liar.provider()).demand()


def test_no_certificate_is_believed_that_the_office_does_not(liar: Liar, tmp_path: Path) -> None:
    """A server that signed its own certificate, or whose authority is another, is not spoken to; the error says so."""
    other = Authority(tmp_path, "Other")
    with pytest.raises(WayAwayError, match="certificate is not believed"):
        asked(Provider(liar.issuer, "rejent", "https://rejent.example", ca=str(other.file))).demand()
    by_address = liar.issuer.replace("localhost", "127.0.0.1")
    with pytest.raises(WayAwayError, match="certificate is not believed"):
        asked(Provider(by_address, "rejent", "https://rejent.example", ca=str(liar.ca))).demand()


@pytest.mark.parametrize("path", ["/.well-known", "/keys"])
def test_a_provider_that_hangs_is_given_up(liar: Liar, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """An octet now and then keeps nobody waiting beyond the bound, which is not one for each octet."""
    monkeypatch.setattr("rejent.office.sign_in.provider.LONGEST_S", 1.0)
    liar.drip = path
    with pytest.raises(WayAwayError):
        asked(liar.provider()).demand()
