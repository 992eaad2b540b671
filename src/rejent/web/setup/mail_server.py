"""The mail server that reminders go by: set, tried with a message, taken out. Its password is never shown again."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.kernel.errors import RejentError
from rejent.office import services
from rejent.office.people.mailing import PORTS, MailServer, Security, read_mail_server
from rejent.office.services.mail_server import Standing, standing_of
from rejent.web.pages.plain_form import PlainForm, area, form_page, submit, text
from rejent.web.requests.visitor import PersonRequest, acting, done
from rejent.web.words.acts import Names
from rejent.web.words.wording import quoted

SECURITY = {
    Security.STARTTLS: _("STARTTLS: begins in the clear, then encrypted (port 587)"),
    Security.TLS: _("TLS from the first byte (port 465)"),
    Security.NONE: _("none: a server on this machine alone (port 25)"),
}


class MailServerForm(PlainForm):
    """Where the mail server is, how it is spoken to, and as whom."""

    host = text(
        _("Name of the server"),
        _("Enter the name of the mail server."),
        hint=_("as its certificate has it, for example poczta.gmina.example"),
        max_length=253,
    )
    security = forms.ChoiceField(
        label=_("Encryption"),
        choices=list(SECURITY.items()),
        widget=forms.RadioSelect,
        initial=Security.STARTTLS,
    )
    port = forms.IntegerField(
        label=_("Port"),
        required=False,
        help_text=_("empty: the usual one of the encryption chosen"),
        widget=forms.NumberInput(attrs={"class": "w-8", "inputmode": "numeric"}),
    )
    sender = text(
        _("Address of the sender"),
        _("Enter the address that mails come from."),
        hint=_("of a mailbox that the server lets this user send from"),
        max_length=200,
    )
    user = text(_("User"), hint=_("empty where the server asks for none"), max_length=200)
    password = text(
        _("Password"),
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    authorities = area(
        _("Certificate of the authority"),
        hint=_("in PEM; only where an authority of the office itself issued the server's certificate"),
        max_length=50_000,
    )

    def __init__(self, *args: Any, before: MailServer | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if before is not None and before.user:
            self.fields["password"].help_text = gettext(
                "empty: the one that is set, as long as server, encryption and user stay"
            )

    @property
    def server(self) -> MailServer:
        """Return the server that a valid form describes."""
        given = dict(self.cleaned_data)
        security = Security(given.pop("security"))
        port = given.pop("port")
        return MailServer(**given, security=security, port=PORTS[security] if port is None else port)


class TrialForm(PlainForm):
    """Where a test message goes."""

    address = text(
        _("Send it to"), _("Enter an address."), hint=_("a mailbox that you can look into"), max_length=200
    )


def mail_server(request: PersonRequest) -> HttpResponse:
    """Show the mail server without its password, and take another."""
    before = read_mail_server(settings.INSTALLATION.secrets)
    form = MailServerForm(request.POST or None, before=before, initial=_initial(before))
    answer = submit(
        request,
        form,
        lambda _given: services.set_mail_server(
            settings.INSTALLATION.secrets, form.server, **acting(request)
        ),
        gettext("The mail server is set; the next reminder goes by it. Send a test message."),
        "mail-server",
    )
    return answer or _show(request, before, form, TrialForm(initial={"address": request.person.email}))


def mail_server_try(request: PersonRequest) -> HttpResponse:
    """Send a test message, and say what the server answered."""
    before = read_mail_server(settings.INSTALLATION.secrets)
    trial = TrialForm(request.POST)
    if trial.is_valid():
        address = trial.cleaned_data["address"]
        try:
            said = services.try_mail_server(settings.INSTALLATION.secrets, address, **acting(request))
        except RejentError as error:
            if error.part != "address":
                messages.error(request, error.sentence(gettext))
                return redirect("mail-server")
            trial.refuse(error)
        else:
            words = gettext(
                "The server took the message for %(address)s: %(said)s. Whether it arrived, only that mailbox shows."
            )
            return done(request, words % {"address": address, "said": quoted(said)}, "mail-server")
    return _show(request, before, MailServerForm(before=before, initial=_initial(before)), trial)


def mail_server_remove(request: PersonRequest) -> HttpResponse:
    """Take the mail server out."""
    try:
        services.remove_mail_server(settings.INSTALLATION.secrets, **acting(request))
    except RejentError as error:
        messages.error(request, error.sentence(gettext))
        return redirect("mail-server")
    return done(
        request, gettext("The mail server is taken out. Nobody is reminded by e-mail."), "mail-server"
    )


def _initial(before: MailServer | None) -> dict[str, Any]:
    """Return what the form begins with; a usual port is left out, so that it follows the encryption."""
    if before is None:
        return {}
    kept = ("host", "security", "sender", "user", "authorities")
    port = {} if before.port == PORTS[before.security] else {"port": before.port}
    return {**{name: getattr(before, name) for name in kept}, **port}


def _show(
    request: PersonRequest, before: MailServer | None, form: MailServerForm, trial: TrialForm
) -> HttpResponse:
    standing = standing_of(before)
    context = {
        "server": before,
        "security": SECURITY[before.security] if before else "",
        "standing": standing,
        "set_by": Names().person(standing.actor) if standing.at else "",
        "trial": trial,
        "words": standing_words(standing),
    }
    answer = form_page(request, "setup/mail_server.html", form, **context)
    answer.status_code = 422 if trial.errors else answer.status_code
    return answer


def standing_words(standing: Standing) -> str:
    """Return what is known of whether mails go."""
    if standing.passed is None:
        return gettext("No test message was sent since it was set.")
    if standing.passed:
        return gettext("It took the last test message. Whether that arrived, the program does not know.")
    return gettext("It did not take the last test message.")
