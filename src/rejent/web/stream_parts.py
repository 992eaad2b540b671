"""What the pages need of every kind of stream."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import HttpResponse

from rejent.access.views import ViewingView
from rejent.kernel.stream_parts import StreamPart
from rejent.web.visitor import PersonRequest

ANYONE = "anyone"
SIGNED_IN = "signed-in"
KNOWN = "known"
"""To whoever is signed in, and is known to be the person of the account."""
NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRoutes:
    """The addresses of a kind's own pages.

    Attributes:
        urls: the module that lists them.
        permissions: to whom each opens, as in `rejent.web.route_permissions`.
        showing: those behind which numbers or recordings stand, or what was said of them.
    """

    urls: str
    permissions: Mapping[str, str]
    showing: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPages:
    """What a kind's pages are to the pages of every stream.

    Attributes:
        show: shows the recording of an open viewing.
        finder: the name of the page on which recordings are found.
    """

    show: Callable[[PersonRequest, ViewingView], HttpResponse]
    finder: str


ROUTES: StreamPart[StreamRoutes] = StreamPart("routes")
PAGES: StreamPart[StreamPages] = StreamPart("pages")
