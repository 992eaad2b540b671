"""ONVIF: finding cameras, asking them what they stream, and comparing their clock with ours.

Five questions of the ONVIF Core and Media specifications are all the recorder needs, so they are asked by hand: bounded
in time and size, over certificates judged like those of RTSPS, with our own clock (see docs/design on ONVIF).
"""

from rejent.streams.cameras.onvif.device import (
    ClockReading,
    Device,
    DeviceAddress,
    Stream,
    read_device_address,
)
from rejent.streams.cameras.onvif.discovery import FoundDevice, discover
from rejent.streams.cameras.onvif.replies import Information, Profile

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
