"""ONVIF client: discovering cameras, reading their profiles, and comparing their clock with ours.

Five requests of the ONVIF Core and Media specifications are all the recorder needs, so they are built by hand: bounded
in time and size, over certificates checked like those of RTSPS, with our own clock (see docs/design on ONVIF).
"""

from rejent.streams.cameras.onvif.device import (
    ClockReading,
    Device,
    DeviceAddress,
    Stream,
    read_device_address,
)
from rejent.streams.cameras.onvif.discovery import FoundDevice, discover
from rejent.streams.cameras.onvif.responses import Information, Profile

__all__ = [
    "ClockReading",
    "Device",
    "DeviceAddress",
    "FoundDevice",
    "Information",
    "Profile",
    "Stream",
    "discover",
    "read_device_address",
]
