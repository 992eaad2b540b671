"""``/healthz``: the process answers. ``/readyz``: database and vault answer too, and what the office records is attended to."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from rejent.catalog import queries as catalog
from rejent.catalog.coverage import RECORDER_STOPPED
from rejent.catalog.views import STARTING
from rejent.kernel.errors import RejentError


@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "ok"})


def _is_attended() -> bool:
    """Return True if a recorder reported on every source that is switched on and may be recorded, whatever it reported."""
    shown = catalog.sources(clock=settings.CLOCK)
    return not any(each.switched_on and each.cause in {STARTING, RECORDER_STOPPED} for each in shown)


@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 if requests can be served, 503 with the parts that cannot."""
    failing = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        failing.append("database")
    try:
        settings.VAULT.store.read_mark()
        settings.VAULT.store.disk()
    except (RejentError, OSError):
        failing.append("vault")
    if not failing and not _is_attended():
        failing.append("recorder")
    return JsonResponse(
        {"status": "failing" if failing else "ok", "failing": failing}, status=503 if failing else 200
    )
