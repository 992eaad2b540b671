"""The start page: what does not work, what waits for its reader, what happened; and nothing else."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.access import queries as access
from rejent.access.viewings import protocols
from rejent.kernel.acts import all_acts
from rejent.kernel.clock import civil_date
from rejent.office.regulation.vocabulary import RoleName
from rejent.registers import queries as registers
from rejent.registers.queries import EnteredAct
from rejent.web.desk import LEAST_GROUPED, Line, Reader, group_alike
from rejent.web.pages.desks import desks
from rejent.web.requests.visitor import PersonRequest, session_of
from rejent.web.route_permissions import may_enter
from rejent.web.stream_parts import PAGES
from rejent.web.words import acts
from rejent.web.words.act_names import noun_of

_DIGEST = re.compile("[0-9a-f]{64}")
SHOWN_ACTS = 8
LOOKED_AT = 200
"""Acts that are looked at for the lines on what happened."""
_MOST_DONE: Mapping[str, tuple[str, str | Promise, str]] = {
    RoleName.CLERK: ("case-new", _("Enter an application"), "plus"),
    RoleName.SECRETARY: ("case-new", _("Enter an application"), "plus"),
    RoleName.HEAD: ("cases", _("Applications"), "clock"),
    RoleName.DEPUTY: ("cases", _("Applications"), "clock"),
    RoleName.PROTECTION_OFFICER: ("supervision", _("Week of supervision"), "shield-check"),
    RoleName.ADMINISTRATOR: ("sources", _("Sources"), "device-cctv"),
    RoleName.IT_UNIT: ("sources", _("Sources"), "device-cctv"),
    RoleName.CONTRACTOR: ("sources", _("Sources"), "device-cctv"),
}
"""What a role does most: page, words and icon of the first button; of all others it is what an authorisation opens."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button at the head of the page."""

    address: str
    title: str | Promise
    icon: str


@dataclass(frozen=True, slots=True)
class Happening:
    """One line on what happened: a sentence, by whom, when, until when, and where it stands; empty where it is not theirs to open."""

    words: str
    who: str
    at: datetime
    until: datetime | None
    address: str


def start(request: PersonRequest) -> HttpResponse:
    """Show the alarms, duties and acts that concern the person's roles."""
    if not request.person.admitted:
        return redirect("own-statement")
    reader = Reader(request.person, session_of(request), settings.CLOCK.now())
    every = [trouble for desk in desks() for trouble in desk.wrong(reader.now)]
    wrong = [trouble.line for trouble in every if trouble.told(reader.person)]
    waits = sorted((line for desk in desks() for line in desk.waits(reader)), key=_urgency)
    context = {
        "wrong": group_alike(wrong),
        "all_works": not every and any(reader.may(act) for act in ("see-status", "see-storage", "see-due")),
        "notes": [line for desk in desks() for line in desk.notes(reader)],
        "waits": group_alike(waits),
        "sees_waiting": bool(waits)
        or any(reader.may(act) for act in ("see-holds", "enter-gate", "issue-authorisation")),
        "sees_all": reader.may("see-ledger"),
        "happened": _find_happenings(reader),
        "today": reader.today,
        "buttons": _buttons(reader),
    }
    return render(request, "pages/start.html", context)


def _urgency(line: Line) -> tuple[date, datetime]:
    """Return by when a line is due; what nothing sets a day for comes last, on a day what has no moment."""
    return line.due or date.max, line.until or datetime.max.replace(tzinfo=UTC)


def _buttons(reader: Reader) -> list[Button]:
    """Return what the person begins with, first what leads on: an owed protocol, what the role does most, what is opened."""
    found = []
    if owed := protocols.unfinished(reader.person.id):
        words = gettext("Finish protocol %(n)s") % {"n": owed}
        found.append(Button(reverse("protocol-write", args=[owed]), words, "pencil"))
    for role, (route, title, icon) in _MOST_DONE.items():
        if role in reader.person.roles and may_enter(reader.person, route):
            found.append(Button(reverse(route), title, icon))
            break
    places = [(stream, place) for stream, pages in PAGES.items() for place in pages.places if place.begins]
    places.sort(key=lambda one: one[1].begins != "recordings")
    for stream, place in places:
        if access.visible_sources(reader.person, place.begins, clock=settings.CLOCK, of_stream=stream):
            found.append(Button(reverse(place.route), place.title, place.icon))
    return found


