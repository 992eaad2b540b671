"""Run inside a network of its own: start ipycam, find and ask it, print what it said as JSON.

Usage: onvif_peer_visit.py IPYCAM_PYTHON FOLDER
"""

import asyncio
import json
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path

from rejent.kernel.clock import SystemClock
from rejent.streams.cameras.errors import PasswordRefusedError
from rejent.streams.cameras.network.onvif.device import Device, read_device_address
from rejent.streams.cameras.network.onvif.discovery import discover
from rejent.streams.cameras.network.rtsp.address import Login

CONFIGURATION = {
    "name": "Peer",
    "local_ip": "127.0.0.1",
    "onvif_port": 18080,
    "username": "operator",
    "password": "correct horse",
    "main_width": 320,
    "main_height": 240,
    "main_fps": 10,
    "sub_width": 160,
    "sub_height": 120,
    "sub_fps": 5,
}


def main():
    """Start, visit, stop."""
    python, folder = sys.argv[1], Path(sys.argv[2])
    (folder / "camera.json").write_text(json.dumps(CONFIGURATION))
    command = [
        python,
        "-u",
        "-m",
        "ipycam",
        "--config",
        "camera.json",
        "--source",
        "picture.mp4",
        "--hw",
        "cpu",
    ]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as camera:
        try:
            for line in camera.stdout:
                if "IP Camera is running" in line:
                    break
            else:
                sys.exit("ipycam did not start")
            print(json.dumps(asyncio.run(visit())))  # noqa: T201 - the result
        finally:
            camera.kill()


async def visit():
    """Everything the client can ask."""
    async with aclosing(discover(seconds=20, interface="127.0.0.1")) as devices:
        found = await anext(devices)
    address, _ = read_device_address(found.addresses[0])
    login = Login(CONFIGURATION["username"], CONFIGURATION["password"])
    device = Device(address, login, clock=SystemClock())
    reading = await device.clock_reading()
    profiles = await device.profiles()
    stream = await device.stream(profiles[0])
    try:
        await Device(address, Login("operator", "guess"), clock=SystemClock()).information()
        refused = False
    except PasswordRefusedError:
        refused = True
    return {
        "name": found.name,
        "offset": reading.offset.total_seconds(),
        "uncertainty": reading.uncertainty.total_seconds(),
        "model": (await device.information()).model,
        "profiles": [[profile.codec, profile.width, profile.height] for profile in profiles],
        "stream": stream.address.uri,
        "elsewhere": stream.other_host,
        "refused": refused,
    }


if __name__ == "__main__":
    main()
