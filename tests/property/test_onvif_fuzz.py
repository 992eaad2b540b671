"""Whatever answers an ONVIF question: only the subject's own errors come of it, and what is kept is bounded."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from rejent.recording.errors import SourceError
from rejent.streams.cameras.network.onvif import responses
from rejent.streams.cameras.network.onvif.discovery import devices_in
from rejent.streams.cameras.network.onvif.responses import LONGEST_TEXT, MOST_ITEMS

NAMES = st.sampled_from(
    ["Envelope", "Body", "Fault", "Code", "Subcode", "Value", "UTCDateTime", "SystemDateAndTime", "Date", "Time", "Year", "Month", "Day",
     "Hour", "Minute", "Second", "Profiles", "Configurations", "VideoEncoder", "VideoEncoderConfiguration", "Encoding", "Resolution", "Width",
     "Height", "RateControl", "FrameRateLimit", "BitrateLimit", "Service", "Namespace", "XAddr", "XAddrs", "Capabilities", "Media", "MediaUri",
     "Uri", "Manufacturer", "Model", "ProbeMatches", "ProbeMatch", "Scopes", "RelatesTo", "EndpointReference", "Address", "Header", "x"]
)  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(
        ["", "0", "-1", "99999999999999999999", "1e999", "NaN", "2026", "13", "H264", "http://192.0.2.7/onvif", "rtsp://[::1", "u", "onvif://x/y%ff",
         "http://www.onvif.org/ver10/media/wsdl", "ter:NotAuthorized", "A" * 3000]
    ),
    st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="<&>"), max_size=20),
)  # fmt: skip
TREES = st.recursive(
    st.builds("<{0}>{1}</{0}>".format, NAMES, TEXTS),
    lambda inner: st.builds(
        lambda name, parts, token: f'<{name} token="{token}">{"".join(parts)}</{name}>',
        NAMES,
        st.lists(inner, max_size=5),
        st.sampled_from(["", "t0", "t" * 2000]),
    ),
    max_leaves=30,
)
ANSWERS = st.one_of(
    st.binary(max_size=200),
    TREES.map(str.encode),
    st.builds(lambda tree: f"<Envelope><Body><x>{tree}</x></Body></Envelope>".encode(), TREES),
    st.builds(lambda tree: b'<!DOCTYPE x [<!ENTITY a "b">]>' + tree.encode(), TREES),
)


@given(ANSWERS)
def test_answers(content: bytes) -> None:
    """Any answer to any question is understood or refused; texts and lists are never longer than their bound."""
    with contextlib.suppress(SourceError):
        body = responses.soap_body(content)
        for read in (responses.clock, responses.stream_uri):
            with contextlib.suppress(SourceError):
                assert read(body)
        device = responses.information(body)
        assert all(
            len(part) <= LONGEST_TEXT
            for part in (device.manufacturer, device.model, device.firmware, device.serial)
        )
        assert len(responses.service_addresses(body)) <= MOST_ITEMS
        for media2 in (False, True):
            with contextlib.suppress(SourceError):
                found = responses.profiles(body, media2=media2)
                assert len(found) <= MOST_ITEMS
                assert all(
                    profile.width >= 0 <= profile.height and len(profile.token) <= LONGEST_TEXT
                    for profile in found
                )


@given(st.one_of(st.binary(max_size=200), TREES.map(str.encode)))
def test_announcements(datagram: bytes) -> None:
    """Any datagram yields devices that answer one of our questions, or none."""
    for device in devices_in(datagram, {"u"}, "192.0.2.7"):
        assert device.addresses
