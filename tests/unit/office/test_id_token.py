"""ID tokens: what proves who somebody is, and everything that only looks like it (OpenID Connect Core 1.0 § 3.1.3.7)."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from rejent.office.errors import NotProvenError
from rejent.office.sign_in.configured import Provider
from rejent.office.sign_in.id_token import LEEWAY_S, Proven, proven

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
AT = Provider("https://sso.example/realms/urzad", "rejent", "https://rejent.example")
KEY = RSAKey.generate_key(2048, {"kid": "a", "use": "sig"})
EC_KEY = ECKey.generate_key("P-256", {"kid": "e", "use": "sig"})
STRANGER = RSAKey.generate_key(2048, {"kid": "a"})
KEYS = {"keys": [key.as_dict(private=False) for key in (KEY, EC_KEY)]}


def claims(**changed: Any) -> dict[str, Any]:
    """Those of a good token; what is None is left out."""
    now = int(NOW.timestamp())
    usual = {
        "iss": AT.issuer, "aud": AT.client_id, "sub": "u-1", "nonce": "n-1", "iat": now, "exp": now + 60, "auth_time": now,
    }  # fmt: skip
    return {name: value for name, value in {**usual, **changed}.items() if value is not None}


def signed(header: dict[str, Any] | None = None, key: Any = KEY, **changed: Any) -> str:
    """A token of joserfc's making."""
    return jwt.encode({"alg": "RS256", "kid": "a", **(header or {})}, claims(**changed), key)


def read(token: str, at: Provider = AT, keys: object = KEYS, now: datetime = NOW) -> Proven:
    """Read a token of the flow that was begun at `NOW`."""
    return proven(token, keys, at, nonce="n-1", begun=NOW, now=now)


def why(token: str, at: Provider = AT, keys: object = KEYS, now: datetime = NOW) -> str:
    """Why a token proves nothing."""
    with pytest.raises(NotProvenError) as refused:
        read(token, at, keys, now)
    return str(refused.value.facts["why"])


def part(value: object) -> str:
    """A part of a token written by hand."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_good_token_proves_who_somebody_is() -> None:
    """By either kind of key; its identifier is kept out of whatever is printed."""
    assert read(signed()) == Proven("u-1", second_factor=False)
    assert read(signed({"alg": "ES256", "kid": "e"}, EC_KEY)).subject == "u-1"
    assert "u-1" not in repr(read(signed()))


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "nonce", "iat", "exp", "auth_time"])
def test_no_claim_may_be_missing_or_of_another_kind(name: str) -> None:
    """Each is asked for, none is guessed."""
    assert name in why(signed(**{name: None}))
    for value in (True, ["x", {}], {"x": 1}, ""):
        assert why(signed(**{name: value})) != ""


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "https://sso.example/realms/urzad/"}, "iss"),
        ({"iss": "https://foreign.example"}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": ["another"]}, "aud"),
        ({"aud": ["rejent", "another"]}, "azp"),
        ({"aud": ["rejent", "another"], "azp": "another"}, "azp"),
        ({"azp": "another"}, "azp"),
        ({"nonce": "n-2"}, "nonce"),
        ({"iat": int(NOW.timestamp()) + LEEWAY_S + 1}, "iat"),
        ({"auth_time": int(NOW.timestamp()) - LEEWAY_S - 1}, "auth_time"),
        ({"nbf": int(NOW.timestamp()) + LEEWAY_S + 1}, "nbf"),
        ({"sub": "x" * 256}, "sub"),
    ],
)
def test_what_was_said_to_or_by_others_is_refused(changed: dict[str, Any], reason: str) -> None:
    """Another issuer, another audience, another question, another time."""
    assert why(signed(**changed)) == reason


def test_several_audiences_need_to_be_told_whose_the_token_is() -> None:
    """The authorised party is us (§ 2, ``azp``)."""
    assert read(signed(aud=["rejent", "another"], azp="rejent")).subject == "u-1"
    assert read(signed(aud=["rejent"])).subject == "u-1"


def test_a_token_ends() -> None:
    """A minute is allowed for clocks, not more."""
    token = signed()
    assert read(token, now=NOW + timedelta(seconds=60 + LEEWAY_S - 1)).subject == "u-1"
    assert why(token, now=NOW + timedelta(seconds=60 + LEEWAY_S)) == "exp"


def test_unsigned_and_symmetric_signatures_prove_nothing() -> None:
    """``none``, and ``HS256`` with what everybody knows as the secret: the public key, in each of its writings (RFC 8725 § 2.1)."""
    for written in ("none", "None", "NONE", ""):
        head, body = part({"alg": written, "kid": "a"}), part(claims())
        assert why(f"{head}.{body}.") != ""
        assert why(f"{head}.{body}.{signed().rsplit('.')[2]}") != ""
    public = (
        KEY.as_pem(private=False),
        json.dumps(KEY.as_dict(private=False)).encode(),
        b"rejent-and-a-client-secret",
    )
    for known in public:
        said = f"{part({'alg': 'HS256', 'kid': 'a'})}.{part(claims())}"
        mac = base64.urlsafe_b64encode(hmac.digest(known, said.encode(), "sha256")).rstrip(b"=").decode()
        assert why(f"{said}.{mac}") != ""
        shared = base64.urlsafe_b64encode(known).rstrip(b"=").decode()
        assert why(f"{said}.{mac}", keys={"keys": [{"kty": "oct", "kid": "a", "k": shared}]}) != ""


def test_no_key_but_the_providers_signs() -> None:
    """A stranger's key under a known name, an unknown name, a key in the token itself, a key for encryption."""
    assert why(signed(key=STRANGER)) != ""
    assert why(signed({"kid": "z"})) != ""
    assert why(signed({"jwk": STRANGER.as_dict(private=False)}, STRANGER)) != ""
    for_encryption = {"keys": [{**KEY.as_dict(private=False), "use": "enc"}]}
    assert why(signed(), keys=for_encryption) != ""


