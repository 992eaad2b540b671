"""Erasures before the term in the reader's words: on the case, on the decision, in the letter that answers."""

from collections.abc import Iterator

from django.utils.translation import gettext

from rejent.cases.views import CaseView
from rejent.catalog import queries as catalog
from rejent.retention import queries as retention
from rejent.retention.queries import ErasureView
from rejent.web.words.recordings import item_of
from rejent.web.words.wording import moment_digits, span_digits


def erasures_of(view: CaseView) -> list[ErasureView]:
    """Return what an application wants erased, without what it asked for no longer once it was corrected."""
    found = retention.erasures_of(view.number) if view.application.right else []
    return [one for one in found if one.state != "dropped" or _dropped_by_decision(one, view)]


def _dropped_by_decision(one: ErasureView, view: CaseView) -> bool:
    """Return whether an erasure was dropped by the decision on its application, not by a correction before it."""
    return view.decision is not None and one.decided_at == view.decision.at


def erasure_words(one: ErasureView) -> str:
    """Return what an erasure is of: the source, and the time or the item."""
    source = catalog.source(one.source_id).name
    item = item_of(one.source_id, one.item)
    return item.named(source) if item else f"{source}, {span_digits(one.start, one.end)}"


def standing_words(one: ErasureView) -> str:
    """Return how an erasure stands: asked for, granted, held, done with its proof, or not granted."""
    match one.state:
        case "asked":
            if one.blocks:
                return gettext("nobody opens it until the decision")
            return gettext("waits for the decision; it follows its ordinary term meanwhile")
        case "dropped":
            return gettext("not erased; it follows its ordinary term")
        case "done":
            facts = {"moment": moment_digits(one.done_at) if one.done_at else "", "count": one.segments}
            said = gettext("erased %(moment)s, recordings: %(count)s") % facts
            proof = {"entry": one.done_entry, "digest": one.digest or "–"}
            return (
                f"{said}; {gettext('entry %(entry)s of the register of actions, digest %(digest)s') % proof}"
            )
        case _:
            return _waiting_words(one)


def _waiting_words(one: ErasureView) -> str:
    numbers = [
        each.number for each in retention.holds_over(one.source_id, one.start, one.end, one.item or None)
    ]
    if numbers:
        told = gettext("granted; nobody opens it, and what hold %(holds)s keeps goes once that ends")
        return told % {"holds": ", ".join(numbers)}
    return gettext("granted; nobody opens it, and it goes in the next round of the program")


def erasure_lines(view: CaseView) -> Iterator[str]:
    """Yield each erasure of a case with how it stands."""
    for one in erasures_of(view):
        yield f"{one.number}: {erasure_words(one)} – {standing_words(one)}."
