"""The register of actions: one sentence an act, newest first, and a page that proves an entry."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from rejent.catalog import queries as catalog
from rejent.kernel.acts import all_acts
from rejent.kernel.clock import civil_date, local_midnight
from rejent.kernel.errors import InputRefusedError
from rejent.office import queries as office
from rejent.registers import queries
from rejent.web import acts
from rejent.web.act_nouns import acts_by_noun, noun_of
from rejent.web.proofs import proof_page
from rejent.web.visitor import PersonRequest
from rejent.web.when import read_day

ROWS = 100


@dataclass(frozen=True, slots=True)
class Filter:
    """What the register is narrowed to.

    Attributes:
        person: a person's identifier; ``-`` is the program itself; empty is anyone.
        source: a source's identifier; empty is all.
        wrong: what could not be read of it, to be said above the table.
    """

    person: str
    source: str
    kind: str
    first: date | None
    last: date | None
    machinery: bool
    wrong: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out on the reader's wish."""
        return bool(self.person or self.source or self.kind or self.first or self.last)


@require_GET
def ledger(request: PersonRequest) -> HttpResponse:
    """A page of the register."""
    wanted = _filter(request)
    names: Any = (wanted.kind,) if wanted.kind else () if wanted.machinery else acts.WORTH_TELLING
    page = queries.acts(
        names=names,
        actor={"": None, "-": ""}.get(wanted.person, wanted.person),
        subject=f"source:{wanted.source}" if wanted.source else "",
        since=local_midnight(wanted.first) if wanted.first else None,
        until=local_midnight(wanted.last + timedelta(days=1)) if wanted.last else None,
        before=_whole(request.GET.get("before")),
        limit=ROWS,
    )
    kept = {name: str(value) for name, value in request.GET.items() if value and name != "before"}
    context = {
        "acts": acts.told(page.acts, links=True),
        "filter": wanted,
        "head": queries.tree_head(),
        "people": office.people(left=True),
        "kinds": acts_by_noun(),
        "sources": catalog.sources(removed=True),
        "older": f"?{urlencode({**kept, 'before': str(page.before)})}" if page.before is not None else "",
        "newest": f"?{urlencode(kept)}" if request.GET.get("before") else "",
    }
    return render(request, "pages/ledger.html", context)


@require_GET
def entry(request: PersonRequest, index: int) -> HttpResponse:
    """One entry: the sentence, the proof in steps, what it does not prove, how to repeat it, the numbers."""
    found = queries.act(index)
    context = {
        "entry": acts.told([found], links=False)[0],
        "facts": acts.facts_in_words(found),
        "noun": noun_of(found.act),
        "proof": proof_page(settings.LEDGER, index),
    }
    return render(request, "pages/entry.html", context)


@require_GET
def entry_proof(request: PersonRequest, index: int) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """The proof file, to be checked elsewhere."""
    response = HttpResponse(queries.prove(settings.LEDGER, index), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="wpis-{index}.tlog-proof"'
    return response


def _filter(request: PersonRequest) -> Filter:
    today = civil_date(settings.CLOCK.now())
    days: dict[str, date | None] = {"first": None, "last": None}
    wrong = ""
    for name in days:
        if written := request.GET.get(name, "").strip():
            try:
                days[name] = read_day(written, today)
            except InputRefusedError as error:
                wrong = error.sentence(gettext)
    kind, source = request.GET.get("kind", ""), request.GET.get("source", "")
    return Filter(
        person=request.GET.get("person", ""),
        source=source if source.isalnum() else "",
        kind=kind if kind in all_acts() else "",
        first=days["first"],
        last=days["last"],
        machinery="machinery" in request.GET,
        wrong=wrong,
    )


def _whole(written: str | None) -> int | None:
    return int(written) if written and written.isdecimal() else None
