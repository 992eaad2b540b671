"""Erasures before the term in the reader's words: on the case, on the decision, in the letter that answers."""

from collections.abc import Iterator

from django.utils.translation import gettext

from rejent.cases import queries as cases
from rejent.cases.views import CaseView
from rejent.retention import queries as retention
from rejent.retention.queries import ErasureView, HoldView
from rejent.web.cases.recorded import extent_words
from rejent.web.words.wording import moment_digits, span_digits


def erasures_of(view: CaseView) -> list[ErasureView]:
    """Return what an application wants erased, without what it asked for no longer once it was corrected."""
    found = retention.erasures_of(view.number) if view.application.right else []
    return [one for one in found if one.state != "dropped" or _dropped_by_decision(one, view)]


def _dropped_by_decision(one: ErasureView, view: CaseView) -> bool:
    """Return whether an erasure was dropped by the decision on its application, not by a correction before it."""
    return view.decision is not None and one.decided_at == view.decision.at


def standing_words(one: ErasureView) -> str:
    """Return how an erasure stands: asked for, granted, done with its proof, or not granted."""
    match one.state:
        case "asked":
            if one.blocks:
                return gettext("nobody opens it until the decision")
            return gettext("waits for the decision; it follows its ordinary term meanwhile")
        case "dropped":
            return gettext("not erased; it follows its ordinary term")
        case "done":
            facts = {"moment": moment_digits(one.done_at) if one.done_at else "", "count": one.segments}
            done = gettext("erased %(moment)s, recordings: %(count)s") % facts
            proof = {"entry": one.done_entry, "digest": one.digest or "–"}
            return (
                f"{done}; {gettext('entry %(entry)s of the register of actions, digest %(digest)s') % proof}"
            )
        case _:
            if _keeping(one):
                return gettext("granted; nobody opens it, and what a hold keeps goes once that ends")
            return gettext("granted; nobody opens it, and it goes in the next round of the program")


def _keeping(one: ErasureView) -> list[HoldView]:
    """Return the holds that keep what an erasure is of, or a part of it."""
    return retention.holds_over(one.source_id, one.start, one.end, one.item or None)


def kept_lines(one: ErasureView) -> Iterator[str]:
    """Yield, for the office alone, which hold keeps what of an erasure that is not done, and for whose proceedings."""
    if one.state not in {"asked", "decided"}:
        return
    for hold in _keeping(one):
        span = span_digits(max(hold.start, one.start), min(hold.end, one.end))
        facts = {"number": one.number, "hold": hold.number, "case": hold.case, "span": span}
        words = gettext(
            "%(number)s: hold %(hold)s (case %(case)s) keeps %(span)s; that goes only once it ends."
        )
        yield words % facts
        decision = cases.case(hold.case).decision if cases.known(hold.case) else None
        if decision is not None and decision.knowledge:
            yield gettext("The decision on %(case)s says that it may be evidence.") % facts


def erasure_lines(view: CaseView) -> Iterator[str]:
    """Yield each erasure of a case with how it stands; without numbers of holds, which are other people's."""
    for one in erasures_of(view):
        yield f"{one.number}: {extent_words(one)} – {standing_words(one)}."


def office_lines(view: CaseView) -> Iterator[str]:
    """Yield each erasure of a case with how it stands and which holds keep it: on pages of the office, in no letter."""
    yield from erasure_lines(view)
    for one in erasures_of(view):
        yield from kept_lines(one)
