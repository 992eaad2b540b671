"""An OpenID Connect provider: the code flow with PKCE, as the office's side of it (OpenID Connect Core 1.0 § 3.1).

Settings and keys are read anew for every signing in, so that a provider may change its keys at any time. Each question to
it ends within `LONGEST_S`, follows no redirect, and believes no certificate that the office does not.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote_plus, urlencode, urlsplit

from httpx2 import AsyncClient, BasicAuth, HTTPError, InvalidURL

from rejent.kernel.clock import Clock
from rejent.office.errors import NotProvenError, WayAwayError
from rejent.office.sign_in.configured import Provider, cause_of, trust
from rejent.office.sign_in.id_token import Proven, proven

LONGEST_S = 8.0
"""Seconds for all that is asked in one go."""
LONGEST_FLOW = timedelta(minutes=10)
"""The longest time a person may take at the provider."""
MOST_READ = 512 * 1024
"""Octets of one answer."""
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Flow:
    """A signing in that was begun; it stays in the browser's session.

    Attributes:
        state: ties the provider's answer to this browser.
        nonce: ties the ID token to it.
        verifier: ties the code to it (RFC 7636 § 4.1).
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    begun: datetime

    @classmethod
    def new(cls, now: datetime) -> "Flow":
        """Return one that nobody can guess."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, now)

    def runs(self, now: datetime) -> bool:
        """Return whether an answer to it is still read."""
        return timedelta() <= now - self.begun <= LONGEST_FLOW


class OidcProvider:
    """The provider that an installation names."""

    def __init__(self, at: Provider, folder: Path, secret: str, back: str, clock: Clock) -> None:
        self._at = at
        self._folder = folder
        self._secret = secret
        self._back = at.pages + back
        self._clock = clock

    def address(self, flow: Flow) -> str:
        """Return the address a browser is sent to for a flow. Raises `WayAwayError` if the provider names none."""
        metadata = self._ask(self._metadata)
        parameters = {
            "response_type": "code",
            "client_id": self._at.client_id,
            "redirect_uri": self._back,
            "scope": "openid",
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": _challenge(flow.verifier),
            "code_challenge_method": "S256",
        }
        if self._at.fresh_login:
            parameters |= {"prompt": "login", "max_age": "0"}
        if self._at.second_factor_acr:
            parameters["acr_values"] = " ".join(self._at.second_factor_acr)
        endpoint = _endpoint(metadata, "authorization_endpoint")
        return endpoint + ("&" if urlsplit(endpoint).query else "?") + urlencode(parameters)

    def person(self, flow: Flow, answer: Mapping[str, str]) -> Proven:
        """Return the person who came back from the provider. Raises WayAwayError, NotProvenError."""
        if not hmac.compare_digest(answer.get("state", "").encode(), flow.state.encode()):
            raise _unproven("state")
        if not flow.runs(self._clock.now()):
            raise _unproven("flow")
        if answer.get("error") or not answer.get("code"):
            raise _unproven("refused")

        async def exchange(client: AsyncClient) -> tuple[object, object]:
            metadata = await self._metadata(client)
            _require_same_issuer(metadata, answer.get("iss"))
            given = await self._token(client, metadata, answer["code"], flow.verifier)
            return given, await _read(client, _endpoint(metadata, "jwks_uri"))

        token, keys = self._ask(exchange)
        if not isinstance(token, str):
            raise _unproven("id_token")
        return proven(token, keys, self._at, nonce=flow.nonce, begun=flow.begun, now=self._clock.now())

    def demand(self) -> None:
        """See that the provider answers and says where its parts are. Raises `WayAwayError` if it does not."""

        async def exchange(client: AsyncClient) -> None:
            metadata = await self._metadata(client)
            _endpoint(metadata, "authorization_endpoint")
            _endpoint(metadata, "token_endpoint")
            await _read(client, _endpoint(metadata, "jwks_uri"))

        self._ask(exchange)

    def _ask(self, questions: Callable[[AsyncClient], Awaitable[Answer]]) -> Answer:
        """Ask, and be done within `LONGEST_S` however slowly the provider answers."""

        async def bounded() -> Answer:
            headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
            verify = trust(self._at.ca, self._folder)
            async with (
                asyncio.timeout(LONGEST_S),
                AsyncClient(verify=verify, trust_env=False, timeout=LONGEST_S, headers=headers) as client,
            ):
                return await questions(client)

        try:
            return asyncio.run(bounded())
        except (HTTPError, InvalidURL, OSError, TimeoutError) as error:
            raise _away(cause_of(error)) from None

    async def _metadata(self, client: AsyncClient) -> Mapping[str, Any]:
        """Read the provider's metadata (OpenID Connect Discovery 1.0 § 4)."""
        metadata = await _read(client, self._at.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if not isinstance(metadata, dict) or metadata.get("issuer") != self._at.issuer:
            raise _away("it says that it is another issuer")
        return metadata

    async def _token(
        self, client: AsyncClient, metadata: Mapping[str, Any], code: str, verifier: str
    ) -> object:
        """Return the ID token for a code (RFC 6749 § 4.1.3); the client proves itself as § 2.3.1 says."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": verifier,
        }
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        auth = None
        if "client_secret_basic" in methods:
            auth = BasicAuth(quote_plus(self._at.client_id), quote_plus(self._secret))
        else:
            form |= {"client_id": self._at.client_id, "client_secret": self._secret}
        got = await _read(client, _endpoint(metadata, "token_endpoint"), form=form, auth=auth)
        return got.get("id_token") if isinstance(got, dict) else None


async def _read(
    client: AsyncClient, address: str, *, form: Mapping[str, str] | None = None, auth: BasicAuth | None = None
) -> object:
    """Return the JSON that an address answers with."""
    method = "POST" if form is not None else "GET"
    async with client.stream(method, address, data=form, auth=auth) as answer:
        body = b""
        async for piece in answer.aiter_raw():
            body += piece
            if len(body) > MOST_READ:
                raise _away("it says too much")
    try:
        answered = json.loads(body)
    except (ValueError, RecursionError):
        answered = None
    if form is not None and isinstance(answered, dict) and answered.get("error") == "invalid_grant":
        raise _unproven("code")
    if answer.status_code != 200 or answered is None:
        raise _away(f"status {answer.status_code}")
    return answered


def _endpoint(metadata: Mapping[str, Any], name: str) -> str:
    address = metadata.get(name)
    if not isinstance(address, str) or not address.startswith("https://"):
        raise _away(f"its {name} is no https address")
    return address


def _require_same_issuer(metadata: Mapping[str, Any], issuer: str | None) -> None:
    """The answer comes from whom we asked, where it says from whom (RFC 9207 § 2.4)."""
    promised = metadata.get("authorization_response_iss_parameter_supported") is True
    if issuer != metadata["issuer"] and (issuer is not None or promised):
        raise _unproven("iss")


def _challenge(verifier: str) -> str:
    """RFC 7636 § 4.2, S256."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _unproven(why: str) -> NotProvenError:
    return NotProvenError("The identity provider's answer proves nothing: {why}.", why=why)


def _away(why: str) -> WayAwayError:
    return WayAwayError("The identity provider does not answer as it should: {why}.", why=why)
