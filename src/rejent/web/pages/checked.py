"""The page to check before something that cannot be undone: what will happen, to what, and when."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from rejent.web.stream_parts import Fact

_OURS = frozenset({"csrfmiddlewaretoken", "confirmed", "change"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A page to check an act before it is done.

    Attributes:
        title: of the page.
        facts: what is done, to what and until when.
        outcome: what follows from it that is not told in the form, sentence by sentence.
        confirm: the words of the button that does it.
        icon: beside them.
        grave: the button is that of what destroys.
    """

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
