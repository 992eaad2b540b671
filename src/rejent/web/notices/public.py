"""The public address: the bundle as a website, for everybody, without sign-in, scripts or cookies."""

import threading
from collections import Counter
from hashlib import sha256

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect
from django.utils.translation import gettext

from rejent.kernel.clock import Clock
from rejent.notices.publication.queries import bundle_of_today
from rejent.office.errors import NoRegulationError
from rejent.office.proxies import counted_as
from rejent.web.signing_in.accounts import ClosedAccountAdapter

POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
MOST_A_MINUTE = 240
"""Files that one place gets in a minute: some thirty visits of every page."""
_KEPT_S = 300
_TYPES = {"html": "text/html; charset=utf-8", "css": "text/css", "pdf": "application/pdf", "txt": "text/plain; charset=utf-8"}  # fmt: skip


class Visits:
    """The requests of the current minute, by place, in this process; nothing of them is kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = -1
        self._counted = Counter[str]()

    def admit(self, place: str, clock: Clock) -> bool:
        """Count a request; false for one too many."""
        minute = int(clock.monotonic() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._counted.clear()
            self._counted[place] += 1
            return self._counted[place] <= MOST_A_MINUTE


_visits = Visits()


def public(request: HttpRequest, path: str = "") -> HttpResponse:
    """Return a file of the bundle; what a browser holds already is not sent again."""
    if not path and not request.path.endswith("/"):
        return redirect(f"{request.path}/")
    place = counted_as(ClosedAccountAdapter(request).get_client_ip(request))
    if not _visits.admit(place, settings.CLOCK):
        return HttpResponse(gettext("Too many requests. Try again in a minute."), status=429, content_type="text/plain; charset=utf-8", headers={"Retry-After": "60"})  # fmt: skip
    name = f"{path}index.html" if not path or path.endswith("/") else path
    try:
        content = bundle_of_today().read(name)
    except NoRegulationError:
        content = None
    if content is None:
        raise Http404
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={_KEPT_S}", "Content-Security-Policy": POLICY, "Cross-Origin-Resource-Policy": "cross-origin"}  # fmt: skip
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(content, content_type=_TYPES[name.rpartition(".")[2]], headers=headers)
