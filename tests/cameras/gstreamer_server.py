"""Debian's GStreamer RTSP server as cameras; run with the system's Python, prints its port.

Arguments: ``login`` to ask for a login (user guard, password tajne), and a PEM file with certificate and key for RTSPS.
Paths: /h264 (with sound beside the picture), /h265, /jpeg.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402 - versions are chosen before the import

SCENE = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=25/1,format=I420"
PIPELINES = {
    "/h264": f"( {SCENE} ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! rtph264pay name=pay0 pt=96 "
    "audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8 )",
    "/h265": f"( {SCENE} ! x265enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! rtph265pay name=pay0 pt=96 )",
    "/jpeg": f"( {SCENE} ! jpegenc ! rtpjpegpay name=pay0 pt=26 )",
}


def access(asks_for_login: bool, certificate: str | None) -> "GstRtspServer.RTSPAuth":
    """Return the accounts that may see the cameras."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "guard")
    if asks_for_login:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest("guard", "tajne", token)
    else:
        auth.set_default_token(token)
    if certificate is not None:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(certificate))
    return auth


def main(asks_for_login: bool, certificate: str | None) -> None:
    """Serve until killed."""
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    if asks_for_login or certificate is not None:
        server.set_auth(access(asks_for_login, certificate))
    for path, pipeline in PIPELINES.items():
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(pipeline)
        factory.set_shared(True)
        permissions = Gst.Structure.new_empty("guard")
        permissions.set_value("media.factory.access", True)
        permissions.set_value("media.factory.construct", True)
        factory.add_role_from_structure(permissions)
        server.get_mount_points().add_factory(path, factory)
    server.attach(None)
    sys.stdout.write(f"{server.get_bound_port()}\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


main("login" in sys.argv, next((word for word in sys.argv[1:] if word.endswith(".pem")), None))