def _find_happenings(reader: Reader) -> list[Happening]:
    """Return the latest acts: many of a kind within a day in one line, what began and ended with both times."""
    everything = reader.may("see-ledger")
    actor = None if everything else str(reader.person.id)
    page = registers.acts(names=acts.peoples_own(), actor=actor, limit=LOOKED_AT)
    merged = list(_merge_ended(page.acts))
    shown = _group_alike(merged)[:SHOWN_ACTS]
    return [
        _describe_group(group, linked=everything)
        if len(group) >= LEAST_GROUPED
        else _describe_one(*group[0], linked=everything)
        for group in shown
    ]


Ended = tuple[EnteredAct, datetime | None]


def _group_alike(merged: Iterable[Ended]) -> list[list[Ended]]:
    """Return acts of a kind of one day together where there are many, all others one by one; by the newest of each."""
    kinds: dict[tuple[str, date], list[Ended]] = {}
    for one in merged:
        kinds.setdefault((one[0].act, civil_date(one[0].at)), []).append(one)
    groups = [
        part
        for kind in kinds.values()
        for part in ([kind] if len(kind) >= LEAST_GROUPED else [[one] for one in kind])
    ]
    return sorted(groups, key=lambda group: -group[0][0].index)


def _describe_group(group: Sequence[Ended], *, linked: bool) -> Happening:
    newest, oldest = group[0][0], group[-1][0]
    day = civil_date(newest.at).isoformat()
    words = gettext("%(act)s: %(n)s times") % {"act": noun_of(newest.act), "n": len(group)}
    if newest.act in _BEGINNINGS:
        ended = sum(until is not None for _, until in group)
        words = gettext("%(words)s; of these over: %(n)s") % {"words": words, "n": ended}
    asked = urlencode({"kind": noun_of(newest.act), "first": day, "last": day})
    return Happening(words, "", oldest.at, newest.at, f"{reverse('ledger')}?{asked}" if linked else "")


def _describe_one(entry: EnteredAct, until: datetime | None, *, linked: bool) -> Happening:
    (view,) = acts.act_views([_without_digests(entry)], links=linked)
    who = view.who if linked and view.who not in view.sentence else ""
    address = reverse("entry", args=[view.index]) if linked else ""
    return Happening(view.sentence, who, view.at, until, address)


def _without_digests(entry: EnteredAct) -> EnteredAct:
    """Return an act without the digests that its sentence can do without; they stand on the page of the entry."""
    act = all_acts().get(entry.act)
    if act is None or entry.facts is None or entry.changed:
        return entry
    kept = {
        name: fact
        for name, fact in entry.facts.items()
        if not (_DIGEST.fullmatch(str(fact)) and act.has_template_for(name))
    }
    return replace(entry, facts=kept)


_ENDS = {
    "viewing.closed": ("viewing.opened", "number"),
    "live.stopped": ("live.started", "watch"),
    "fault.closed": ("fault.opened", "number"),
}
"""Acts that end what another began: which one, and the fact by which both are known."""
_BEGINNINGS = frozenset(opener for opener, _ in _ENDS.values())


def _merge_ended(entries: Sequence[EnteredAct]) -> Iterator[Ended]:
    """Yield the acts, newest first, each with the end of what it began; an end whose beginning is among them stands with it."""
    begun = {(entry.act, fact): entry for entry in entries for fact in _known_by(entry, entry.act)}
    ended: dict[int, datetime] = {}
    for entry in entries:
        opener, __ = _ENDS.get(entry.act, ("", ""))
        beginning = next(
            (begun[opener, fact] for fact in _known_by(entry, opener) if (opener, fact) in begun), None
        )
        if beginning is not None:
            ended[beginning.index] = entry.at
        else:
            yield entry, ended.get(entry.index)


def _known_by(entry: EnteredAct, opener: str) -> Iterator[str]:
    names = {name for beginning, name in _ENDS.values() if beginning == opener}
    yield from (str(entry.facts[name]) for name in names if entry.facts and name in entry.facts)
