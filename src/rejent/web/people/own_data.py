"""A person's page of their own data: what each stream keeps about them, until when, on what ground, and who looked (GDPR art. 15)."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from rejent.access import authorisation_queries
from rejent.access import queries as access
from rejent.access.views import ViewingView
from rejent.kernel.clock import civil_date
from rejent.notices.documents.truth import Truth
from rejent.notices.queries import truths
from rejent.office import queries
from rejent.office.errors import NoRegulationError
from rejent.office.people import statements
from rejent.office.people.role_words import ENGAGEMENTS, ROLES
from rejent.registers import queries as registers
from rejent.retention import queries as retention
from rejent.web.people.statement_text import facts_of, reader_language
from rejent.web.requests.visitor import PersonRequest
from rejent.web.stream_parts import OWN_DATA, OwnRecording
from rejent.web.words import acts

LOOKED_AFTER = timedelta(days=30)
"""Time after a viewing ended until it is shown to whom the recording is tied: no proceeding that it serves is given away (GDPR art. 23);
within the month of art. 12(3)."""
SHOWN = 20
"""Own viewings and signings in that are listed."""


def own_data(request: PersonRequest) -> HttpResponse:
    """Show the signed-in person what is kept about them, and nobody else's anything."""
    person, clock = queries.person(request.person.id), settings.CLOCK
    names = acts.Names()
    signed_in = registers.acts(
        names=("session.opened", "session.refused"), subject=f"person:{person.id}", limit=SHOWN
    ).acts
    context = {
        "me": person,
        "roles": [ROLES[role] for role in ROLES if role in person.roles],
        "engagement": ENGAGEMENTS.get(person.engagement, person.engagement),
        "streams": list(_streams(request, names)),
        "statements": statements.statements(person.id),
        "authorisations": authorisation_queries.authorisations(person_id=person.id),
        "viewings": [
            (one, names.sources(one.source_ids), names.purpose(one.purpose))
            for one in access.viewings(person_id=person.id, limit=SHOWN)
        ],
        "sign_ins": acts.act_views(signed_in, links=False, names=names),
        "delay": LOOKED_AFTER.days,
        "today": civil_date(clock.now()),
    }
    return render(request, "people/own_data.html", context)


def _streams(request: PersonRequest, names: acts.Names) -> Iterator[dict[str, Any]]:
    try:
        known = {each.stream: each for each in truths(reader_language(), clock=settings.CLOCK)}
    except NoRegulationError:
        return
    for stream, part in OWN_DATA.items():
        if stream in known:
            own = part(queries.person(request.person.id))
            tied = [_tied(each, names) for each in own.recordings]
            read = [
                (
                    civil_date(one.opened_at),
                    names.person(str(one.person_id)),
                    one.case,
                    names.purpose(one.purpose),
                    own.remarks.get(one.id, ""),
                )
                for one in _disclosable(own.viewings)
            ]
            yield {
                "name": str(known[stream].sayings.name),
                "facts": _facts(known[stream]),
                "own": own,
                "tied": tied,
                "read": read,
            }


def _facts(truth: Truth) -> list[tuple[str, tuple[str, ...]]]:
    controller = (gettext("Controller"), (truth.office.regulation.controller,))
    return [*facts_of(truth, "purposes", "retention", "recipients", "rights"), controller]


def _tied(recording: OwnRecording, names: acts.Names) -> dict[str, Any]:
    term = retention.term(recording.source_id, recording.day, settings.CLOCK)
    looked = [
        (civil_date(one.opened_at), names.purpose(one.purpose))
        for one in _disclosable(
            access.viewings(item=recording.item, until=settings.CLOCK.now() - LOOKED_AFTER)
        )
    ]
    return {"recording": recording, "last_day": term.last_day if term else None, "looked": looked}


def _disclosable(viewings: Sequence[ViewingView]) -> list[ViewingView]:
    until = settings.CLOCK.now() - LOOKED_AFTER
    return [one for one in viewings if (one.closed_at or one.expires_at) <= until]
