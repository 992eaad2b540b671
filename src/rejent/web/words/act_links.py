"""Sentences of acts for the register's page: people, sources and documents are links, and who acted is named once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from rejent.kernel.acts import all_acts
from rejent.office.views import PersonView
from rejent.registers.queries import EnteredAct
from rejent.web.route_permissions import may_enter
from rejent.web.words.acts import ActView, Names, act_views, shown_facts

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


@dataclass(frozen=True, slots=True)
class LinkedAct:
    """An act, and its sentence with links for whoever reads it."""

    view: ActView
    told: SafeString


def linked_acts(entries: Iterable[EnteredAct], reader: PersonView, names: Names) -> list[LinkedAct]:
    """Return the acts with their sentences, in which only what is open to the reader is a link."""
    views = act_views(listed := list(entries), links=True, names=names)
    return [
        LinkedAct(view, _linked_sentence(entry, view, reader, names))
        for entry, view in zip(listed, views, strict=True)
    ]


def _linked_sentence(entry: EnteredAct, view: ActView, reader: PersonView, names: Names) -> SafeString:
    """Return the sentence with its links, after whoever acted where it does not name them; the program goes without saying."""
    sentence = conditional_escape(view.sentence)
    act = all_acts().get(entry.act)
    if act is not None and entry.facts is not None:
        shown = shown_facts(entry.facts, names)
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
    """Return where the facts of an act lead, as far as it is open to the reader."""
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
