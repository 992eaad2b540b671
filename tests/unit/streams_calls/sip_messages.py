"""Messages for the tests of the SIP core; every number and host is made up."""

from rejent.streams.calls.network.sip.flow import Flow
from rejent.streams.calls.network.sip.message import Headers, Request, Response, read_message

UDP = Flow("udp", "192.0.2.10", 5080)
TCP = Flow("tcp", "192.0.2.10", 40000, connection=7)


def request(method="INVITE", sequence=1, *, branch="z9hG4bKa", to_tag="", call_id="c1@sbc.example.org", body=b"", extra=(),
            via_parameters=";rport"):  # fmt: skip
    """A request as an SBC would send it."""
    to = "<sip:recorder@rec.example.org>" + (f";tag={to_tag}" if to_tag else "")
    return Request(
        method,
        "sip:recorder@rec.example.org",
        Headers(
            [
                ("Via", f"SIP/2.0/UDP sbc.example.org:5080;branch={branch}{via_parameters}"),
                ("From", "<sip:sbc@sbc.example.org>;tag=src"),
                ("To", to),
                ("Call-ID", call_id),
                ("CSeq", f"{sequence} {method}"),
                ("Contact", "<sip:sbc@192.0.2.10:5080>;+sip.src"),
                *extra,
            ]
        ),
        body,
    )


def read(data: bytes) -> Response:
    """An answer as the caller reads it."""
    message = read_message(data)
    assert isinstance(message, Response)
    return message
