"""Search from every page: one page of what fits, and of that only what its reader may see anyway."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rejent.registers.books.numbers import is_number
from rejent.web.desk import Found, Sought
from rejent.web.pages.desks import desks
from rejent.web.requests.visitor import PersonRequest

LONGEST, LEAST = 200, 2
"""Letters of what is sought."""
_SOUGHT = "sought"


def search(request: PersonRequest) -> HttpResponse:
    """Show what fits the words in the session: names and numbers of people stand in no address."""
    if request.method == "POST":
        request.session[_SOUGHT] = " ".join(request.POST.get("q", "").replace("\0", "")[:LONGEST].split())
        return redirect("search")
    words = request.session.get(_SOUGHT, "")
    number = words.upper()
    sought = Sought(request.person, number if is_number(number) else words)
    found = list(_find_all(sought)) if len(words) >= LEAST or words.isdigit() else []
    groups: dict[str | Promise, list[Found]] = {}
    for one in sorted(found, key=lambda one: not one.exact):
        groups.setdefault(_EXACT if one.exact else str(one.kind), []).append(one)
    context = {"words": words, "groups": list(groups.items()), "count": len(found), "exact": _EXACT}
    return render(request, "pages/search.html", context)


_EXACT = _("Exactly this number")


def _find_all(sought: Sought) -> Iterator[Found]:
    for desk in desks():
        yield from desk.finds(sought)
