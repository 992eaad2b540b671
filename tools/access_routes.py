"""Every address that the program answers at, and to whom it opens: pages by their doors, operations by their acts.

An address that is neither, and not among the few others named here, ends the writing of the reference, and so the build.
"""

import os
from collections.abc import Iterator

import django
from django.urls import URLPattern, URLResolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rejent.ops.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django is set up first

from rejent.access.rules.administration import ADMINISTRATION  # noqa: E402 - Django is set up first
from rejent.api.refusals import BearerToken  # noqa: E402 - Django is set up first
from rejent.api.routes import api, router  # noqa: E402 - Django is set up first
from rejent.ops.urls import urlpatterns  # noqa: E402 - Django is set up first
from rejent.streams.cameras.pages.live_socket import SOCKETS  # noqa: E402 - Django is set up first
from rejent.web.route_permissions import ANYONE, KNOWN, NOBODY, SETTING_UP, SIGNED_IN, route_permissions  # noqa: E402 - Django is set up first

OTHERS = {
    "/healthz": "anyone: says that the process answers, and nothing else",
    "/readyz": "anyone: says which part does not answer, and nothing else",
    "/metrics": "this machine, or whoever shows the token of `rejent.toml`; sources by their identifiers",
    "/api/v1/openapi.json": "anyone: the description of the interface",
    "/api/v1/": "nobody",
    "/api/<path:rest>": "nobody: says where the description is",
}
"""Addresses that are neither pages nor operations."""
BESIDE = {
    f"{settings.STATIC_URL}<file>": "anyone: styles, scripts, type and icons of the program, no file of the office",
    **{
        f"{address} (WebSocket)": "signed in, from a page of ours, with `live` for each source by authorisation"
        for address in SOCKETS
    },
}
"""What Django's table of addresses does not know."""
WORDS = {
    ANYONE: "anyone",
    SIGNED_IN: "signed in",
    KNOWN: "signed in, account confirmed",
    SETTING_UP: "the browser that sets the office up",
    NOBODY: "nobody",
}


def addresses() -> Iterator[tuple[str, str]]:
    """Each address with whom it opens to.

    Raises:
        SystemExit: nobody has said it of one of them.
    """
    yield from _pages(urlpatterns, "/")
    yield from _operations()
    yield from BESIDE.items()


def _pages(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        address = before + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            yield from _pages(pattern.url_patterns, address)
        elif pattern.callback.__module__ != "ninja.operation":
            yield address, OTHERS.get(address) or _door(address, pattern)


def _door(address: str, pattern: URLPattern) -> str:
    act = route_permissions().get(str(pattern.name))
    own = pattern.callback.__module__.startswith(("rejent.web.", "rejent.streams.", "allauth."))
    if act is None or not own or act not in WORDS.keys() | ADMINISTRATION.keys():
        raise SystemExit(f"{address} has no door: make it a Page of rejent.web.route_permissions")
    return WORDS.get(act, f"`{act}`")


def _operations() -> Iterator[tuple[str, str]]:
    for path, view in router.path_operations.items():
        for operation in view.operations:
            token = operation.auth_param
            address = f"{' '.join(operation.methods)} /api/v{api.version}{path}"
            if not isinstance(token, BearerToken) or token.act not in ADMINISTRATION:
                raise SystemExit(f"{address} has no act: name it where the operation is declared")
            yield address, f"`{token.act}`, by token"


def table() -> str:
    """The table of the reference."""
    lines = ["| address | opens to |", "| --- | --- |"]
    lines += [f"| `{address}` | {opens} |" for address, opens in addresses()]
    return "\n".join(lines)
