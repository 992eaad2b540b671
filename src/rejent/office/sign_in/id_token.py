"""Verification of ID tokens: for us, now, by how many factors.

OpenID Connect Core 1.0 § 3.1.3.7; joserfc does the signatures and the claims. Pure: keys, nonce and instants come in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet
from joserfc.jws import JWSRegistry

from rejent.office.errors import NotProvenError
from rejent.office.sign_in.configured import Provider

ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
)
"""Signatures with a private key: ``none`` is nobody's, and with ``HS256`` a public key would sign."""
LEEWAY_S = 60
"""Seconds that two clocks may differ by."""
_KEY_TYPES = frozenset({"RSA", "EC", "OKP"})
_LONGEST = 255


@dataclass(frozen=True, slots=True)
class Proven:
    """A person as the identity provider knows them; ``subject``: what it never gives to somebody else."""

    subject: str = field(repr=False)
    second_factor: bool


def proven(
    token: str, keys: object, provider: Provider, *, nonce: str, begun: datetime, now: datetime
) -> Proven:
    """Read an ID token. Raises NotProvenError: it proves nothing; the fact ``why`` is one word of the standard."""
    try:
        read = jwt.decode(
            token, KeySet(_usable(keys)), algorithms=ALGORITHMS,
            registry=JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False),
        )  # fmt: skip
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _unproven(getattr(error, "error", "") or type(error).__name__) from None
    claims = read.claims
    _require_claims(claims, provider, nonce, int(now.timestamp()))
    if provider.fresh_login:
        _require_fresh(claims.get("auth_time"), begun)
    subject = claims.get(provider.subject)
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST:
        raise _unproven(provider.subject)
    return Proven(subject, _second_factor(claims, provider))


def _usable(keys: object) -> list[Key]:
    """Return the public keys for signatures; what cannot be read as one is left out."""
    listed = keys.get("keys") if isinstance(keys, Mapping) else None
    usable: list[Key] = []
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, dict) and each.get("kty") in _KEY_TYPES and each.get("use", "sig") == "sig":
            try:
                usable.append(JWKRegistry.import_key(each))
            except (JoseError, ValueError, TypeError, KeyError):
                continue
    return usable


def _require_claims(claims: dict[str, Any], provider: Provider, nonce: str, now: int) -> None:
    registry = jwt.JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY_S,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        registry.validate(claims)
    except (JoseError, TypeError) as error:
        raise _unproven(str(getattr(error, "claim", "") or getattr(error, "error", "") or "claims")) from None
    authorised, sole = claims.get("azp"), (provider.client_id, [provider.client_id])
    if authorised != provider.client_id and (authorised is not None or claims["aud"] not in sole):
        raise _unproven("azp")


def _require_fresh(proved_at: object, begun: datetime) -> None:
    """The person proved who they are after we asked: at a shared computer the provider may remember somebody else."""
    if isinstance(proved_at, bool) or not isinstance(proved_at, int | float):
        raise _unproven("auth_time")
    if proved_at < begun.timestamp() - LEEWAY_S:
        raise _unproven("auth_time")


def _second_factor(claims: Mapping[str, Any], provider: Provider) -> bool:
    methods = claims.get("amr")
    used = {each for each in methods if isinstance(each, str)} if isinstance(methods, list) else set()
    return bool(used & set(provider.second_factor_amr)) or claims.get("acr") in provider.second_factor_acr


def _unproven(why: str) -> NotProvenError:
    return NotProvenError("The identity provider's answer proves nothing: {why}.", why=why)
