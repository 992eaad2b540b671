"""Parsers of a camera's SOAP responses, which are untrusted.

No document type, entity or external reference is accepted. Elements are found by their local name, because cameras err
in namespaces more often than in names; text is bounded, and only known elements are kept.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from rejent.kernel.numbers import read_decimal, read_number
from rejent.streams.cameras.errors import CameraCause, NotACameraError, NoVideoError, ProtocolError
from rejent.streams.cameras.network.onvif.requests import MEDIA, MEDIA2

LONGEST_TEXT = 1_024
_FIRST_YEAR, _LAST_YEAR = 1900, 2999
"""Bounds of a camera's clock, so that sums with its time stay within the calendar."""
MOST_ITEMS = 256
_LOGIN_FAULTS = frozenset(
    {"NotAuthorized", "FailedAuthentication", "FailedCheck", "SenderNotAuthorized", "Unauthorized"}
)
_CODE = re.compile(r"[A-Za-z]{1,40}")


class LoginRequiredError(ProtocolError, code="capture.video.onvif.login"):
    """The camera requires a login, or refuses the one given."""


@dataclass(frozen=True, slots=True)
class Information:
    """The camera's claims about itself; only shown, never trusted."""

    manufacturer: str
    model: str
    firmware: str
    serial: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One video profile of a camera, of Media2 or Media; numbers it does not state are 0. Sound, if any, is never set up."""

    token: str
    name: str
    codec: str
    width: int
    height: int
    frames_per_second: float
    audio: bool
    media2: bool


def parse_xml(content: bytes) -> Element:
    """Return the root of an untrusted XML text. NotACameraError: no XML. ProtocolError: it declares a document type."""
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise ProtocolError("The camera's answer declares a document type, which SOAP forbids.") from None
    except (ParseError, ValueError, LookupError):
        raise NotACameraError("What answers there does not speak ONVIF.") from None
    return root


def soap_body(content: bytes) -> Element:
    """Return the first element in the body of a SOAP response; LoginRequiredError, ProtocolError for faults, NotACameraError: no XML."""
    root = parse_xml(content)
    body = child(root, "Body") if _name(root) == "Envelope" else None
    if body is None or not len(body):
        raise NotACameraError("What answers there does not speak ONVIF.")
    first = body[0]
    if _name(first) == "Fault":
        codes = [code for code in _fault_codes(first) if _CODE.fullmatch(code)]
        if _LOGIN_FAULTS.intersection(codes):
            raise LoginRequiredError("The camera wants another login.")
        raise ProtocolError("The camera refuses the question ({code}).", code=codes[-1] if codes else "Fault")
    return first


def _fault_codes(fault: Element) -> Iterator[str]:
    for element in fault.iter():
        if _name(element) in {"Value", "faultcode"}:
            yield text(element).rpartition(":")[2]


def clock(body: Element) -> datetime:
    """Return the camera's UTC time, to the second; ProtocolError where it states none, or an impossible one."""
    stated = child(body, "SystemDateAndTime", "UTCDateTime")
    day, hour = child(stated, "Date"), child(stated, "Time")
    if day is None or hour is None:
        raise ProtocolError("The camera does not state its time in UTC.")
    if not _FIRST_YEAR <= number(day, "Year") <= _LAST_YEAR:
        raise ProtocolError("The camera states a time that no calendar knows.")
    try:
        start = datetime(number(day, "Year"), number(day, "Month"), number(day, "Day"), tzinfo=UTC)
        return start + timedelta(
            hours=number(hour, "Hour"), minutes=number(hour, "Minute"), seconds=number(hour, "Second")
        )
    except (ValueError, OverflowError):
        raise ProtocolError("The camera states a time that no calendar knows.") from None


def information(body: Element) -> Information:
    """Parse GetDeviceInformationResponse."""
    return Information(
        manufacturer=text(child(body, "Manufacturer")),
        model=text(child(body, "Model")),
        firmware=text(child(body, "FirmwareVersion")),
        serial=text(child(body, "SerialNumber")),
    )


