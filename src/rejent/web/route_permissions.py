"""The pages with whom each opens to.

A page opens to anyone, to whoever is signed in, to whoever's account is confirmed, or to roles with an act of
`rejent.access.rules.decision`; a camera or recording behind it is decided again, by authorisation. An address that is no
`Page` and not named here is open to nobody, and a test fails the build.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from django.views.decorators.http import require_http_methods

from rejent.access import queries
from rejent.access.rules.decision import Decision, Rule, may_administer, unconfirmed
from rejent.access.rules.refusals import NOT_ADMITTED
from rejent.access.supervision.queries import OVERSIGHT, may_oversee
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.office.views import PersonView

ANYONE = "anyone"
SIGNED_IN = "signed-in"
KNOWN = "known"
"""To whoever is signed in, and is known to be the person of the account."""
NOBODY = "nobody"
SETTING_UP = "setting-up"
"""To the browser that holds the key of set-up, as long as there is one; to everybody else the address does not exist."""

GET = ("GET",)
SAFE = ("GET", "HEAD")
POST = ("POST",)
FORM = ("GET", "POST")
"""The methods of a page that shows a form and takes it."""

_ENTRANCE = "account_login account_logout account_inactive mfa_authenticate mfa_login_webauthn"
_NOT_OFFERED = (
    "account_signup account_email account_email_verification_sent account_set_password account_reset_password "
    "account_reset_password_done account_reset_password_from_key account_reset_password_from_key_done "
    "account_confirm_email account_confirm_login_code"
)
_OWN_ACCOUNT = (
    "account_reauthenticate account_change_password mfa_index mfa_reauthenticate mfa_activate_totp "
    "mfa_deactivate_totp mfa_view_recovery_codes mfa_generate_recovery_codes mfa_download_recovery_codes "
    "mfa_list_webauthn mfa_add_webauthn mfa_reauthenticate_webauthn mfa_remove_webauthn mfa_edit_webauthn"
)


class Page(URLPattern):
    """An address, its view, whom it opens to, and by which methods; it is called as its view is (``hold-new``), or by ``name``.

    ``showing`` are pages with numbers or recordings behind them, or what was said of them: to read there, too, one's
    account must be as it was entered.
    """

    def __init__(
        self,
        address: str,
        view: Callable[..., Any],
        opens_to: str,
        methods: Sequence[str] = GET,
        *,
        name: str = "",
        showing: bool = False,
    ) -> None:
        name = name or view.__name__.replace("_", "-")
        answer = require_http_methods(methods)(view)
        super().__init__(RoutePattern(address, name=name, is_endpoint=True), answer, None, name)
        self.opens_to, self.showing = opens_to, showing


def _pages(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[tuple[str, Page]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _pages(pattern.url_patterns)
        elif isinstance(pattern, Page):
            yield str(pattern.name), pattern


@cache
def route_permissions() -> Mapping[str, str]:
    """Return whom each page opens to, by its name: ours, and those of allauth. Raises ImproperlyConfigured: two have one name."""
    permissions = {
        **dict.fromkeys(_ENTRANCE.split(), ANYONE),
        **dict.fromkeys(_NOT_OFFERED.split(), NOBODY),
        **dict.fromkeys(_OWN_ACCOUNT.split(), SIGNED_IN),
    }
    for name, page in _pages(get_resolver().url_patterns):
        if permissions.setdefault(name, page.opens_to) != page.opens_to:
            message = f"Two pages are named {name}, and open to different people."
            raise ImproperlyConfigured(message)
    return permissions


@cache
def showing_routes() -> frozenset[str]:
    """Return the names of the pages that show recordings or what was said of them."""
    return frozenset(name for name, page in _pages(get_resolver().url_patterns) if page.showing)


BEFORE_ADMISSION = frozenset(
    {*_OWN_ACCOUNT.split(), "start", "own-statement", "preferences", "regulation", "regulation-text-file"}
)
"""Pages of somebody whose statement the regulation demands before anything else opens; the start leads to the statement."""


def why_shut(person: PersonView | None, request: HttpRequest) -> Decision | None:
    """Return the decision for what alone is lacking (the head's absence, a fault, a confirmed account); None for other reasons."""
    match = request.resolver_match
    if person is None or match is None:
        return None
    if not person.admitted:
        return NOT_ADMITTED
    if person.sign_in is not SignIn.CONFIRMED:
        return unconfirmed(person.sign_in)
    decision = may_administer(person.roles, route_permissions().get(match.url_name or "", NOBODY))
    return decision if decision.rule in {Rule.NOT_ACTING, Rule.NOT_CALLED_IN} else None


def may_enter(person: PersonView | None, route: str) -> bool:
    """Return whether a route is open to a person; one that is not in the table is open to nobody."""
    act = route_permissions().get(route, NOBODY)
    if act in {NOBODY, ANYONE, SETTING_UP}:
        return act == ANYONE
    if person is None or not (person.admitted or route in BEFORE_ADMISSION):
        return False
    if act == KNOWN:
        return person.sign_in is SignIn.CONFIRMED
    if act in OVERSIGHT:
        return may_oversee(person.roles, act, clock=settings.CLOCK)
    return act == SIGNED_IN or queries.may_handle(person, act, clock=settings.CLOCK)
