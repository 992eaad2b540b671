"""``/healthz``: the process answers. ``/readyz``: database and vault answer too."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from rejent.kernel.errors import RejentError


@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "ok"})


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
    return JsonResponse(
        {"status": "failing" if failing else "ok", "failing": failing}, status=503 if failing else 200
    )
