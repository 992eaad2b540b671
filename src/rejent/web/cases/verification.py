"""The public pages on which anybody holds a label against what the office knows of the copy, and takes the verifier of packages.

They show no personal data.
"""

import hmac
from hashlib import sha256
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.cases.copies import queries
from rejent.cases.copies.errors import NoSuchCopyError
from rejent.cases.copies.rules import LABEL_DIGITS, label_code
from rejent.cases.copies.views import CopyView, State
from rejent.evidence.writing import single_file
from rejent.office.proxies import counted_as
from rejent.registers.errors import LedgerMismatchError
from rejent.web.pages.plain_form import PlainForm, text
from rejent.web.registers.letterheads import office_fingerprint
from rejent.web.signing_in.accounts import ClosedAccountAdapter, too_early
from rejent.web.signing_in.attempts import Attempts
from rejent.web.words.wording import day_short, moment_digits


class LabelForm(PlainForm):
    """Number and code as they stand on the label: nobody finds out by numbers alone what exists."""

    number = text(
        _("Number of the copy"),
        _("Enter the number that stands on the label."),
        hint=_("for example K-2026-3"),
        max_length=20,
    )
    code = text(
        _("Code on the label"),
        _("Enter the code that stands on the label."),
        hint=_("16 digits; spaces do not matter."),
        max_length=100,
    )

    def clean_code(self) -> str:
        """Return the digits alone, in small letters."""
        digits = "".join(self.cleaned_data["code"].split()).lower()
        if len(digits) != LABEL_DIGITS or set(digits) - set("0123456789abcdef"):
            raise forms.ValidationError(_("A code has 16 digits, of 0–9 and a–f."))
        return digits


def copy_check(request: HttpRequest) -> HttpResponse:
    """Return whether a copy of that number and code was made, when, and what became of it.

    What is typed wrong is slowed down as failed sign-ins are, for the place it comes from.
    """
    asked = request.POST if request.method == "POST" else request.GET
    form = LabelForm(asked or None)
    context: dict[str, Any] = {"form": form, "fingerprint": office_fingerprint()}
    status = 200
    if form.is_bound and form.is_valid():
        place = ClosedAccountAdapter(request).get_client_ip(request)
        attempts = Attempts(f"copy:{counted_as(place)}", place, settings.CLOCK)
        if attempts.begin():
            context |= _answer(
                form.cleaned_data["number"].strip().upper(), form.cleaned_data["code"], attempts
            )
        else:
            form.add_error(None, too_early(attempts))
            status = 429
    return render(request, "cases/copy_check.html", context, status=status)


def verifier(request: HttpRequest) -> HttpResponse:
    """Return the page that gives out the verifier of packages, with its digest, the office's key, and how both are compared."""
    context = {
        "digest": verifier_digest(),
        "size": len(single_file()),
        "fingerprint": office_fingerprint(),
    }
    return render(request, "cases/verifier.html", context)


def verifier_file(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view takes the request
    """Return the verifier, the same bytes that every package of this version of the program holds."""
    answer = HttpResponse(single_file(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="verify.py"'
    return answer


def verifier_digest() -> str:
    """Return the SHA-256 of the verifier, as tools for it print it."""
    return sha256(single_file()).hexdigest()


def _answer(number: str, code: str, attempts: Attempts) -> dict[str, Any]:
    """Return what the page says of a label; a number with another code is answered as one that does not exist."""
    try:
        if not hmac.compare_digest(label_code(number, queries.copy_row(number).digest), code):
            return {"unknown": True}
        view = queries.copy(number)
    except NoSuchCopyError:
        return {"unknown": True}
    except LedgerMismatchError:
        return {"doubtful": True}
    attempts.succeeded()
    return {
        "copy": view,
        "made": moment_digits(view.made_at or view.begun_at),
        "state": _state_words(view),
    }


def _state_words(view: CopyView) -> str:
    if view.state is State.DESTROYED and view.destroyed_at is not None:
        return gettext("destroyed on %(when)s") % {"when": moment_digits(view.destroyed_at)}
    if view.state is State.DYING:
        return gettext("is being destroyed by a commission")
    if view.state is State.HANDED:
        return gettext("handed over by the office")
    if view.due_on is None:
        return gettext("kept by the office")
    return gettext("kept by the office, until %(day)s") % {"day": day_short(view.due_on)}
