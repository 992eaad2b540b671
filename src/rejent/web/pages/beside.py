"""Pages that are shown beside a recording as well: the same forms without the frame, so that nobody leaves what they look at."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def is_beside(request: HttpRequest) -> bool:
    """Return whether the page stands beside a recording."""
    return "beside" in request.GET


def beside_page(request: HttpRequest, path: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Return a page in its frame, or beside a recording without it."""
    beside = is_beside(request)
    layout = "parts/beside.html" if beside else "base.html"
    response = render(request, path, {**context, "layout": layout, "beside": beside}, status=status)
    if beside:
        response["X-Beside"] = "1"
    return response
