"""A person's choices for the pages, kept in cookies and with the account: language, light or dark, letter keys."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

THEME_COOKIE = "theme"
THEMES = frozenset({"light", "dark"})
YEAR_S = 365 * 24 * 3600


def language_of(request: HttpRequest) -> str:
    """Return the chosen language: of the cookie, else of the account, else Polish."""
    account = _account(request)
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "") or getattr(account, "language", "")
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def theme_of(request: HttpRequest) -> str:
    """``light`` or ``dark``; empty where the device decides."""
    chosen = request.COOKIES.get(THEME_COOKIE, "") or getattr(_account(request), "theme", "")
    return chosen if chosen in THEMES else ""


def letter_keys_of(request: HttpRequest) -> bool:
    """Return whether single letters act as keys in the player and on the wall."""
    return bool(getattr(_account(request), "letter_keys", True))


def remember(
    request: HttpRequest,
    response: HttpResponse,
    *,
    language: str | None = None,
    theme: str | None = None,
    letter_keys: bool | None = None,
) -> None:
    """Keep what was chosen; values that are not on offer are left out."""
    account = _account(request)
    if language in dict(settings.LANGUAGES):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, str(language))
        _store(account, "language", language)
    if theme is not None and (theme in THEMES or theme == ""):
        _keep(response, THEME_COOKIE, theme)
        _store(account, "theme", theme)
    if letter_keys is not None:
        _store(account, "letter_keys", letter_keys)


def _account(request: HttpRequest) -> Any:
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=YEAR_S,
        samesite="Lax",
        httponly=True,
        secure=bool(settings.SESSION_COOKIE_SECURE),
    )


def _store(account: Any, name: str, value: object) -> None:
    if account is not None:
        setattr(account, name, value)
        account.save(update_fields=[name])
