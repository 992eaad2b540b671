"""Run as a program of its own: ask the stub with onvif-zeep-async, print what it understood as JSON.

Usage: onvif_peer_ask.py PORT USER PASSWORD
"""

import asyncio
import json
import sys

from onvif import ONVIFCamera


async def ask():
    """The same questions our client asks."""
    port, user, password = sys.argv[1:]
    camera = ONVIFCamera(
        "127.0.0.1", int(port), user, password, no_cache=True, adjust_time=True, nat_override=True
    )
    try:
        await camera.update_xaddrs()
        devices = await camera.create_devicemgmt_service()
        media = await camera.create_media_service()
        information = await devices.GetDeviceInformation()
        profiles = await media.GetProfiles()
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        uri = await media.GetStreamUri({"StreamSetup": setup, "ProfileToken": profiles[0].token})
        return {
            "model": information.Model,
            "profiles": [profile.token for profile in profiles],
            "height": profiles[0].VideoEncoderConfiguration.Resolution.Height,
            "uri": uri.Uri,
        }
    finally:
        await camera.close()


print(json.dumps(asyncio.run(ask())))  # noqa: T201 - the result
