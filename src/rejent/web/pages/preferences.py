"""A person's own settings, and the switch of language and colours on every page."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from rejent.access import authorisation_queries
from rejent.web.requests.choices import letter_keys_of, remember, theme_of
from rejent.web.requests.visitor import PersonRequest


def choice(request: HttpRequest) -> HttpResponse:
    """Keep a choice made by the switch, and go back to the page it was made on."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    remember(request, response, language=request.POST.get("language"), theme=request.POST.get("theme"))
    return response


def preferences(request: PersonRequest) -> HttpResponse:
    """Language, colours, letter keys; the way to passwords, second factors and one's own authorisations."""
    if request.method == "POST":
        response = redirect("preferences")
        remember(
            request,
            response,
            language=request.POST.get("language"),
            theme=request.POST.get("theme"),
            letter_keys=request.POST.get("letter_keys") == "on",
        )
        return response
    context = {
        "chosen_theme": theme_of(request),
        "chosen_keys": letter_keys_of(request),
        "authorisations": authorisation_queries.authorisations(person_id=request.person.id),
    }
    return render(request, "pages/preferences.html", context)
