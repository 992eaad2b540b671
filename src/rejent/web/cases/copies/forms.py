"""Forms of copies: making, handing over, a further application, commissions."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.cases.copies.services.appointing import LONGEST_NOTE
from rejent.cases.copies.services.delivering import LONGEST_REFERENCE
from rejent.cases.copies.services.destroying import Seen
from rejent.cases.copies.services.handing import LONGEST_NAME, LONGEST_REASON, LONGEST_REMARKS
from rejent.cases.copies.services.writing import LONGEST_PLACE, LONGEST_SIGN
from rejent.cases.copies.views import Signing
from rejent.kernel.clock import civil_date, instant_at
from rejent.kernel.errors import RejentError
from rejent.kernel.intervals import Interval
from rejent.retention.terms.rules import StandingHold
from rejent.web.cases.copies.identifiers import DELIVERIES, MEDIA, SIGNINGS
from rejent.web.pages.plain_form import DayField, PlainForm, one_of, several_of, text
from rejent.web.words.when import WithoutYear, read_day, read_time


class CopyForm(PlainForm):
    """A copy: of which hold, from when until when.

    ``stated``: its maker states the last day, since the regulation sets no lifetime. Of items, such as calls, each is copied whole, and no times are asked.
    """

    hold = one_of(_("What is copied"), _("Choose what is copied."))
    start = text(
        _("From"), hint=_("for example 14:30:00; empty: from the beginning of what is held"), max_length=40
    )
    end = text(_("To"), hint=_("for example 14:44:10; empty: to its end"), max_length=40)
    stated = DayField(
        _("Kept until"), _("Enter the last day: the regulation sets none."), meant=WithoutYear.COMING
    )

    def __init__(
        self,
        *args: Any,
        holds: Sequence[tuple[StandingHold, str]],
        stated: bool,
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._holds, self._today = {hold.number: hold for hold, _words in holds}, today
        self.offer("hold", [(hold.number, words) for hold, words in holds])
        if not stated:
            del self.fields["stated"]
        if all(hold.item for hold, _words in holds):
            del self.fields["start"], self.fields["end"]
        self.chosen: StandingHold | None = None
        self.interval: Interval | None = None

    def clean(self) -> dict[str, Any]:
        """Read the time that is meant."""
        cleaned = super().clean() or {}
        self.chosen = self._holds.get(cleaned.get("hold", ""))
        if self.chosen is None or self.errors:
            return cleaned
        whole = self.chosen.interval
        if self.chosen.item:
            self.interval = whole
            return cleaned
        start = self._instant("start", civil_date(whole.start)) or whole.start
        end = self._instant("end", civil_date(start)) or whole.end
        if self.errors:
            return cleaned
        if end <= start:
            self.add_error("end", gettext("The time “to” is not later than “from”."))
        else:
            self.interval = Interval(start, end)
        return cleaned

    def _instant(self, name: str, day: date) -> datetime | None:
        """Return an instant that is written as a time, or as a day and a time."""
        written = self.cleaned_data.get(name, "").strip()
        if not written:
            return None
        stated, _blank, clock = written.rpartition(" ")
        try:
            return instant_at(read_day(stated, self._today) if stated else day, read_time(clock))
        except RejentError as error:
            self.refuse(error, name)
            return None


class RedactForm(PlainForm):
    """A plan of redaction, as the editor's script writes it, and what is made by it."""

    plan = forms.JSONField(
        widget=forms.HiddenInput,
        error_messages={
            "required": _("The plan of redaction cannot be read."),
            "invalid": _("The plan of redaction cannot be read."),
        },
    )
    unchanged = forms.BooleanField(
        label=_("The recording shows and lets hear nobody but the applicant: nothing is to be hidden"),
        required=False,
    )


