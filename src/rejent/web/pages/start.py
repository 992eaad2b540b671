"""The start page: what is wrong, what waits, what happened; and nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from rejent.access import authorisation_queries
from rejent.access import queries as access
from rejent.access.presence import queries as presence_queries
from rejent.access.rules.decision import may_administer
from rejent.access.supervision import reviews
from rejent.access.viewings import protocols, volume
from rejent.access.views import ProtocolState, SecondRequestState, SecondRequestView
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date, local_midnight
from rejent.kernel.explanations import explain_retention
from rejent.office import queries as office
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.registers.queries import EnteredAct
from rejent.retention import queries as retention
from rejent.retention.rounds.alarms import SLOT_TAKEN
from rejent.web.cases.copies.listing import copies_waiting
from rejent.web.cases.listing import cases_waiting
from rejent.web.notices.overview import notices_waiting
from rejent.web.people.contractor import sources_in_reach
from rejent.web.people.duties import Line, contractor_words, duties_waiting
from rejent.web.registers.protocol_forms import protocol_title
from rejent.web.requests.visitor import PersonRequest, session_of
from rejent.web.route_permissions import may_enter, route_permissions
from rejent.web.stream_parts import PAGES, Place
from rejent.web.words import acts, wording
from rejent.web.words.identifiers import in_words
from rejent.web.words.states import source_state

LOOK_AHEAD = timedelta(days=14)
SHOWN_ACTS = 8
MOST_WAITING = 20
"""Protocols listed one by one while they wait for a position; the register has them all."""


def start(request: PersonRequest) -> HttpResponse:
    """Show the alarms, duties and acts that concern the person's roles."""
    if not request.person.admitted:
        return redirect("own-statement")
    now = settings.CLOCK.now()
    waits = [*_own_requests(request), *_waits(request.person, now)]
    context = {
        "wrong": list(_wrong(request.person, now)),
        "waits": waits,
        "sees_wrong": any(_may(request.person, act) for act in ("see-status", "see-storage", "see-due")),
        "sees_waiting": bool(waits)
        or any(_may(request.person, act) for act in ("see-holds", "enter-gate", "issue-authorisation")),
        "sees_all": _may(request.person, "see-ledger"),
        "contractor": contractor_words(request.person),
        "happened": _happened(request.person),
        "today": civil_date(now),
        "begins": _begins(request.person),
        "unfinished": protocols.unfinished(request.person.id),
    }
    return render(request, "pages/start.html", context)


def _begins(person: PersonView) -> list[Place]:
    places = [(stream, place) for stream, pages in PAGES.items() for place in pages.places if place.begins]
    places.sort(key=lambda one: one[1].begins != "recordings")
    return [
        place
        for stream, place in places
        if access.visible_sources(person, place.begins, clock=settings.CLOCK, of_stream=stream)
    ]


def _may(person: PersonView, act: str) -> bool:
    return may_administer(person.roles, act).allowed


def _wrong(person: PersonView, now: datetime) -> Iterator[Line]:
    if _may(person, "see-status"):
        for source in sources_in_reach(person):
            state = source_state(source, now)
            if state.wrong:
                words = gettext("%(source)s: %(state)s") % {"source": source.name, "state": state.words}
                more = f"{state.cause}. {state.advice}".strip(". ") if state.cause else ""
                yield Line(state.kind, words, more, reverse("source", args=[source.id]))
    if _may(person, "see-storage"):
        forecast = catalog.storage_forecast(clock=settings.CLOCK)
        if not forecast.enough:
            more = gettext("Nothing will be deleted before its time; on a full disk recording stops.")
            yield Line(
                "attention",
                gettext("The storage does not hold the retention period"),
                more,
                reverse("storage"),
            )
    yield from _alarms(person)
    if _may(person, "see-viewings"):
        yield from _exceeded(now)
    if _may(person, "see-due"):
        clock = retention.clock_state()
        if clock is not None and clock.blocks:
            words = gettext("The clock jumped ahead; nothing is destroyed until it is confirmed")
            yield Line("stopped", words, wording.duration_words(clock.off_by_s), reverse("due"))
        overdue = len(retention.overdue(clock=settings.CLOCK))
        if overdue:
            words = ngettext(
                "%(n)s day of recordings is overdue for destruction",
                "%(n)s days of recordings are overdue for destruction",
                overdue,
            )
            yield Line("stopped", words % {"n": overdue}, "", reverse("due"))


