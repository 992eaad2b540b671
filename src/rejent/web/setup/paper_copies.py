"""Paper copies of passphrases: which there are to be, how one is made, and where each lies.

No page shows a passphrase or takes one: it would pass the network, a browser's memory and the queue of some printer. The command prints it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.kernel.clock import civil_date
from rejent.office import services
from rejent.office.services.paper_copies import LONGEST, PaperCopy, Secret, find_paper, list_papers
from rejent.registers import queries as registers
from rejent.retention.acts import KEYS_BACKED_UP
from rejent.vault.keys.root_key import FileRoot
from rejent.web.pages.plain_form import DayField, PlainForm, form_page, submit, text
from rejent.web.requests.visitor import PersonRequest, acting
from rejent.web.words.acts import Names
from rejent.web.words.identifiers import SECRETS
from rejent.web.words.wording import day_digits


class PaperCopyForm(PlainForm):
    """Which paper lies in which envelope, and where."""

    secret = forms.ChoiceField(label=_("What stands on the paper"), widget=forms.RadioSelect)
    envelope = text(
        _("Number of the envelope"),
        _("Enter the number of the envelope."),
        hint=_("as it is written on it; the envelope is closed and signed across its flap"),
        max_length=LONGEST,
        width="w-16",
    )
    place = text(
        _("Where it is kept"),
        _("Enter where it is kept."),
        hint=_("for example: safe of the registry; apart from the server and its backups"),
        max_length=LONGEST,
    )
    on = DayField(_("Kept there since"), _("Enter the day."))


def paper_copies(request: PersonRequest) -> HttpResponse:
    """List the papers that are kept, say how one is made, and take where one lies."""
    form = PaperCopyForm(
        request.POST or None, initial={"on": day_digits(civil_date(settings.CLOCK.now())), "secret": _first()}
    )
    form.offer("secret", [(each.value, SECRETS[each]) for each in Secret if _exists(each)])
    answer = submit(
        request,
        form,
        lambda given: _enter_paper(given, request),
        gettext("Entered: where the paper is kept is known."),
        "paper-copies",
    )
    directory = settings.INSTALLATION.directory
    names, newest = Names(), [find_kept(secret) for secret in Secret]
    context = {
        "rows": [(SECRETS[one.secret], one, names.person(one.actor), one in newest) for one in list_papers()],
        "sealed": _exists(Secret.KEY_STORE),
        "lacking": _exists(Secret.KEY_STORE) and find_kept(Secret.KEY_STORE) is None,
        "paper_command": f"rejent keys paper {directory} | lp",
        "backup_command": f"rejent keys backup {directory} --to {gettext('FILE')} --until {gettext('DAY')}",
        "backed_up_at": last_backup_at(),
    }
    return answer or form_page(request, "setup/paper_copies.html", form, **context)


def find_kept(secret: Secret) -> PaperCopy | None:
    """Return the paper that is known to be kept of a secret; one of another key store is none, or of one without a passphrase."""
    return find_paper(secret, _digest_of(secret)) if _exists(secret) else None


def last_backup_at() -> datetime | None:
    """Return when keys were backed up last; None where they never were."""
    acts = list(registers.entered([KEYS_BACKED_UP.name]))
    return acts[-1].at if acts else None


def _enter_paper(given: Mapping[str, Any], request: PersonRequest) -> None:
    secret = Secret(given["secret"])
    services.enter_paper_copy(
        secret, given["envelope"], given["place"], given["on"], digest=_digest_of(secret), **acting(request)
    )


def _exists(secret: Secret) -> bool:
    return secret is not Secret.KEY_STORE or settings.VAULT.root != FileRoot.kind


def _first() -> str:
    return next(each.value for each in Secret if _exists(each))


def _digest_of(secret: Secret) -> str:
    """Return what tells the key store that a paper opens; a backup's paper opens no one store."""
    return settings.VAULT.root_digest if secret is Secret.KEY_STORE else ""
