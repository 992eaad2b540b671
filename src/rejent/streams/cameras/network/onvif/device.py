"""ONVIF requests to one camera: its clock, its identity, its profiles, and their RTSP addresses.

Requests are sent without a login first: the clock needs none, and a camera that requires one names its schemes. HTTP
Digest is used where it is offered, else a UsernameToken stamped by the camera's own clock, so that a camera 20 years
off can still be read. A password is never sent in the clear, nor to another host than the one it was given for.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from rejent.kernel.clock import Clock
from rejent.recording.errors import SourceError
from rejent.streams.cameras.errors import (
    AddressError,
    CameraCause,
    NotACameraError,
    NoVideoError,
    PasswordRefusedError,
    ProtocolError,
)
from rejent.streams.cameras.network.onvif import requests, responses
from rejent.streams.cameras.network.onvif.requests import MEDIA, MEDIA2, Request
from rejent.streams.cameras.network.onvif.responses import Information, LoginRequiredError, Profile
from rejent.streams.cameras.network.onvif.transport import Endpoint, HttpResponse, exchange
from rejent.streams.cameras.network.rtsp.address import (
    Address,
    Login,
    Trust,
    is_local_host,
    parse_address,
    split_url,
)
from rejent.streams.cameras.network.rtsp.assembly import MAX_PICTURE
from rejent.streams.cameras.network.rtsp.auth import Authenticator

TIMEOUT_S = 10.0
"""Seconds for one request, unless the caller says otherwise."""

_USUAL_PATH = "/onvif/device_service"
_HALF_SECOND = timedelta(seconds=0.5)


@dataclass(frozen=True, slots=True)
class DeviceAddress:
    """Address of a camera's device service, without user and password."""

    endpoint: Endpoint
    path: str


@dataclass(frozen=True, slots=True)
class ClockReading:
    """A camera's clock, to the second, against ours in the middle of the exchange; ``offset`` is positive when the camera is ahead."""

    camera: datetime
    offset: timedelta
    uncertainty: timedelta


@dataclass(frozen=True, slots=True)
class Stream:
    """RTSP address of a profile, without a login; a person should agree before a password goes to an ``other_host``."""

    address: Address
    other_host: bool


class _AuthMode(Enum):
    OPEN = "open"
    DIGEST = "digest"
    TOKEN = "token"  # noqa: S105 - the name of a mode to log in


def read_device_address(written: str) -> tuple[DeviceAddress, Login | None]:
    """Parse ``camera.example:8080`` or ``http://user:password@192.0.2.1/onvif/device_service``; AddressError where it is none."""
    stripped = written.strip()
    parts, port, login = split_url(stripped if "://" in stripped else f"http://{stripped}")
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise AddressError("The address is not one of an ONVIF device.")
    encrypted = parts.scheme == "https"
    path = parts.path if parts.path not in {"", "/"} else _USUAL_PATH
    query = f"?{parts.query}" if parts.query else ""
    if not (path + query).isascii():
        raise AddressError("The address is not one of an ONVIF device.")
    endpoint = Endpoint(parts.hostname, port or (443 if encrypted else 80), encrypted)
    return DeviceAddress(endpoint, path + query), login


