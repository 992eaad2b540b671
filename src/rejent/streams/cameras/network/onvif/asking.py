"""What people are shown of cameras before they add one: those that answer in the network, and what one of them streams."""

import asyncio
from typing import Any
from urllib.parse import quote

from rejent.kernel.clock import Clock
from rejent.streams.cameras.network.onvif.device import Device, read_device_address
from rejent.streams.cameras.network.onvif.discovery import discover
from rejent.streams.cameras.network.rtsp.address import Login, Trust

PICTURE_WITHIN_S = 5.0
"""Seconds for each request on the way to a still picture; there are six at most, and somebody waits for it."""


def find_devices(seconds: float, interface: str = "") -> list[dict[str, object]]:
    """Return the cameras that answer within so many seconds; anybody in the network can."""
    return asyncio.run(_find_devices(seconds, interface))


def describe_device(url: str, clock: Clock) -> dict[str, Any]:
    """Return what a camera at ``onvif://user:password@host`` says of itself, of its clock and of its streams.

    Raises AddressError, SourceError.
    """
    return asyncio.run(_describe_device(url, clock))


def with_login(uri: str, user: str, password: str) -> str:
    """Return an address of a stream with user and password in it, as a source is added by."""
    scheme, _, rest = uri.partition("://")
    login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
    return f"{scheme}://{login}{rest}"


def ask_picture(url: str, profile: str, login: Login | None, trust: Trust, clock: Clock) -> bytes:
    """Return the still picture that a camera at ``onvif://host`` gives of one of its profiles, as it codes it.

    Raises AddressError, SourceError: it gives none, refuses the login, or not in time.
    """
    address, _ = read_device_address(_over_http(url))
    device = Device(address, login, clock=clock, trust=trust, timeout_s=PICTURE_WITHIN_S)
    return asyncio.run(device.picture(profile))


async def _find_devices(seconds: float, interface: str) -> list[dict[str, object]]:
    return [
        {
            "url": device.addresses[0].replace("http://", "onvif://", 1),
            "name": device.name,
            "hardware": device.hardware,
            "endpoint": device.endpoint,
        }
        async for device in discover(seconds=seconds, interface=interface)
    ]


async def _describe_device(url: str, clock: Clock) -> dict[str, Any]:
    address, login = read_device_address(_over_http(url))
    device = Device(address, login, clock=clock)
    reading = await device.clock_reading()
    information = await device.information()
    profiles = []
    for profile in await device.profiles():
        stream = await device.stream(profile)
        profiles.append(
            {
                "token": profile.token,
                "name": profile.name,
                "codec": profile.codec,
                "width": profile.width,
                "height": profile.height,
                "frames_per_second": profile.frames_per_second,
                "url": stream.address.uri,
                "elsewhere": stream.other_host,
            }
        )
    return {
        "device": {
            "manufacturer": information.manufacturer,
            "model": information.model,
            "firmware": information.firmware,
        },
        "clock_offset_s": round(reading.offset.total_seconds(), 1),
        "profiles": profiles,
    }


def _over_http(url: str) -> str:
    return url.replace("onvif://", "http://", 1)