class HandOverForm(PlainForm):
    """A hand-over that is prepared: under which disclosure, to whom. ``to_body``: somebody takes it for a body, rather than for themself."""

    case = one_of(
        _("Under which application"),
        _("Choose the application."),
        hint=_("a disclosure of this recording that was consented to"),
    )
    body = text(
        _("Body"),
        _("Enter the body."),
        hint=_("for example Komenda Powiatowa Policji"),
        max_length=LONGEST_NAME,
    )
    recipient = text(
        _("Who takes it"),
        _("Enter who takes it."),
        hint=_("first name and surname, rank"),
        max_length=LONGEST_NAME,
    )
    post = text(_("Post"), hint=_("may be empty"), max_length=LONGEST_NAME)
    remarks = text(_("Remarks"), hint=_("may be empty"), max_length=LONGEST_REMARKS)

    def __init__(
        self,
        *args: Any,
        cases: Sequence[tuple[str, str]],
        to_body: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offer("case", cases)
        if not to_body:
            del self.fields["body"], self.fields["post"]
            self.fields["recipient"].help_text = gettext("first name and surname")


class WrittenForm(PlainForm):
    """What a package was written to. ``place`` is where the regulation has copies kept; whoever enters it states where it really is."""

    package = one_of(_("Which package"), _("Choose the package."))
    medium = one_of(_("I have written it to"), _("Choose the carrier."), list(MEDIA.items()))
    sign = text(
        _("Sign of the carrier"),
        hint=_("its serial number or what is written on it; a commission compares it with the carrier"),
        max_length=LONGEST_SIGN,
    )
    bag = text(_("Number of the sealed bag"), hint=_("may be empty"), max_length=LONGEST_SIGN)
    place = text(
        _("Where it is now, or whom it was given to"),
        hint=_("room, safe, shelf, or a person of the office"),
        max_length=LONGEST_PLACE,
    )

    def __init__(self, *args: Any, packages: Sequence[tuple[int, str]], place: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("package", packages)
        if place:
            place_words = gettext("by the regulation: %(place)s") % {"place": place}
            self.fields["place"].help_text = f"{self.fields['place'].help_text}; {place_words}"


class SignedForm(PlainForm):
    """How and when the paper of a hand-over was signed."""

    signing = one_of(
        _("How it was signed"),
        _("Choose how it was signed."),
        [(each.value, SIGNINGS[each]) for each in (Signing.PAPER, Signing.ELECTRONIC, Signing.SENT)],
    )
    signed_on = DayField(_("Signed on"), _("Enter the day."))


class HandedForm(PlainForm):
    """When the carrier changed hands."""

    handed_on = DayField(_("Handed over on"), _("Enter the day."))
    handed_time = text(
        _("Time of the hand-over"),
        _("Enter the time."),
        hint=_("for example 14:30"),
        width="w-12",
        max_length=20,
    )

    def clean(self) -> dict[str, Any]:
        """Read the instant."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        return {**cleaned, "handed": instant_of(self, cleaned["handed_on"], "handed_time")}


class ReasonForm(PlainForm):
    """Why something is taken back."""

    reason = text(
        _("Reason"),
        _("Give the reason."),
        hint=_("it stands on the page of the copy, so name nobody"),
        max_length=LONGEST_REASON,
    )


def instant_of(form: PlainForm, day: date, name: str) -> datetime | None:
    """Return the instant of a day and the time in a field; None, with an error at the field, where it cannot be read."""
    try:
        return instant_at(day, read_time(form.cleaned_data[name]))
    except RejentError as error:
        form.refuse(error, name)
        return None


class DeliveryForm(PlainForm):
    """How a copy that was handed over was delivered, and when."""

    way = one_of(_("How it was delivered"), _("Choose how it was delivered."), list(DELIVERIES.items()))
    reference = text(
        _("Number of the delivery"),
        hint=_("of the message or of the registered letter; empty for one in person"),
        max_length=LONGEST_REFERENCE,
    )
    sent_on = DayField(_("Sent on"), hint=_("empty for one in person"))
    sent_time = text(_("Time of sending"), hint=_("for example 14:30"), width="w-12", max_length=20)
    received_on = DayField(pgettext_lazy("delivery", "Received on"), hint=_("empty while nobody knows"))
    received_time = text(_("Time of receipt"), hint=_("for example 14:30"), width="w-12", max_length=20)

    def clean(self) -> dict[str, Any]:
        """Read when it was sent and received; None where that is not said."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        return {**cleaned, "sent": self._instant("sent"), "received": self._instant("received")}

    def _instant(self, name: str) -> datetime | None:
        day, written = self.cleaned_data.get(f"{name}_on"), self.cleaned_data.get(f"{name}_time", "")
        if day is None:
            if written:
                self.add_error(f"{name}_on", gettext("Enter the day."))
            return None
        return instant_of(self, day, f"{name}_time")


class RenewForm(PlainForm):
    """A further application that lets a copy live longer."""

    case = text(
        _("Further application"), _("Enter the number of the application."), hint=_("for example W-2026-7"), width="w-12", max_length=20
    )  # fmt: skip


class CommissionForm(PlainForm):
    """A commission: what it destroys, and who is of it.

    ``least``: how many people the regulation wants; ``makers``: whoever made a copy counts.
    """

    copies = several_of(_("What is to be destroyed"), _("Choose what is to be destroyed."))
    members = several_of(_("Members of the commission"), _("Choose at least two people."))

    def __init__(
        self,
        *args: Any,
        copies: Sequence[tuple[str, str]],
        people: Sequence[tuple[str, str]],
        least: int,
        makers: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        many = gettext("at least: %(least)s") % {"least": least}
        counts = gettext("whoever made a copy may be one of them")
        never = gettext("whoever made a copy that is destroyed is none of them")
        self.fields["members"].help_text = f"{many}; {counts if makers else never}"
        self.offer("copies", copies)
        self.offer("members", people)


class ConfirmForm(PlainForm):
    """A member's word: of each carrier its sign and how it was destroyed, where no member has stated it yet."""

    def __init__(self, *args: Any, carriers: Sequence[tuple[int, str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._carriers = [key for key, _of, _medium in carriers]
        for key, number, medium in carriers:
            facts = {"number": number, "medium": medium}
            self.fields[f"sign-{key}"] = text(
                gettext("Sign of the carrier of copy %(number)s (%(medium)s)") % facts,
                gettext("Enter the sign that the carrier bears."),
                hint=gettext("read it off the carrier: it is compared with the one that was recorded"),
                max_length=LONGEST_SIGN,
            )
            self.fields[f"how-{key}"] = text(
                gettext("How the carrier of copy %(number)s was destroyed (%(medium)s)") % facts,
                gettext("Say how the carrier was destroyed."),
                hint=gettext("for example: broken up in a shredder for discs"),
                max_length=LONGEST_NOTE,
            )

    def seen(self) -> dict[int, Seen]:
        """Return what was said of each carrier, by the key of its writing."""
        given = self.cleaned_data
        return {key: Seen(given[f"sign-{key}"], given[f"how-{key}"]) for key in self._carriers}


class DissolveForm(PlainForm):
    """The end of a commission before it is done."""

    reason = text(
        _("Reason"),
        _("Give the reason."),
        hint=_("for example: a member left the office"),
        max_length=LONGEST_NOTE,
    )
