"""A trial picture: one small still of a camera that is not recorded, for who sets it up (docs/design/0028-first-evening.md)."""

import socket
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from django.db import transaction

from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.formats.errors import ContentError, ParameterSetError
from rejent.formats.mp4.boxes import initialisation
from rejent.formats.mp4.picture import Codec
from rejent.formats.mp4.reader import configuration_of
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.errors import ConflictError, InputRefusedError, RejentError
from rejent.office import queries as office
from rejent.office import services as office_services
from rejent.office.regulation.vocabulary import PlaceKind, StreamName
from rejent.registers.services import enter
from rejent.streams.cameras.acts import TRIAL_PICTURE_SHOWN
from rejent.streams.cameras.errors import PasswordRefusedError, WeakerLoginError
from rejent.streams.cameras.network.first_picture import read_first_picture
from rejent.streams.cameras.network.onvif.asking import ask_picture
from rejent.streams.cameras.network.rtsp.address import Camera, Login, Transport, Trust, parse_address
from rejent.streams.cameras.player.errors import UndecodableStillError
from rejent.streams.cameras.player.workshop import workshop
from rejent.streams.cameras.sources import parsed, require_encrypted

SIDE = 240
"""Pixels of the longer side at most. With a lens of 90° that is 120 / d pixels a metre at a distance of d metres, and 125 are needed to
recognise somebody (EN 62676-4): nobody is recognised farther than a metre away, with a lens of 30° not farther than four."""


class TrialPictureRefusedError(InputRefusedError, code="cameras.trial-picture"):
    """There is no trial picture of this address."""


class AlreadyRecordedError(ConflictError, code="cameras.trial-picture-recorded"):
    """A camera at this address is recorded: its picture opens by an authorisation alone."""


def take_trial_picture(
    address: str,
    *,
    transport: str,
    fingerprint: str,
    kind: str,
    device: str,
    profile: str,
    clock: Clock,
    actor: str,
) -> bytes:
    """Return one picture of a camera that is not recorded as JPEG of `SIDE` pixels at most, once it is entered who is shown it.

    ``device`` and ``profile`` name its ONVIF service and the profile, where it was found by them: its own still is taken, else the
    first key picture of the stream. ``kind`` is that of its place, as far as it is known. Nothing of it is kept.

    Raises:
        ExcludedPlaceError: the place is of a kind that is never covered.
        TrialPictureRefusedError: the regulation in force has no cameras, no camera in the network is named, or what it sends is no picture.
        AlreadyRecordedError: a camera of the same host is recorded.
        SourceError: it does not answer, refuses the login, or gives no picture.
        PictureError: too many pictures are being made, or it was not made in time.
    """
    split = parsed(address)
    require_encrypted(split.text, {"fingerprint": fingerprint})
    if StreamName.VIDEO not in office.verified_streams(civil_date(clock.now())):
        raise TrialPictureRefusedError("The regulation in force has no cameras.")
    if kind:
        office_services.require_coverable(PlaceKind(kind), clock)
    target, _ = parse_address(split.text)
    if not target.host:
        raise TrialPictureRefusedError("A trial picture comes from a camera in the network alone.")
    _require_not_recorded(target.host, clock)
    login = Login(split.user, split.password) if split.user or split.password else None
    camera = Camera("", target, login, Transport(transport), Trust(fingerprint=fingerprint or None))
    picture = _own_still(camera, device, profile, clock) or _key_picture(camera, clock)
    with transaction.atomic():
        record = {"camera": f"{target.host}:{target.port}"}
        enter(
            TRIAL_PICTURE_SHOWN,
            actor=actor,
            subject=f"stream:{StreamName.VIDEO}",
            record=record,
            at=clock.now(),
        )
    return picture


def _own_still(camera: Camera, device: str, profile: str, clock: Clock) -> bytes:
    """Return the still that a camera found by ONVIF gives of itself; nothing where it gives none."""
    if not device or not profile or host_of(device) != camera.address.host.lower():
        return b""
    try:
        given = ask_picture(device, profile, camera.login, camera.trust, clock)
        return workshop().still(Codec.JPEG, b"", given, SIDE, SIDE)
    except (PasswordRefusedError, WeakerLoginError):
        raise  # another attempt at the stream might lock the account
    except RejentError:
        return b""


def _key_picture(camera: Camera, clock: Clock) -> bytes:
    parameters, data = read_first_picture(camera, clock)
    try:
        codec, record = configuration_of(initialisation(parameters))
        return workshop().still(codec, record, data, SIDE, SIDE)
    except (ContentError, ParameterSetError, UndecodableStillError):
        raise TrialPictureRefusedError(
            "What the camera sends is no picture that can be shown.", advice="Choose another of its streams."
        ) from None


def cameras_at(host: str, clock: Clock) -> list[SourceView]:
    """Return the present cameras of a host, whichever of its names or numbers is given."""
    numbers = _numbers(host)
    present = catalog.sources(StreamName.VIDEO, clock=clock)
    return [source for source in present if numbers & _numbers(host_of(source.address_shown))]


def host_of(address: str) -> str:
    """Return the host of an address in small letters; empty where it has none."""
    with suppress(ValueError):
        return (urlsplit(address).hostname or "").lower()
    return ""


def _require_not_recorded(host: str, clock: Clock) -> None:
    """See that no camera of a host is recorded: neither one that ever was, nor one that a recorder reads or tries to.

    Raises AlreadyRecordedError.
    """
    for source in filter(_is_recorded, cameras_at(host, clock)):
        raise AlreadyRecordedError(
            "{name} at the same address in the network is recorded: there is no trial picture of it, and its picture opens by an authorisation.",
            name=source.name,
        )


def _is_recorded(source: SourceView) -> bool:
    return source.started_at is not None or (source.switched_on and not source.waits_for)


def _numbers(host: str) -> set[str]:
    """Return a host's name and the IP addresses it leads to, each in one way of writing."""
    found = {host} - {""}
    with suppress(OSError, UnicodeError):
        found |= {str(one[4][0]) for one in socket.getaddrinfo(host, None)} if host else set()
    return {_one_way(each) for each in found}


def _one_way(host: str) -> str:
    with suppress(ValueError):
        number = ip_address(host)
        mapped = number.ipv4_mapped if isinstance(number, IPv6Address) else None
        return str(mapped or number)
    return host.lower()
