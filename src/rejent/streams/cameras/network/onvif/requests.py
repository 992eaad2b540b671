"""ONVIF requests: SOAP 1.2 envelopes, with a UsernameToken where the camera requires a login.

Sources: ONVIF Core Specification §5 (SOAP, security), §8.3 (device service); Media and Media2 Specifications §5;
WS-Security UsernameToken Profile 1.0 §3.1; WS-Discovery (April 2005) §5.2.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from rejent.streams.cameras.network.rtsp.address import Login

SOAP = "http://www.w3.org/2003/05/soap-envelope"
DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
SCHEMA = "http://www.onvif.org/ver10/schema"
_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_DIGEST = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
_BASE64 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
_ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
_NETWORK = "http://www.onvif.org/ver10/network/wsdl"


@dataclass(frozen=True, slots=True)
class Request:
    """One request: SOAP action and body."""

    action: str
    body: str

    def envelope(self, header: str = "") -> bytes:
        """Return the message to send, with the security header if given."""
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{SOAP}">'
            f"<s:Header>{header}</s:Header><s:Body>{self.body}</s:Body></s:Envelope>"
        ).encode()


def username_token(login: Login, created: datetime, nonce: bytes) -> str:
    """Return a header that proves the password without sending it; ``created`` is by the *camera's* clock, which refuses old ones."""
    stamp = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # SHA-1 is what the profile demands.
    digest = hashlib.sha1(nonce + stamp.encode() + login.password.encode(), usedforsecurity=False).digest()
    return (
        f'<wsse:Security s:mustUnderstand="1" xmlns:wsse="{_WSSE}" xmlns:wsu="{_WSU}"><wsse:UsernameToken>'
        f"<wsse:Username>{escape(login.user)}</wsse:Username>"
        f'<wsse:Password Type="{_DIGEST}">{base64.b64encode(digest).decode()}</wsse:Password>'
        f'<wsse:Nonce EncodingType="{_BASE64}">{base64.b64encode(nonce).decode()}</wsse:Nonce>'
        f"<wsu:Created>{stamp}</wsu:Created></wsse:UsernameToken></wsse:Security>"
    )


def _request(namespace: str, name: str, inner: str = "") -> Request:
    return Request(f"{namespace}/{name}", f'<{name} xmlns="{namespace}">{inner}</{name}>')


CLOCK = _request(DEVICE, "GetSystemDateAndTime")
INFORMATION = _request(DEVICE, "GetDeviceInformation")
SERVICES = _request(DEVICE, "GetServices", "<IncludeCapability>false</IncludeCapability>")
CAPABILITIES = _request(DEVICE, "GetCapabilities", "<Category>All</Category>")
PROFILES = _request(MEDIA, "GetProfiles")
PROFILES2 = _request(MEDIA2, "GetProfiles", "<Type>VideoEncoder</Type><Type>AudioEncoder</Type>")


def stream_uri(token: str) -> Request:
    """Return the Media request for the RTSP address of a profile."""
    setup = (
        f'<StreamSetup><Stream xmlns="{SCHEMA}">RTP-Unicast</Stream>'
        f'<Transport xmlns="{SCHEMA}"><Protocol>RTSP</Protocol></Transport></StreamSetup>'
    )
    return _request(MEDIA, "GetStreamUri", f"{setup}<ProfileToken>{escape(token)}</ProfileToken>")


def stream_uri2(token: str) -> Request:
    """Return the Media2 request for the RTSP address of a profile."""
    inner = f"<Protocol>RTSP</Protocol><ProfileToken>{escape(token)}</ProfileToken>"
    return _request(MEDIA2, "GetStreamUri", inner)


def snapshot_uri(token: str, *, media2: bool) -> Request:
    """Return the Media2 or Media request for the address at which a profile's still picture lies."""
    return _request(
        MEDIA2 if media2 else MEDIA, "GetSnapshotUri", f"<ProfileToken>{escape(token)}</ProfileToken>"
    )


def probe(message_id: str, kind: str) -> bytes:
    """Return a WS-Discovery probe of a kind, ``NetworkVideoTransmitter`` or ``Device``."""
    namespace = _NETWORK if kind == "NetworkVideoTransmitter" else DEVICE
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{SOAP}" xmlns:a="{_ADDRESSING}" xmlns:d="{_DISCOVERY}">'
        f"<s:Header><a:MessageID>{message_id}</a:MessageID>"
        f'<a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>'
        f'<a:Action s:mustUnderstand="1">{_DISCOVERY}/Probe</a:Action></s:Header>'
        f'<s:Body><d:Probe><d:Types xmlns:k="{namespace}">k:{kind}</d:Types></d:Probe></s:Body></s:Envelope>'
    ).encode()
