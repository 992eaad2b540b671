"""The other ways of signing in: on the sign-in page, and on the page of a person."""

from ipaddress import ip_address
from typing import Any

from django import template
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.template.context import RequestContext

from rejent.office.sign_in import identities
from rejent.office.views import PersonView
from rejent.web.signing_in.ways import offered_ways, way_name

register = template.Library()


@register.filter
def allows_passkeys(request: HttpRequest) -> bool:
    """Return whether a page was opened by a name: a browser has no passkeys for a number (Web Authentication Level 3, §5.1.3)."""
    host, _ = split_domain_port(request.get_host())
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False


@register.inclusion_tag("signing_in/ways.html")
def sign_in_ways(next_page: str | None) -> dict[str, Any]:
    """Return a button for each way that is configured, and in plain words which of them is away."""
    return {"ways": offered_ways(), "next_page": next_page}


@register.inclusion_tag("signing_in/identities.html", takes_context=True)
def person_identities(context: RequestContext, found: PersonView, *, changing: bool) -> dict[str, Any]:
    """List a person's linked identities; for who may change that, with the forms for it."""
    links = identities.identities(found.id)
    linked = {link.way for link in links}
    return {
        "found": found,
        "links": [(link, way_name(link.way)) for link in links],
        "missing": [offered for offered in offered_ways() if offered.way not in linked],
        "password": identities.has_password(found.id),
        "changing": changing,
        "csrf_token": context.get("csrf_token"),
    }
