"""The review of a drawn viewing."""

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rejent.access.services.supervision import LONGEST_NOTE
from rejent.access.supervision.samples import Outcome
from rejent.web.pages.plain_form import PlainForm, text

OUTCOMES: dict[str, str | Promise] = {
    Outcome.IN_ORDER: _("in order"),
    Outcome.QUESTION: _("a question: somebody has to answer first"),
    Outcome.BREACH_SUSPECTED: _("a breach is suspected"),
}


class ReviewForm(PlainForm):
    """The outcome and a note."""

    outcome = forms.ChoiceField(
        label=_("What the review came to"),
        choices=[(str(outcome), words) for outcome, words in OUTCOMES.items()],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what the review came to."),
            "invalid_choice": _("Choose what the review came to."),
        },
    )
    note = text(
        _("Note"),
        _("Write a note: at least one sentence."),
        hint=_(
            "what was looked at, such as the case file, and what follows; it is kept beside the register, not in it"
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONGEST_NOTE,
    )