def _alarms(person: PersonView) -> Iterator[Line]:
    """Yield what a kind of stream raised an alarm about, to whom its page opens."""
    pages_of = {kind: page for _, pages in PAGES.items() for kind, page in pages.alarms.items()}
    for one in retention.alarms():
        if one.kind == SLOT_TAKEN and _may(person, "see-status"):
            title = gettext("Somebody who is not the program holds the recorder's place in the database")
            advice = gettext(
                "Recording goes on. On PostgreSQL, end session %(session)s of the role %(role)s, and let nobody but the program connect to its database."
            )
            holder = {name: one.facts.get(name) for name in ("session", "role")}
            yield Line("stopped", title, advice % holder, reverse("sources"))
        if one.kind in pages_of and _may(person, route_permissions()[pages_of[one.kind][0]]):
            route, words = pages_of[one.kind]
            more = gettext("Since %(moment)s.") % {"moment": wording.moment_digits(one.raised_at)}
            yield Line("stopped", str(words), more, reverse(route))


def _waiting_reviews(person: PersonView) -> Iterator[Line]:
    waiting = reviews.count_waiting() if may_enter(person, "review-enter") else 0
    if waiting:
        words = ngettext("%(n)s viewing waits for a review", "%(n)s viewings wait for a review", waiting)
        more = gettext("Drawn by lot; the reviews are entered one by one.")
        yield Line("attention", words % {"n": waiting}, more, f"{reverse('supervision')}#reviews")


def _waits(person: PersonView, now: datetime) -> Iterator[Line]:
    today = civil_date(now)
    yield from _waiting_seconds(person)
    yield from _waiting_protocols(person, today)
    yield from _waiting_reviews(person)
    yield from _ending_tonight(person, now)
    yield from cases_waiting(person, today)
    for pages in PAGES.values():
        yield from pages.waits(person)
    yield from copies_waiting(person, today)
    if _may(person, "see-holds"):
        for hold in retention.holds(active=True):
            if hold.review_on <= today + LOOK_AHEAD and not hold.provisional:
                words = gettext("Review of hold %(number)s, case %(case)s") % {
                    "number": hold.number,
                    "case": hold.case,
                }
                more = f"{wording.day_words(hold.review_on)} – {wording.days_left((hold.review_on - today).days)}"
                yield Line("held", words, more, reverse("hold", args=[hold.number]))
    if _may(person, "enter-gate"):
        yield from _not_started(today)
    if _may(person, "issue-authorisation"):
        for held in authorisation_queries.ending(clock=settings.CLOCK):
            words = gettext("Authorisation %(number)s is ending") % {"number": held.number}
            left = wording.days_left(((held.valid_until or today) - today).days)
            more = f"{office.person(held.person_id).name} – {left}"
            yield Line("attention", words, more, reverse("authorisation-renew", args=[held.number]))
    yield from duties_waiting(person, today)
    yield from notices_waiting(person, today)


def _not_started(today: date) -> Iterator[Line]:
    for stream in office.streams_if_entered(today):
        missing = office.gates(stream, today).missing
        if missing:
            words = ngettext(
                "Monitoring not started (%(stream)s): %(n)s condition is missing",
                "Monitoring not started (%(stream)s): %(n)s conditions are missing",
                len(missing),
            )
            more = wording.sentence_words(missing[0].statement)
            named = {"n": len(missing), "stream": in_words("stream", stream) or stream}
            yield Line("attention", words % named, more, f"{reverse('regulation')}#stream-{stream}")


def _ending_tonight(person: PersonView, now: datetime) -> Iterator[Line]:
    midnight = local_midnight(civil_date(now) + timedelta(days=1))
    due = retention.due(midnight, clock=settings.CLOCK) if _may(person, "see-due") else []
    terms = [one.term for one in due if one.term.readable_until > now]
    if terms:
        words = ngettext(
            "Today is the last day of %(n)s day of recordings",
            "Today is the last day of %(n)s days of recordings",
            len(terms),
        )
        more = " ".join(map(wording.sentence_words, explain_retention(terms[0], now).result))
        yield Line("attention", words % {"n": len(terms)}, more, reverse("due"))