class Device:
    """A camera's ONVIF services. Requests raise SourceError where it cannot be reached, refuses the login, or does not say."""

    def __init__(
        self,
        address: DeviceAddress,
        login: Login | None = None,
        *,
        clock: Clock,
        trust: Trust | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._address = address
        self._login = login
        self._clock = clock
        self._trust = trust or Trust()
        self._patience = timeout_s
        self._auth_mode = _AuthMode.OPEN
        self._authenticator = Authenticator(login, encrypted=address.endpoint.encrypted)
        self._skew: timedelta | None = None
        self._services: dict[str, str] | None = None

    async def clock_reading(self) -> ClockReading:
        """Compare the camera's clock with ours (Core Specification §8.3.5; no login is needed there)."""
        body, response = await self._call(self._address.path, requests.CLOCK)
        reading = self._reading(body, response)
        self._skew = reading.offset
        return reading

    async def information(self) -> Information:
        """Return the camera's manufacturer, model, firmware and serial number."""
        body, _ = await self._call(self._address.path, requests.INFORMATION)
        return responses.information(body)

    async def profiles(self) -> tuple[Profile, ...]:
        """Return its video profiles, of Media2 where it has that, which alone knows H.265; NoVideoError where it has none."""
        services = await self._media_services()
        if MEDIA2 in services:
            found = await self._profiles(services[MEDIA2], requests.PROFILES2, media2=True)
            if found:
                return found
        found = (
            await self._profiles(services[MEDIA], requests.PROFILES, media2=False)
            if MEDIA in services
            else ()
        )
        if not found:
            raise NoVideoError(CameraCause.NO_VIDEO, "The camera offers no profile with a picture.")
        return found

    async def stream(self, profile: Profile) -> Stream:
        """Return the RTSP address of a profile; NoVideoError where it names none."""
        services = await self._media_services()
        path = _required(services.get(MEDIA2 if profile.media2 else MEDIA))
        request = (
            requests.stream_uri2(profile.token) if profile.media2 else requests.stream_uri(profile.token)
        )
        body, _ = await self._call(path, request)
        address, _ = parse_address(responses.stream_uri(body))
        if address.needs_libav:
            raise NoVideoError(CameraCause.NO_VIDEO, "The camera gives no address for this profile.")
        own = self._address.endpoint.host
        if is_local_host(address.host):
            address = replace(address, host=own)
        return Stream(address, other_host=address.host.lower() != own.lower())

    async def picture(self, token: str) -> bytes:
        """Return the still picture of a profile as the camera codes it, from the host and port entered; NoVideoError where it gives none."""
        services = await self._media_services()
        media2 = MEDIA2 in services
        path = _required(services.get(MEDIA2 if media2 else MEDIA))
        body, _ = await self._call(path, requests.snapshot_uri(token, media2=media2))
        target = _path_of(responses.stream_uri(body))
        response = await self._get(target)
        if response.status == 401:
            self._take_digest(response)
            response = await self._get(target)
        if response.status == 401:
            raise PasswordRefusedError
        if response.status != 200:
            raise NoVideoError(CameraCause.NO_VIDEO, "The camera gives no picture at the address it names.")
        return response.body

    async def _get(self, target: str) -> HttpResponse:
        proof = self._authenticator.authorization("GET", target)
        return await exchange(
            self._address.endpoint,
            target,
            {"Authorization": proof} if proof is not None else {},
            None,
            trust=self._trust,
            clock=self._clock,
            timeout_s=self._patience,
            largest=MAX_PICTURE,
        )

    async def _profiles(self, path: str, request: Request, *, media2: bool) -> tuple[Profile, ...]:
        try:
            body, _ = await self._call(path, request)
        except (NotACameraError, ProtocolError):
            if media2:
                return ()
            raise
        return responses.profiles(body, media2=media2)

    async def _media_services(self) -> dict[str, str]:
        """Return the path of each media service; host and port it names may be unreachable, or should not learn the login."""
        if self._services is None:
            try:
                body, _ = await self._call(self._address.path, requests.SERVICES)
                found = responses.service_addresses(body)
            except (NotACameraError, ProtocolError):
                found = {}
            if not found:
                body, _ = await self._call(self._address.path, requests.CAPABILITIES)
                found = responses.service_addresses(body)
            self._services = {namespace: _path_of(address) for namespace, address in found.items()}
        return self._services

    async def _call(self, path: str, request: Request) -> tuple[Element, HttpResponse]:
        tried: set[_AuthMode] = set()
        while True:
            response = await self._post(path, request, self._auth_mode)
            try:
                return _soap_body(response), response
            except LoginRequiredError:
                self._auth_mode = self._next_auth_mode(response, tried)
                tried.add(self._auth_mode)

    def _next_auth_mode(self, response: HttpResponse, tried: set[_AuthMode]) -> _AuthMode:
        if self._login is None:
            raise PasswordRefusedError("The camera wants a user and a password, and none are given.")
        if _AuthMode.DIGEST not in tried:
            with suppress(PasswordRefusedError):
                self._take_digest(response)
                return _AuthMode.DIGEST
        if _AuthMode.TOKEN not in tried:
            return _AuthMode.TOKEN
        raise PasswordRefusedError

    def _take_digest(self, response: HttpResponse) -> None:
        """Take the challenges of Digest alone: a password never leaves in the clear. PasswordRefusedError: there is none to be used."""
        self._authenticator.take(
            [field for field in response.challenges if field.lower().startswith("digest")]
        )

    async def _post(self, path: str, request: Request, mode: _AuthMode) -> HttpResponse:
        fields = {"Content-Type": f'application/soap+xml; charset=utf-8; action="{request.action}"'}
        header = ""
        if mode is _AuthMode.DIGEST:
            proof = self._authenticator.authorization("POST", path)
            if proof is not None:
                fields["Authorization"] = proof
        elif mode is _AuthMode.TOKEN and self._login is not None:
            created = self._clock.now() + await self._clock_skew()
            header = requests.username_token(self._login, created, secrets.token_bytes(16))
        return await exchange(
            self._address.endpoint,
            path,
            fields,
            request.envelope(header),
            trust=self._trust,
            clock=self._clock,
            timeout_s=self._patience,
        )

    async def _clock_skew(self) -> timedelta:
        if self._skew is None:
            self._skew = timedelta()
            try:
                response = await self._post(self._address.path, requests.CLOCK, _AuthMode.OPEN)
                self._skew = self._reading(_soap_body(response), response).offset
            except SourceError:
                self._skew = timedelta()
        return self._skew

    def _reading(self, body: Element, response: HttpResponse) -> ClockReading:
        since = timedelta(seconds=self._clock.monotonic() - response.answered_at)
        middle = self._clock.now() - since - response.round_trip / 2
        camera = responses.clock(body)
        return ClockReading(
            camera=camera,
            offset=camera + _HALF_SECOND - middle,
            uncertainty=_HALF_SECOND + response.round_trip / 2,
        )


def _soap_body(response: HttpResponse) -> Element:
    if response.status == 401:
        raise LoginRequiredError("The camera wants another login.")
    if response.status not in {200, 202, 400, 500}:
        raise NotACameraError("What answers there does not speak ONVIF.")
    body = responses.soap_body(response.body)
    if response.status >= 400:
        raise ProtocolError("The camera refuses the question ({code}).", code=response.status)
    return body


def _required(path: str | None) -> str:
    if path is None:
        raise NoVideoError(CameraCause.NO_VIDEO, "The camera gives no address for this profile.")
    return path


def _path_of(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        raise ProtocolError("The camera names a service address that cannot be understood.") from None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if (
        not path.startswith("/")
        or not path.isascii()
        or any(ord(sign) <= 32 or ord(sign) == 127 for sign in path)
    ):
        raise ProtocolError("The camera names a service address that cannot be understood.")
    return path
