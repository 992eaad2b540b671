"""The register of actions: one sentence an act, newest first, and a page that proves an entry."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from rejent.catalog import queries as catalog
from rejent.office import queries as office
from rejent.registers import queries
from rejent.web import acts
from rejent.web.act_nouns import acts_by_noun, noun_of
from rejent.web.proofs import proof_page
from rejent.web.register_filter import read_filter
from rejent.web.views.exports import MOST_PRINTED
from rejent.web.visitor import PersonRequest

ROWS = 100


@require_GET
def ledger(request: PersonRequest) -> HttpResponse:
    """A page of the register."""
    wanted = read_filter(request)
    chosen = wanted.selection()
    page = queries.acts(
        names=chosen.names,
        actor=chosen.actor,
        subject=chosen.subject,
        since=chosen.since,
        until=chosen.until,
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
        "narrowing": f"?{urlencode(kept)}" if kept else "",
        "most_printed": MOST_PRINTED,
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


def _whole(written: str | None) -> int | None:
    return int(written) if written and written.isdecimal() else None
