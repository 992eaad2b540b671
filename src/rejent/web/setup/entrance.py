"""The way into set-up: a one-time code is exchanged for a key that this browser alone holds."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from rejent.kernel.errors import RejentError
from rejent.office.setting_up.founding import set_up_of
from rejent.office.setting_up.state import KEY_FOR, SetUp
from rejent.web.pages.plain_form import PlainForm, text
from rejent.web.refusals import not_found

COOKIE = "rejent-setup"
PATH = "/setup"


class CodeForm(PlainForm):
    """The one-time code."""

    code = text(
        _("One-time code"),
        _("Enter the code."),
        hint=_("sixteen signs in four groups, as the machine printed them"),
        max_length=60,
    )


def set_up() -> SetUp:
    """Return the set-up of this installation."""
    return set_up_of(settings.INSTALLATION, settings.CLOCK)


def is_setting_up(request: HttpRequest) -> bool:
    """Return whether a request comes from the browser that sets the office up."""
    return set_up().admits(request.COOKIES.get(COOKIE, ""))


def setup(request: HttpRequest) -> HttpResponse:
    """Take the code by a button: opening the address, as a preview does, uses nothing up."""
    if is_setting_up(request):
        return redirect("setup-steps")
    if not set_up().is_open:
        return not_found(request)
    form = CodeForm(request.POST or None, initial={"code": request.GET.get("code", "")})
    if request.method == "POST" and form.is_valid():
        try:
            key = set_up().redeem(form.cleaned_data["code"])
        except RejentError as error:
            form.refuse(error, "code")
        else:
            return _bind(redirect("setup-steps"), key)
    return render(request, "setup/code.html", {"form": form}, status=422 if form.errors else 200)


def _bind(response: HttpResponse, key: str) -> HttpResponse:
    response.set_cookie(
        COOKIE,
        key,
        max_age=KEY_FOR,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


def unbind(response: HttpResponse) -> HttpResponse:
    """Take the key from the browser."""
    response.delete_cookie(COOKIE, path=PATH, samesite="Strict")
    return response
