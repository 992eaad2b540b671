"""The base of every form (no browser bubbles, no colons, errors in the label's own words) and of the pages with one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.kernel.clock import civil_date
from rejent.kernel.errors import ConflictError, RejentError
from rejent.web.requests.visitor import PersonRequest, done
from rejent.web.words.stream_parts import Fact
from rejent.web.words.when import WithoutYear, read_day

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Words
else:
    Words = str


T = TypeVar("T")


class PlainForm(forms.Form):
    """A form that is checked on submission, on the server, and keeps what was typed."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def refuse(self, error: RejentError, name: str | None = None) -> None:
        """Show an error of a subject at a field, its own where it names one, or above the form; a rule that refuses the act is raised on, to its own page."""
        if error.rule:
            raise error
        if name is None and error.part in self.fields:
            name = error.part
        self.add_error(name, ValidationError(error.sentence(gettext)))

    def offer(self, name: str, options: Iterable[tuple[Any, Any]]) -> None:
        """Set the options of a choice; the first of a single one that is no row of buttons chooses nothing."""
        field = self.fields[name]
        if isinstance(field, forms.MultipleChoiceField) or isinstance(field.widget, forms.RadioSelect):
            field.choices = list(options)  # type: ignore[attr-defined]  # a field with choices
        elif isinstance(field, forms.ChoiceField):
            field.choices = [("", _("choose")), *options]


def area(
    label: str | Words,
    missing: str | Words | None = None,
    *,
    hint: str | Words = "",
    rows: int = 3,
    **more: Any,
) -> forms.CharField:
    """Return several lines of text; at most 2,000 characters unless said otherwise."""
    widget = forms.Textarea(attrs={"rows": rows})
    return text(label, missing, hint=hint, widget=widget, **{"max_length": 2000, **more})


def text(
    label: str | Words,
    missing: str | Words | None = None,
    *,
    hint: str | Words = "",
    width: str = "",
    **more: Any,
) -> forms.CharField:
    """Return a line of text whose absence is said in its own words; without these it may be left empty."""
    attributes = {"class": width} if width else {}
    widget = forms.TextInput(attrs={"autocomplete": "off", **attributes})
    return forms.CharField(
        **{"label": label, "help_text": hint, "widget": widget, **_demanded(missing), **more}
    )


def new_secret(label: str | Words, missing: str | Words, **more: Any) -> forms.CharField:
    """Return the field of a new password or passphrase, whose blanks count; one to enter it again is called ``again``."""
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return text(label, missing, widget=widget, strip=False, **{"max_length": 128, **more})


def clean_again(form: forms.Form, name: str, differing: str) -> str:
    """Return a secret that was entered again. Raises ValidationError: it is another."""
    again = str(form.cleaned_data["again"])
    if name in form.cleaned_data and again != form.cleaned_data[name]:
        raise ValidationError(differing)
    return again


def _demanded(missing: str | Words | None) -> dict[str, Any]:
    return {"required": False} if missing is None else {"error_messages": {"required": missing}}


class DayField(forms.CharField):
    """A civil date in any habit of writing it."""

    def __init__(
        self,
        label: str | Words,
        missing: str | Words | None = None,
        *,
        hint: str | Words | None = None,
        meant: WithoutYear = WithoutYear.PAST,
    ) -> None:
        widget = forms.TextInput(attrs={"class": "w-12", "autocomplete": "off"})
        hint = _("for example 21.11.2026") if hint is None else hint
        super().__init__(label=label, help_text=hint, widget=widget, **_demanded(missing))
        self._meant = meant

    def clean(self, value: Any) -> Any:
        """Return the date. Raises ValidationError: it cannot be read."""
        written = super().clean(value)
        if not written and not self.required:
            return None
        try:
            return read_day(written, civil_date(settings.CLOCK.now()), self._meant)
        except RejentError as error:
            raise ValidationError(error.sentence(gettext)) from None