def service_addresses(body: Element) -> dict[str, str]:
    """Return the addresses of the media services by namespace, from GetServicesResponse or GetCapabilitiesResponse."""
    found: dict[str, str] = {}
    for service in children(body, "Service"):
        namespace, address = text(child(service, "Namespace")), text(child(service, "XAddr"))
        if namespace in {MEDIA, MEDIA2} and address:
            found.setdefault(namespace, address)
    media = text(child(body, "Capabilities", "Media", "XAddr"))
    if media:
        found.setdefault(MEDIA, media)
    return found


def profiles(body: Element, *, media2: bool) -> tuple[Profile, ...]:
    """Parse GetProfilesResponse of Media or Media2; profiles without video are left out."""
    found = []
    for element in children(body, "Profiles"):
        encoder = (
            child(element, "Configurations", "VideoEncoder")
            if media2
            else child(element, "VideoEncoderConfiguration")
        )
        token = element.get("token", "")
        if encoder is None or not 0 < len(token) <= 64:
            continue
        sound = (
            child(element, "Configurations", "AudioEncoder")
            if media2
            else child(element, "AudioEncoderConfiguration")
        )
        limits = child(encoder, "RateControl")
        found.append(
            Profile(
                token=token,
                name=text(child(element, "Name"))[:64],
                codec=_codec(text(child(encoder, "Encoding"))),
                width=number(child(encoder, "Resolution"), "Width"),
                height=number(child(encoder, "Resolution"), "Height"),
                frames_per_second=fraction(limits, "FrameRateLimit"),
                audio=sound is not None,
                media2=media2,
            )
        )
    return tuple(found)


def stream_uri(body: Element) -> str:
    """Parse GetStreamUriResponse or GetSnapshotUriResponse of Media (MediaUri/Uri) or Media2 (Uri); NoVideoError: it names no address."""
    stated = text(child(body, "MediaUri", "Uri")) or text(child(body, "Uri"))
    if not stated:
        raise NoVideoError(CameraCause.NO_VIDEO, "The camera gives no address for this profile.")
    return stated


def _codec(written: str) -> str:
    plain = re.sub(r"[^A-Z0-9]", "", written.upper())
    return {"HEVC": "H265", "AVC": "H264", "MJPEG": "JPEG"}.get(plain, plain[:16])


def scope_value(scopes: list[str], name: str) -> str:
    """Return the value of a scope such as ``onvif://www.onvif.org/name/Front%20door``; empty when there is none."""
    prefix = f"onvif://www.onvif.org/{name}/"
    for scope in scopes:
        if scope.lower().startswith(prefix):
            return printable(unquote(scope[len(prefix) :]))
    return ""


# --- Elements ---------------------------------------------------------------------------------------------------------


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def child(element: Element | None, *names: str) -> Element | None:
    """Return the first descendant along a path of local names."""
    for name in names:
        if element is None:
            return None
        element = next((inner for inner in element if _name(inner) == name), None)
    return element


def children(element: Element, name: str) -> list[Element]:
    """Return the children of a local name, at most `MOST_ITEMS`."""
    return [inner for inner in element if _name(inner) == name][:MOST_ITEMS]


def printable(written: str) -> str:
    """Return printable text of bounded length."""
    return "".join(sign for sign in " ".join(written[:LONGEST_TEXT].split()) if sign.isprintable())


def words(element: Element | None) -> list[str]:
    """Return the words of an element's text, at most `MOST_ITEMS`, each printable."""
    written = (element.text or "") if element is not None else ""
    return [printable(word) for word in written.split(maxsplit=MOST_ITEMS)[:MOST_ITEMS]]


def text(element: Element | None) -> str:
    """Return an element's own text; empty for none."""
    return printable(element.text or "") if element is not None else ""


def number(element: Element | None, name: str) -> int:
    """Return a whole number from 0 to 999 999; zero for anything else."""
    return read_number(text(child(element, name)), most=999_999) or 0


def fraction(element: Element | None, name: str) -> float:
    """Return a number from 0 to 999 with decimals; zero for anything else."""
    return read_decimal(text(child(element, name)), most=1_000.0) or 0.0
