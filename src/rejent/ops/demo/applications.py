"""Applications of a demo office: one that waits for its decision, one that was decided."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from rejent.kernel.clock import ManualClock, civil_date, local_midnight

if TYPE_CHECKING:
    from rejent.cases.views import Applicant, Application, Channel, Kind

HOUR = timedelta(hours=8, minutes=3)
TEXTS = {
    "place": "hol na parterze, przy okienku podawczym",
    "description": "Ktoś zabrał pozostawioną torbę z dokumentami.",
    "purpose": "zawiadomienie o podejrzeniu przestępstwa",
    "caller-number": "600 000 000",
    "called-number": "10 555 01 00",
    "telephone-number": "600 000 000",
    "legal-basis": "art. 15 ust. 1 pkt 6 ustawy o Policji",
    "case-number": "RSD-17/26",
}
"""What the applicants state, by the names of the fields; the people and the bodies are made up."""


def enter_applications(stream: str, clock: ManualClock, until: datetime) -> None:
    """Enter two applications of the days before: somebody's, which waits, and the police's, granted by the head."""
    from django.conf import settings

    from rejent.cases import services
    from rejent.cases.views import Applicant, Channel, Kind, State
    from rejent.office import queries as office

    clock.advance(max(until - timedelta(minutes=40) - clock.now(), timedelta()))
    today = civil_date(clock.now())
    somebody = Applicant("Anna Przykładowa", "ul. Polna 3, 00-000 Przykładowo", "tel. 600 000 000")
    police = Applicant("Komenda Powiatowa Policji w Przykładowie", "ul. Nowa 1, 00-000 Przykładowo")
    clerk, head = (office.person_by_username(name) for name in ("kancelaria", "burmistrz"))
    asked = (
        (Kind.DISCLOSURE, police, Channel.E_DELIVERY, today - timedelta(days=5)),
        (Kind.PRESERVATION, somebody, Channel.IN_PERSON, today - timedelta(days=4)),
    )
    entered = [
        services.enter_case(
            _application(
                stream,
                day,
                kind=kind,
                applicant=applicant,
                channel=channel,
                received_on=today - timedelta(days=1),
            ),
            clock=clock,
            ledger=settings.LEDGER,
            actor=str(clerk.id),
        )
        for kind, applicant, channel, day in asked
    ]
    services.decide_case(
        entered[0].number,
        State.GRANTED,
        reasons="Nagranie jest potrzebne w prowadzonym postępowaniu.",
        basis=TEXTS["legal-basis"],
        knowledge=True,
        person=head,
        clock=clock,
        ledger=settings.LEDGER,
    )


def _application(
    stream: str, day: date, *, kind: "Kind", applicant: "Applicant", channel: "Channel", received_on: date
) -> "Application":
    from rejent.cases.kinds import demands_of
    from rejent.cases.rules import sought
    from rejent.cases.views import Application
    from rejent.catalog import queries as catalog
    from rejent.office import queries as office

    demands = demands_of(office.streams(received_on)[stream], kind)
    about = local_midnight(day) + HOUR
    sources = sorted(catalog.sources(stream), key=lambda one: one.added_at)[:1]
    return Application(
        kind=kind,
        stream=stream,
        channel=channel,
        received_on=received_on,
        event_first=day,
        event_last=day,
        interval=sought(day, day, about, about + timedelta(minutes=6)),
        applicant=applicant,
        about=about,
        details={field.value: TEXTS[field.value] for field in demands.fields if field.value in TEXTS},
        source_ids=frozenset(one.id for one in sources),
    )