def _waiting_seconds(person: PersonView) -> Iterator[Line]:
    for asked in presence_queries.open_requests_for(person, clock=settings.CLOCK):
        words = gettext("%(name)s asks for a second person") % {"name": office.person(asked.person_id).name}
        yield Line("attention", words, _asked_words(asked), reverse("second-answer", args=[asked.id]))


def _own_requests(request: PersonRequest) -> Iterator[Line]:
    """Yield the way back to what a second person was asked for in this session."""
    for asked in presence_queries.own_open_requests(
        request.person, session_of(request), clock=settings.CLOCK
    ):
        agreed = asked.state(settings.CLOCK.now()) is SecondRequestState.AGREED
        words = gettext("The second person agrees: open the recording")
        if not agreed:
            words = gettext("Your request for a second person waits for an answer")
        kind = "held" if agreed else "attention"
        yield Line(kind, words, _asked_words(asked), reverse("second-asked", args=[asked.id]))


def _asked_words(asked: SecondRequestView) -> str:
    return gettext("%(source)s, case %(case)s, until %(time)s") % {
        "source": catalog.source(asked.source_id).name,
        "case": asked.case,
        "time": wording.time_digits(asked.expires_at),
    }


def _exceeded(now: datetime) -> Iterator[Line]:
    for one in volume.exceeded(clock=settings.CLOCK):
        words = gettext("%(name)s was given as much of recordings as one person may be") % {
            "name": office.person(one.person_id).name
        }
        more = gettext("More was refused: %(moment)s") % {"moment": wording.moment_near(one.refused_at, now)}
        yield Line("attention", words, more, reverse("viewings"))


def _waiting_protocols(person: PersonView, today: date) -> Iterator[Line]:
    """Yield the person's own protocol, those of people who have left for who concludes them, and positions to be stated."""
    if own := protocols.unfinished(person.id):
        view = protocols.protocol(own)
        words = gettext("%(protocol)s: finish it") % {"protocol": protocol_title(view)}
        more = gettext("Viewing of %(moment)s. Until then no further recording opens.") % {
            "moment": wording.moment_near(view.opened_at, settings.CLOCK.now())
        }
        yield Line("attention", words, more, reverse("protocol-write", args=[own]))
    if _may(person, "conclude-protocol"):
        for view in protocols.protocols([ProtocolState.UNFINISHED]):
            if office.standing(view.person_id, today) is None:
                words = gettext("%(protocol)s: finish it") % {"protocol": protocol_title(view)}
                more = gettext("%(name)s has left the office.") % {"name": office.person(view.person_id).name}
                yield Line("attention", words, more, reverse("protocol-write", args=[view.number]))
    if _may(person, "state-position"):
        yield from _waiting_positions(person)


def _waiting_positions(person: PersonView) -> Iterator[Line]:
    waiting = protocols.protocols([ProtocolState.WAITING], limit=MOST_WAITING + 1)
    for view in waiting[:MOST_WAITING]:
        if protocols.position_decision(view, person, clock=settings.CLOCK) is None:
            words = gettext("%(protocol)s waits for your position") % {"protocol": protocol_title(view)}
            more = gettext("case %(case)s") % {"case": view.case}
            yield Line("held", words, more, reverse("protocol", args=[view.number]))
    if waiting[MOST_WAITING:]:
        yield Line(
            "held",
            gettext("Older protocols wait for a position, too"),
            "",
            f"{reverse('protocols')}?state=waiting",
        )


def _happened(person: PersonView) -> list[acts.ActView]:
    """Return the latest acts; what began and ended is one line with both times."""
    everything = _may(person, "see-ledger")
    page = registers.acts(
        names=acts.peoples_own(), actor=None if everything else str(person.id), limit=SHOWN_ACTS * 3
    )
    merged = list(_merged(page.acts))[:SHOWN_ACTS]
    views = acts.act_views([entry for entry, _ in merged], links=everything)
    return [replace(view, until=until) for view, (_, until) in zip(views, merged, strict=True)]


_ENDS = {"viewing.closed": ("viewing.opened", "number"), "live.stopped": ("live.started", "watch")}
"""Acts that end what another began: which one, and the fact by which both are known."""


def _merged(entries: Sequence[EnteredAct]) -> Iterator[tuple[EnteredAct, datetime | None]]:
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