def term_fields() -> tuple[DayField, DayField]:
    """Return the fields of a term: its first day, and its last, which may be left open."""
    first = DayField(_("Valid from"), _("Enter the first day."), meant=WithoutYear.NEAREST)
    last = DayField(_("Valid until"), hint=_("leave empty for no end"), meant=WithoutYear.COMING)
    return first, last


def one_of(
    label: str | Words,
    missing: str | Words,
    options: Iterable[tuple[Any, Any]] = (),
    *,
    hint: str | Words = "",
    required: bool = True,
) -> forms.ChoiceField:
    """Return a choice with a first line that chooses nothing."""
    return forms.ChoiceField(
        label=label,
        help_text=hint,
        required=required,
        choices=[("", _("choose")), *options],
        error_messages={"required": missing, "invalid_choice": missing},
    )


def several_of(
    label: str | Words,
    missing: str | Words | None = None,
    options: Iterable[tuple[Any, Any]] = (),
    *,
    hint: str | Words = "",
) -> forms.MultipleChoiceField:
    """Return boxes to tick."""
    return forms.MultipleChoiceField(
        label=label,
        help_text=hint,
        choices=list(options),
        widget=forms.CheckboxSelectMultiple,
        **_demanded(missing),
    )


_OURS = frozenset({"csrfmiddlewaretoken", "confirmed", "change"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A page to check an act before it is done: what is done, what follows, and the button, ``grave`` where it destroys."""

    title: str
    facts: Sequence[Fact]
    outcome: Sequence[str]
    confirm: str
    icon: str
    grave: bool = False


def is_confirmed(request: HttpRequest) -> bool:
    """Return whether the page to check was answered with yes."""
    return "confirmed" in request.POST


def is_to_change(request: HttpRequest) -> bool:
    """Return whether the page to check was answered with a wish to change something."""
    return "change" in request.POST


def check_page(request: HttpRequest, check: Check) -> HttpResponse:
    """Return the page; whoever confirms sends what was filled in a second time."""
    given = [(name, value) for name, values in request.POST.lists() if name not in _OURS for value in values]
    return render(request, "pages/check.html", {"check": check, "given": given})


def submit(
    request: PersonRequest,
    form: PlainForm,
    act: Callable[[dict[str, Any]], T],
    success: str | Callable[[T], str],
    page: str | Callable[[T], str],
    *,
    field: str | Callable[[RejentError], str | None] | None = None,
    check: Callable[[dict[str, Any]], Check] | None = None,
    refused: type[RejentError] | tuple[type[RejentError], ...] = RejentError,
    late: str | Callable[[ConflictError], HttpResponse] = "",
) -> HttpResponse | None:
    """Carry out an act with a valid form's data, and go on to a page that says that it is done; before it the page to ``check``.

    Returns None where the form is to be shown: first, or with its errors, the act's refusal at ``field`` among them, as far as it is
    one of ``refused``; where somebody was faster, ``late`` returns the answer, or is the page that says so.
    """
    if request.method != "POST" or not form.is_valid() or is_to_change(request):
        return None
    try:
        if check is not None and not is_confirmed(request):
            return check_page(request, check(form.cleaned_data))
        result = act(form.cleaned_data)
    except RejentError as error:
        if late and isinstance(error, ConflictError):
            return _say_at(request, late, error) if isinstance(late, str) else late(error)
        if not isinstance(error, refused):
            raise
        form.refuse(error, field(error) if callable(field) else field)
        return None
    words = success if isinstance(success, str) else success(result)
    return done(request, words, page if isinstance(page, str) else page(result))


def _say_at(request: PersonRequest, page: str, error: RejentError) -> HttpResponse:
    messages.error(request, error.sentence(gettext))
    return redirect(page)


def form_page(request: PersonRequest, path: str, form: PlainForm, **context: Any) -> HttpResponse:
    """Show a form, with status 422 if it has errors."""
    return render(request, path, {"form": form, **context}, status=422 if form.errors else 200)