@pytest.mark.parametrize(
    "keys", [None, [], {}, {"keys": None}, {"keys": [None, 1, {}]}, {"keys": [{"kty": "RSA", "n": "?"}]}]
)
def test_keys_that_are_none_open_nothing(keys: object) -> None:
    """Whatever was read instead of a key set."""
    assert why(signed(), keys=keys) != ""


def test_one_unreadable_key_does_not_spoil_the_others() -> None:
    """A provider may publish kinds of keys that nobody here knows (RFC 7517 § 5)."""
    strange = [{"kty": "AKP", "kid": "q"}, {"kty": "EC", "crv": "P-0", "x": "", "y": ""}]
    assert read(signed(), keys={"keys": [*strange, *KEYS["keys"]]}).subject == "u-1"


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "\x00", "ą.ę.ć", signed() + ".x", signed()[:-4], "{}"]
)
def test_what_is_no_token_is_refused(token: str) -> None:
    """Without an error of anybody else's."""
    assert why(token) != ""


def test_an_unknown_critical_header_is_refused() -> None:
    """What must be understood and is not (RFC 7515 § 4.1.11)."""
    head = part({"alg": "RS256", "kid": "a", "crit": ["x"], "x": 1})
    assert why(f"{head}.{part(claims())}.AA") != ""


def test_second_factors_count_as_far_as_the_office_says() -> None:
    """Nothing by itself; methods and classes that are configured do."""
    by_method = Provider(*(AT.issuer, AT.client_id, AT.pages), second_factor_amr=("hwk", "otp"))
    by_class = Provider(*(AT.issuer, AT.client_id, AT.pages), second_factor_acr=("gold",))
    assert not read(signed(amr=["pwd", "otp"], acr="gold")).second_factor
    assert read(signed(amr=["pwd", "otp"]), by_method).second_factor
    assert read(signed(acr="gold"), by_class).second_factor
    for wrong in ("otp", {"otp": 1}, [["otp"]], ["pwd"]):
        assert not read(signed(amr=wrong), by_method).second_factor
    assert not read(signed(acr=["gold"]), by_class).second_factor


def test_a_provider_that_tells_no_time_is_configured_so() -> None:
    """Without a fresh login the time of the proof is not asked for; the identifier may be Entra's ``oid``."""
    remembered = Provider(*(AT.issuer, AT.client_id, AT.pages), fresh_login=False, subject="oid")
    assert read(signed(auth_time=None, oid="o-1"), remembered).subject == "o-1"
    assert why(signed(auth_time=None), remembered) == "oid"
