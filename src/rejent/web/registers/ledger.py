"""The register of actions: one sentence an act, newest first, and a page that proves an entry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from rejent.catalog import queries as catalog
from rejent.kernel.acts import all_acts
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.kernel.numbers import LARGEST_ID, read_number
from rejent.ledger.commitment import commitment_of
from rejent.ledger.errors import NoteRefusedError
from rejent.ledger.location import LedgerLocation
from rejent.ledger.merkle import consistency_proof, leaf_hash, verify_inclusion
from rejent.ledger.proof import Proof, parse_proof
from rejent.ledger.signed.checkpoint import Checkpoint, open_checkpoint
from rejent.ledger.signed.note import VerifierKey
from rejent.office import queries as office
from rejent.office.views import PersonView
from rejent.registers import queries
from rejent.registers.books.acts import Acts
from rejent.registers.books.closing import closings
from rejent.registers.exporting import Selection
from rejent.registers.queries import EnteredAct
from rejent.registers.signing import checkpoints
from rejent.web.registers.exports import MOST_PRINTED, ROWS_A_VOLUME
from rejent.web.registers.register_filter import read_filter
from rejent.web.requests.visitor import PersonRequest
from rejent.web.route_permissions import may_enter
from rejent.web.words import acts, wording
from rejent.web.words.act_names import kind_words, kinds_by_group, noun_of
from rejent.web.words.acts import ActView, Names, ReadableFacts, act_views

ROWS = 100


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
        "has_witness": settings.LEDGER.witness is not None,
        "has_authority": bool(settings.LEDGER.authority),
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
    before, after = _place(request.GET.get("before", "")), _place(request.GET.get("after", ""))
    after = None if before is not None else after
    return queries.acts(**chosen.criteria, before=before, after=after, begin=begin, limit=ROWS)


def _kept(request: PersonRequest) -> dict[str, str]:
    return {name: str(value) for name, value in request.GET.items() if value}


def _number(written: str, size: int) -> tuple[int | None, str]:
    """Return the number of an entry, blanks between digits left out, and what is wrong with it."""
    bare = "".join(written.split())
    if not bare:
        return None, ""
    number = _place(bare)
    if number is None or number >= size:
        last = {"last": wording.number(size - 1)}
        return None, gettext("There is no entry of that number; they run from 0 to %(last)s.") % last
    return number, ""


def _days(kept: dict[str, str]) -> list[tuple[str, str, bool]]:
    today = civil_date(settings.CLOCK.now())
    last = wording.day_digits(today)
    spans = [(gettext("today"), 0), (gettext("seven days"), 6), (gettext("thirty days"), 29)]
    return [
        (words, urlencode({**kept, **span}), span.items() <= kept.items())
        for words, back in spans
        for span in [{"first": wording.day_digits(today - timedelta(days=back)), "last": last}]
    ]


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


def entry_proof(request: PersonRequest, index: int) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Return the proof file, to be checked elsewhere."""
    response = HttpResponse(
        checkpoints.prove(settings.LEDGER, index), content_type="text/plain; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="wpis-{index}.tlog-proof"'
    return response


def _place(written: str) -> int | None:
    return read_number(written, most=LARGEST_ID)


"""More than any database counts to."""


_PEOPLE = frozenset({"person", "second", "issuer", "in_place_of", "confirmed_by"})
_NUMBERED = {
    "hold.": "hold",
    "protocol.": "protocol",
    "commission.": "commission",
    "plate.": "plate",
    **dict.fromkeys(("copy.made", "copy.renewed", "copy.dying", "copy.destroyed"), "copy"),
}
"""The page of the document whose number stands in an act, by the beginning of the act's name."""
_LISTED = {
    "authorisation.": "authorisations",
    "fault.": "faults",
    "publication.": "publications",
    "destruction.": "destructions",
}
"""The same for documents without a page of their own: the list that they stand in."""
_OPENS, _ENDS = "\ue000", "\ue001"
"""Signs of no script, around what becomes a link."""


def linked_acts(
    entries: Iterable[EnteredAct], reader: PersonView, names: Names
) -> list[tuple[ActView, SafeString]]:
    """Return the acts with their sentences, in which only what is open to the reader is a link."""
    views = act_views(listed := list(entries), links=True, names=names)
    return [
        (view, _linked_sentence(entry, view, reader, names))
        for entry, view in zip(listed, views, strict=True)
    ]


def _linked_sentence(entry: EnteredAct, view: ActView, reader: PersonView, names: Names) -> SafeString:
    """Return the sentence with its links, after whoever acted where it does not name them; the program goes without saying."""
    sentence = conditional_escape(view.sentence)
    act = all_acts().get(entry.act)
    if act is not None and entry.facts is not None:
        shown = ReadableFacts(entry.facts, names)
        addresses = {fact: to for fact, to in _addresses(entry, reader, names).items() if shown.get(fact)}
        marked = {fact: f"{_OPENS}{fact}{_ENDS}" for fact in addresses}
        sentence = conditional_escape(act.describe({**shown, **marked}))
        for fact, address in addresses.items():
            link = format_html('<a href="{}">{}</a>', address, shown[fact])
            sentence = SafeString(sentence.replace(marked[fact], link))
    if not entry.actor or view.who in view.sentence:
        return mark_safe(sentence)  # noqa: S308 - escaped above
    who = _actor(entry, view, reader, names)
    return format_html("{}: {}", who, mark_safe(sentence))  # noqa: S308 - escaped above


def _actor(entry: EnteredAct, view: ActView, reader: PersonView, names: Names) -> SafeString:
    if names.knows_person(entry.actor) and may_enter(reader, "person"):
        return format_html('<a href="{}">{}</a>', reverse("person", args=[entry.actor]), view.who)
    return format_html("<b>{}</b>", view.who)


def _addresses(entry: EnteredAct, reader: PersonView, names: Names) -> Mapping[str, str]:
    facts = entry.facts or {}
    found: dict[str, tuple[str, list[object]]] = {
        fact: ("person", [facts[fact]])
        for fact in _PEOPLE & facts.keys()
        if names.knows_person(str(facts[fact]))
    }
    if names.knows_source(str(facts.get("source", ""))):
        found["source"] = ("source", [facts["source"]])
    if isinstance(facts.get("index"), int):
        found["index"] = ("entry", [facts["index"]])
    if number := facts.get("number"):
        for begun, route in _NUMBERED.items():
            found |= {"number": (route, [number])} if entry.act.startswith(begun) else {}
        for begun, route in _LISTED.items():
            found |= {"number": (route, [])} if entry.act.startswith(begun) else {}
    return {
        fact: reverse(route, args=args) for fact, (route, args) in found.items() if may_enter(reader, route)
    }


MATCHES, DIFFERS, UNCHECKED = "recording", "stopped", "neutral"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a proof: the sentence, and whether it holds."""

    sentence: str
    result: str

    @property
    def words(self) -> str:
        """The result in words."""
        return {
            MATCHES: gettext("matches"),
            DIFFERS: gettext("does not match"),
            UNCHECKED: gettext("not checked"),
        }[self.result]


@dataclass(frozen=True, slots=True)
class ProofPage:
    """The proof on the page of an entry, with the numbers for those who repeat it; ``waiting`` until a signed state covers it."""

    steps: list[Step]
    waiting: bool
    numbers: list[tuple[str, str]]

    @property
    def holds(self) -> bool:
        """Return whether nothing that was checked differs, and something was checked."""
        results = [step.result for step in self.steps]
        return DIFFERS not in results and MATCHES in results


def proof_page(place: LedgerLocation, index: int) -> ProofPage:
    """Check an entry now, step by step."""
    try:
        proof = parse_proof(checkpoints.prove(place, index))
    except RejentError as error:
        waiting = error.code.endswith("checkpointed") or "checkpoint" in error.code
        return ProofPage([Step(error.sentence(gettext), UNCHECKED if waiting else DIFFERS)], waiting, [])
    key = place.verifier() or VerifierKey.parse(proof.key)
    state = _signed_state(proof, key)
    steps = [
        _record_step(proof),
        _inclusion_step(proof, state),
        _growth_step(place, state),
        _witness_step(place, state),
    ]
    return ProofPage(steps, waiting=False, numbers=_numbers(proof, state))


def _signed_state(proof: Proof, key: VerifierKey) -> Checkpoint | None:
    try:
        return open_checkpoint(proof.checkpoint, key)
    except RejentError:
        return None


def _record_step(proof: Proof) -> Step:
    sentence = gettext("This is the record that was entered; not a letter of it has changed.")
    if proof.record is None or proof.salt is None:
        return Step(gettext("The record of this entry was erased; its place in the ledger stays."), UNCHECKED)
    try:
        return Step(sentence, MATCHES if commitment_of(proof.salt, proof.record) == proof.leaf else DIFFERS)
    except RejentError:
        return Step(sentence, DIFFERS)


def _inclusion_step(proof: Proof, state: Checkpoint | None) -> Step:
    sentence = gettext(
        "The entry is in the ledger, in the place with its number, under a state signed by the office."
    )
    if state is None:
        return Step(sentence, DIFFERS)
    try:
        verify_inclusion(leaf_hash(proof.leaf), proof.index, state.size, proof.path, state.root)
    except RejentError:
        return Step(sentence, DIFFERS)
    return Step(sentence, MATCHES)


def _growth_step(place: LedgerLocation, state: Checkpoint | None) -> Step:
    sentence = gettext("Since then the ledger has only grown. Nothing was removed or changed.")
    head = queries.tree_head()
    if state is None or head.size < state.size:
        return Step(sentence, DIFFERS)
    same = place.log.edge(state.size).root() == state.root
    return Step(sentence, MATCHES if same else DIFFERS)


def _witness_step(place: LedgerLocation, state: Checkpoint | None) -> Step:
    watcher = place.open_witness()
    if watcher is None or state is None:
        return Step(
            gettext("A witness outside the office confirmed the state. No witness is set up here."), UNCHECKED
        )
    sentence = gettext("A witness outside the office confirmed the state of the ledger.")
    try:
        kept = watcher.last_checkpoint()
        if kept is None:
            return Step(sentence, UNCHECKED)
        path = (
            consistency_proof(kept.size, state.size, place.log.nodes(state.size))
            if kept.size < state.size
            else []
        )
        watcher.compare(state, path)
    except NoteRefusedError:
        return Step(sentence, UNCHECKED)
    except RejentError:
        return Step(sentence, DIFFERS)
    return Step(sentence, MATCHES)


def _numbers(proof: Proof, state: Checkpoint | None) -> list[tuple[str, str]]:
    numbers = [(gettext("Entry"), str(proof.index)), (gettext("Commitment"), proof.leaf.hex())]
    if state is not None:
        numbers += [
            (gettext("Ledger"), state.origin),
            (gettext("Size of the signed state"), str(state.size)),
            (gettext("Root"), state.root.hex()),
        ]
    return [*numbers, (gettext("Public key"), proof.key)]
