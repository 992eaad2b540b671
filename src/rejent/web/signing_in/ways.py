"""Ways of signing in besides the office's own passwords: which there are, whether one is away, and letting somebody in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import BoundedSemaphore
from typing import Any
from uuid import UUID

import structlog
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.account.models import Login
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rejent.kernel.clock import civil_date
from rejent.office.errors import WayAwayError
from rejent.office.sign_in import identities
from rejent.office.sign_in.clients import configured_ways
from rejent.office.sign_in.configured import LDAP, OIDC
from rejent.office.sign_in.entries import way_of
from rejent.office.views import PersonView

MOST_ASKED_AT_ONCE = 8
"""Questions to others under way in this process; one that hangs must not take the threads of every page."""
_ASKED = BoundedSemaphore(MOST_ASKED_AT_ONCE)
AWAY_FOR_S = 300
"""Seconds that the sign-in page remembers that a way was away."""
ASSERTED = "second-factor-asserted"
"""In the state of a signing in: whoever vouched for the person vouched for a second factor, too."""
log = structlog.get_logger()
_GENERAL: dict[str, str | Promise] = {OIDC: _("Office account"), LDAP: _("Office directory")}
_PASSWORD = "password"  # noqa: S105 - allauth's word for the kind of proof
_VOUCHED = "vouched"
"""In allauth's memory of a signing in: when another vouched for the person, in seconds since 1970 by the program's clock."""
_ROUTES = {OIDC: "provider", LDAP: "directory"}


@dataclass(frozen=True, slots=True)
class OfferedWay:
    """A way as the sign-in page shows it; ``away_since`` if it did not answer a moment ago."""

    way: str
    name: str
    route: str
    away_since: datetime | None


def offered_ways() -> list[OfferedWay]:
    """Return the ways that are configured, in the order of the page."""
    return [
        OfferedWay(way, way_name(way), _ROUTES[way], _away_since(way))
        for way in configured_ways(settings.INSTALLATION)
    ]


def _away_since(way: str) -> datetime | None:
    written = cache.get(_key(way))
    return datetime.fromisoformat(written) if isinstance(written, str) else None


def way_name(way: str) -> str:
    """Return the name of a way: the office's own, else a general one; for an unknown way, its identifier."""
    configured = {OIDC: settings.INSTALLATION.oidc, LDAP: settings.INSTALLATION.ldap}.get(way)
    return str((configured.name if configured else "") or _GENERAL.get(way, way))


@contextmanager
def asking(way: str) -> Iterator[None]:
    """Query a way and note for the sign-in page whether it answered. Raises WayAwayError: it did not, or too many ask at once."""
    if not _ASKED.acquire(blocking=False):
        raise WayAwayError(
            "Too many people are signing in this way at once.", advice="Try again in a minute."
        )
    try:
        yield
    except WayAwayError as error:
        cache.set(_key(way), settings.CLOCK.now().isoformat(), AWAY_FOR_S)
        log.warning("way.away", way=way, why=error.facts.get("why"))
        raise
    else:
        cache.delete(_key(way))
    finally:
        _ASKED.release()


def person_known_as(way: str, issuer: str, subject: str) -> tuple[PersonView | None, bool]:
    """Return the person with an identity, and whether they may sign in: who has left may not."""
    found = identities.person_known_as(way, issuer, subject)
    return found, found is not None and found.active(civil_date(settings.CLOCK.now()))


def let_in(
    request: HttpRequest, person_id: UUID, way: str, *, next_page: str | None, second_factor: bool = False
) -> HttpResponse:
    """Sign in the person for whom a way vouches, after what is missing, such as our own second step."""
    account = get_user_model().objects.get(person_id=person_id)
    record_authentication(request, account, method=way, **{_VOUCHED: settings.CLOCK.now().timestamp()})
    login = Login(user=account, redirect_url=next_page, state={ASSERTED: second_factor})
    answer: HttpResponse = perform_login(request, login)
    return answer


def still_stands(request: HttpRequest, account: Any) -> bool:
    """Return whether what somebody proved at first still lets them in now, at the end of signing in."""
    way = way_of(request, account)
    if way in _ROUTES:
        return any(link.way == way for link in identities.identities(account.person_id))
    return way != _PASSWORD or bool(account.has_usable_password())


def proved_too_long_ago(request: HttpRequest) -> bool:
    """Return whether somebody without any means of proof here must sign in again to prove anew who they are.

    Whom a way alone lets in has neither password nor second step of ours; allauth takes such a person for proved for ever.
    """
    if get_reauthentication_flows(request.user):
        return False
    records = get_authentication_records(request, request.user)
    vouched = max((float(each.get(_VOUCHED, 0)) for each in records), default=0.0)
    passed = settings.CLOCK.now().timestamp() - vouched
    return not 0 <= passed < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def _key(way: str) -> str:
    return f"way-away:{way}"
