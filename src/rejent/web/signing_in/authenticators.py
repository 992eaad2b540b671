"""The pages on which people add and remove passkeys and codes are allauth's; what changes there is entered with the change."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver

from rejent.office import services
from rejent.web.refusals import fresh_proof_needed
from rejent.web.signing_in.ways import proved_too_long_ago

CHANGING = frozenset(
    {
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_generate_recovery_codes",
        "mfa_add_webauthn",
        "mfa_remove_webauthn",
    }
)
"""Names of the pages whose forms change what somebody signs in with."""


def changes_entered(patterns: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Return the same addresses; a form sent to one of those that change something does so in one transaction with its entry."""
    return [_whole(each) for each in patterns]


def _whole(each: URLPattern | URLResolver) -> URLPattern | URLResolver:
    if isinstance(each, URLResolver):
        inner = changes_entered(each.url_patterns)
        return URLResolver(each.pattern, inner, each.default_kwargs, each.app_name, each.namespace)
    if each.name not in CHANGING:
        return each
    return URLPattern(each.pattern, _entered(each.callback), each.default_args, each.name)


def _entered(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if proved_too_long_ago(request):
            return fresh_proof_needed(request)
        if request.method != "POST":
            return view(request, *args, **kwargs)
        person = str(request.person.id)  # type: ignore[attr-defined]  # set by the middleware, whose route is open to nobody else
        with services.entering_authenticators(person, clock=settings.CLOCK, actor=person):
            return view(request, *args, **kwargs)

    return answer
