"""The register of actions: one sentence an act, newest first, and a page that proves an entry."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.registers import queries
from rejent.registers.books.acts import Acts
from rejent.registers.books.closing import closings
from rejent.registers.exporting import Selection
from rejent.registers.signing import checkpoints
from rejent.web.registers.proofs import proof_page
from rejent.web.registers.register_filter import read_filter
from rejent.web.registers.volumes import MOST_PRINTED, ROWS_A_VOLUME
from rejent.web.requests.visitor import PersonRequest
from rejent.web.words import acts, wording
from rejent.web.words.act_links import linked_acts
from rejent.web.words.identifiers import kind_words, kinds_by_group, noun_of

ROWS = 100


@require_GET
def ledger(request: PersonRequest) -> HttpResponse:
    """Return a page of the register: the newest entries, those before or after one, or from a number on."""
    wanted, size, names = read_filter(request), queries.tree_head().size, acts.Names()
    begin, wrong = _number(request.GET.get("number", ""), size)
    page = _page(request, wanted.selection(), begin)
    kept = {name: value for name, value in _kept(request).items() if name not in _PLACES}
    chips = [
        (label, urlencode({name: value for name, value in kept.items() if name != without}))
        for without, label in wanted.labels(names).items()
    ]
    context = {
        "acts": linked_acts(page.acts, request.person, names),
        "filter": wanted,
        "wrong": wanted.wrong or wrong,
        "chips": chips,
        "days": _days(kept),
        "kept": kept,
        "size": size,
        "number": begin,
        "found": begin is None or any(act.index == begin for act in page.acts),
        "people": office.people(left=True),
        "kinds": kinds_by_group(),
        "kind_words": kind_words(wanted.kind) if wanted.kind else request.GET.get("kind", ""),
        "sources": catalog.sources(removed=True),
        "older": f"?{urlencode({**kept, 'before': str(page.before)})}" if page.before is not None else "",
        "newer": f"?{urlencode({**kept, 'after': str(page.after)})}" if page.after is not None else "",
        "newest": f"?{urlencode(kept)}" if page.after is not None else "",
        "narrowing": f"?{urlencode(kept)}" if kept else "",
        "most_printed": MOST_PRINTED,
        "a_volume": ROWS_A_VOLUME,
        "years": Acts().years(),
        "closed": {each.year for each in closings("actions")},
    }
    return render(request, "registers/ledger.html", context)


_PLACES = frozenset({"before", "after", "number"})
"""Parameters of an address that place a page, and narrow nothing."""


def _page(request: PersonRequest, chosen: Selection, begin: int | None) -> queries.ActsPage:
    before, after = _whole(request.GET.get("before")), _whole(request.GET.get("after"))
    after = None if before is not None else after
    return queries.acts(**chosen.criteria, before=before, after=after, begin=begin, limit=ROWS)


def _kept(request: PersonRequest) -> dict[str, str]:
    return {name: str(value) for name, value in request.GET.items() if value}


def _number(written: str, size: int) -> tuple[int | None, str]:
    """Return the number of an entry, blanks between digits left out, and what is wrong with it."""
    bare = "".join(written.split())
    if not bare:
        return None, ""
    number = _whole(bare)
    if number is None or number >= size:
        last = {"last": wording.number(size - 1)}
        return None, gettext("There is no entry of that number; they run from 0 to %(last)s.") % last
    return number, ""


def _days(kept: dict[str, str]) -> list[tuple[str, str, bool]]:
    """Return common choices of days: words, address, and whether chosen now."""
    today = civil_date(settings.CLOCK.now())
    last = wording.day_digits(today)
    spans = [(gettext("today"), 0), (gettext("seven days"), 6), (gettext("thirty days"), 29)]
    return [
        (words, urlencode({**kept, **span}), span.items() <= kept.items())
        for words, back in spans
        for span in [{"first": wording.day_digits(today - timedelta(days=back)), "last": last}]
    ]


@require_GET
def entry(request: PersonRequest, index: int) -> HttpResponse:
    """Return one entry: the sentence, the proof in steps, what it does not prove, how to repeat it, the numbers."""
    found = queries.act(index)
    context = {
        "entry": acts.act_views([found], links=False)[0],
        "facts": acts.facts_in_words(found),
        "noun": noun_of(found.act),
        "proof": proof_page(settings.LEDGER, index),
    }
    return render(request, "registers/entry.html", context)


@require_GET
def entry_proof(request: PersonRequest, index: int) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Return the proof file, to be checked elsewhere."""
    response = HttpResponse(
        checkpoints.prove(settings.LEDGER, index), content_type="text/plain; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="wpis-{index}.tlog-proof"'
    return response


def _whole(written: str | None) -> int | None:
    return int(written) if written and written.isdecimal() and len(written) < _MOST_DIGITS else None


_MOST_DIGITS = 19
"""More than any database counts to."""
