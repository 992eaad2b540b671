"""What a camera answers, read with suspicion.

No document type, entity or external reference is accepted. Elements are found by their local name, because cameras
err in namespaces more often than in names; text is bounded, and only what is understood is kept.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from rejent.recording.contract import Cause
from rejent.streams.cameras.errors import NotACameraError, NoVideoError, ProtocolError
from rejent.streams.cameras.onvif.requests import MEDIA, MEDIA2

LONGEST_TEXT = 1_024
_FIRST_YEAR, _LAST_YEAR = 1900, 2999
"""However wrong a camera's clock is: sums with a time near the ends of all calendars have no answer."""
MOST_ITEMS = 256
_LOGIN_FAULTS = frozenset(
    {"NotAuthorized", "FailedAuthentication", "FailedCheck", "SenderNotAuthorized", "Unauthorized"}
)
_CODE = re.compile(r"[A-Za-z]{1,40}")


class LoginWantedError(ProtocolError):
    """The camera answered that it wants to know who asks, or does not believe it."""

    code = "capture.video.onvif.login"


@dataclass(frozen=True, slots=True)
class Information:
    """What a camera says of itself; never trusted, only shown."""

    manufacturer: str
    model: str
    firmware: str
    serial: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One way a camera can stream.

    Args:
        token: what the camera calls it.
        name: what people called it.
        codec: ``H264``, ``H265``, ``JPEG`` …; empty when the camera does not say.
        width, height: pixels; zero when it does not say.
        frames_per_second: the limit set; zero when it does not say.
        kilobits_per_second: the limit set; zero when it does not say.
        audio: whether it would stream sound too; the recorder never sets that up.
        media2: whether it was learnt from, and must be asked of, the Media2 service.
    """

    token: str
    name: str
    codec: str
    width: int
    height: int
    frames_per_second: float
    kilobits_per_second: int
    audio: bool
    media2: bool


def parsed(content: bytes) -> Element:
    """The root of an XML text from outside.

    Raises:
        NotACameraError: it is no XML at all.
        ProtocolError: it holds what no ONVIF message holds.
    """
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise ProtocolError("The camera's answer declares a document type, which SOAP forbids.") from None
    except (ParseError, ValueError, LookupError):
        raise NotACameraError("What answers there does not speak ONVIF.") from None
    return root


def answer(content: bytes) -> Element:
    """The first element in the body of a SOAP answer.

    Raises:
        LoginWantedError: a fault that asks for a login.
        ProtocolError: any other fault, or no SOAP.
        NotACameraError: no XML.
    """
    root = parsed(content)
    body = child(root, "Body") if _name(root) == "Envelope" else None
    if body is None or not len(body):
        raise NotACameraError("What answers there does not speak ONVIF.")
    first = body[0]
    if _name(first) == "Fault":
        codes = [code for code in _fault_codes(first) if _CODE.fullmatch(code)]
        if _LOGIN_FAULTS.intersection(codes):
            raise LoginWantedError("The camera wants another login.")
        raise ProtocolError("The camera refuses the question ({code}).", code=codes[-1] if codes else "Fault")
    return first


def _fault_codes(fault: Element) -> Iterator[str]:
    for element in fault.iter():
        if _name(element) in {"Value", "faultcode"}:
            yield text(element).rpartition(":")[2]


def clock(body: Element) -> datetime:
    """The camera's UTC time, to the second, from GetSystemDateAndTimeResponse.

    Raises:
        ProtocolError: it states none, or one no calendar knows.
    """
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
    """From GetDeviceInformationResponse."""
    return Information(
        manufacturer=text(child(body, "Manufacturer")),
        model=text(child(body, "Model")),
        firmware=text(child(body, "FirmwareVersion")),
        serial=text(child(body, "SerialNumber")),
    )


def service_addresses(body: Element) -> dict[str, str]:
    """The addresses of the media services by namespace, from GetServicesResponse or GetCapabilitiesResponse."""
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
    """From GetProfilesResponse of Media or Media2; profiles without a picture are left out."""
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
                kilobits_per_second=number(limits, "BitrateLimit"),
                audio=sound is not None,
                media2=media2,
            )
        )
    return tuple(found)


def stream_uri(body: Element) -> str:
    """From GetStreamUriResponse of Media (MediaUri/Uri) or Media2 (Uri).

    Raises:
        NoVideoError: it names no address.
    """
    stated = text(child(body, "MediaUri", "Uri")) or text(child(body, "Uri"))
    if not stated:
        raise NoVideoError(Cause.NO_VIDEO, "The camera gives no address for this profile.")
    return stated


def _codec(written: str) -> str:
    plain = re.sub(r"[^A-Z0-9]", "", written.upper())
    return {"HEVC": "H265", "AVC": "H264", "MJPEG": "JPEG"}.get(plain, plain[:16])


def scope_value(scopes: list[str], name: str) -> str:
    """The value of a scope such as ``onvif://www.onvif.org/name/Front%20door``; empty when there is none."""
    prefix = f"onvif://www.onvif.org/{name}/"
    for scope in scopes:
        if scope.lower().startswith(prefix):
            return shown(unquote(scope[len(prefix) :]))
    return ""


# --- Elements ---------------------------------------------------------------------------------------------------------


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def child(element: Element | None, *names: str) -> Element | None:
    """The first descendant along a path of local names."""
    for name in names:
        if element is None:
            return None
        element = next((inner for inner in element if _name(inner) == name), None)
    return element


def children(element: Element, name: str) -> list[Element]:
    """The children of a local name, at most so many that no list grows without bound."""
    return [inner for inner in element if _name(inner) == name][:MOST_ITEMS]


def shown(written: str) -> str:
    """Printable text of bounded length, safe to show."""
    return "".join(sign for sign in " ".join(written[:LONGEST_TEXT].split()) if sign.isprintable())


def words(element: Element | None) -> list[str]:
    """The words of an element's text, at most so many, each safe to show."""
    written = (element.text or "") if element is not None else ""
    return [shown(word) for word in written.split(maxsplit=MOST_ITEMS)[:MOST_ITEMS]]


def text(element: Element | None) -> str:
    """An element's own text; empty for none."""
    return shown(element.text or "") if element is not None else ""


def number(element: Element | None, name: str) -> int:
    """A whole number from 0 to 999 999; zero for anything else."""
    written = text(child(element, name))
    return int(written) if re.fullmatch(r"[0-9]{1,6}", written, re.ASCII) else 0


def fraction(element: Element | None, name: str) -> float:
    """A number from 0 to 999 with decimals; zero for anything else."""
    written = text(child(element, name))
    return float(written) if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", written, re.ASCII) else 0.0
