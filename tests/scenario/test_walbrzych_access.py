"""Wałbrzych records calls only: nobody sees a picture, and the words on who hears calls are decided as they stand.

The regulation is `004_67d0c22f18bfc75d.txt`, § 6 ust. 2–3 and § 8 ust. 1. Calls cannot be recorded or played yet; so what its
people do is walked in a browser as far as pages go, and the rest is asked of the decision itself.

> § 6 ust. 2: Z serwerem, na którym są przechowywane nagrania mogą łączyć się tylko wybrane stacje robocze (komputery).
> § 6 ust. 3: Dostęp do nagrań mają upoważnieni pracownicy MOPS, a w przypadku wystąpienia problemów technicznych osoby świadczące usługi konserwacji urządzeń rejestrujących na podstawie umowy powierzenia
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from rejent.access import queries
from rejent.access.rules.decision import Grant, Request, Rule, SeeingAct, Statement, decide
from rejent.devices.views import ClientStation, Lack
from rejent.kernel.clock import SystemClock
from rejent.office import services
from rejent.office.regulation.loading import example
from tests.scenario import story
from tests.scenario.regulated import CALLED, CALLER, Regulated, regulated

PEOPLE = {
    "dyrektor": ("head", ""),
    "podawcze": ("clerk", ""),
    "upowazniona": ("viewer", "recordings"),
    "informatyk": ("administrator", ""),
    "konserwator": ("contractor", ""),
    "inspektor": ("iod", ""),
}
DAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def mops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regulated]:
    """The centre."""
    with regulated(tmp_path_factory.mktemp("mops"), "walbrzych-mops", PEOPLE) as office:
        yield office


@pytest.mark.browser
def test_where_only_calls_are_prescribed_nobody_sees_a_picture(mops: Regulated) -> None:
    """No camera can be added, by whoever runs the machine either; wall and search are closed to all, with the reason."""
    refused = mops.command(
        "source add", "--stream", "video", "--name", "Hol", "--url", "rtsp://192.0.2.7/hol", "--building", "MOPS", "--place",
        "hol", "--kind", "hall",
    )  # fmt: skip
    assert refused.status != 0
    assert "video" in refused.line()
    for name in ("dyrektor", "upowazniona", "informatyk"):
        mops.person(name).is_refused_the_live_picture("nie przewiduje tego rodzaju monitoringu: kamery")
        mops.person(name).is_offered_no_recording("nie przewiduje tego rodzaju monitoringu: kamery")


@pytest.mark.browser
def test_maintenance_comes_in_for_a_fault_under_an_agreement_and_goes_with_it(mops: Regulated) -> None:
    """§ 6 ust. 3: before the fault nothing opens; while it is open the state of the machine does, and never a recording; then nothing again."""
    firm, runs, decides = mops.person("konserwator"), mops.person("informatyk"), mops.person("dyrektor")
    firm.is_refused("/sources")
    decides.sends(
        "/agreements/new", number="MOPS/7/2026", party="Serwis Central", concluded_on="dziś", valid_from="dziś",
        listed="Osoba konserwator",
    )  # fmt: skip
    firm.is_refused("/sources")
    runs.sends("/faults/new", source="machine", description="Serwer nagrań nie odpowiada.")
    firm.reads("/sources")
    for closed in ("/people", "/viewings", "/ledger", "/authorisations"):
        firm.is_refused(closed)
    firm.is_offered_no_recording("nigdy nie")
    runs.page.goto(f"{mops.base}/faults")
    runs.page.click("a[href*='/faults/close/']")
    runs.fills(outcome="Wymieniono zasilacz.")
    firm.has_to_sign_in_for("/sources")
    assert [mops.acts(act) for act in ("agreement.entered", "fault.opened", "fault.closed")] == [1, 1, 1]
    assert mops.acts("viewing.opened") == 0


@pytest.mark.django_db
def test_calls_are_heard_by_authorised_staff_from_chosen_stations_only(settings: object) -> None:
    """§ 6 ust. 2–3, § 8 ust. 1: with authorisation, purpose and case at a listed station; elsewhere, or as the maintenance firm, not."""
    settings.CLOCK = SystemClock()
    services.activate_regulation(
        example("walbrzych-mops"), in_force_from=date(2026, 1, 1), clock=settings.CLOCK, actor=""
    )
    provisions = queries.provisions("calls", DAY)
    asked = Request(
        act=SeeingAct.RECORDINGS,
        stream="calls",
        source_id="switchboard",
        day=DAY,
        active=True,
        roles=frozenset({"viewer"}),
        grants=(Grant("U-2026-1", frozenset({"recordings"}), "calls", None, DAY, DAY),),
        provisions=provisions,
        statement=Statement("obsluga", "MOPS.5.2026", acknowledged=True),
        client_station=ClientStation("1", "Sekretariat", None),
    )
    assert decide(asked).rule is Rule.AUTHORISED
    assert (
        decide(replace(asked, client_station=ClientStation(lack=Lack.UNKNOWN))).rule
        is Rule.STATION_NOT_LISTED
    )
    assert decide(replace(asked, grants=())).rule is Rule.NOT_AUTHORISED
    assert decide(replace(asked, act=SeeingAct.LIVE)).rule is Rule.NOBODY
    for role in ("administrator", "head", "clerk"):
        assert decide(replace(asked, roles=frozenset({role}))).rule is Rule.ROLE_NOT_NAMED
    for role in ("contractor", "iod", "guard"):
        assert decide(replace(asked, roles=frozenset({role, "viewer"}))).rule is Rule.ROLE_EXCLUDED


@pytest.mark.browser
def test_a_call_is_kept_for_who_called_copied_and_given_to_the_police(mops: Regulated) -> None:
    """§ 7 ust. 1 and 4–9: found by both numbers, day and hour, consented to for one of two calls, labelled with six items, entered with eight columns.

    > § 7 ust. 4: Osoba zainteresowana zabezpieczeniem nagrań […] może zwrócić się pisemnie do Dyrektora […]. Wniosek należy złożyć w Biurze Podawczym […], w terminie do 14 dni […]. Wnioski złożone po tym terminie mogą nie gwarantować zabezpieczenia nagrania
    > § 7 ust. 5: […] numer telefonu, z którego wykonano połączenie, numer telefonu, na który dokonano połączenia, dokładną datę oraz przybliżoną godzinę połączenia.
    > § 7 ust. 6: a) numer porządkowy kopii b) okres (data i godzina), którego dotyczy nagranie c) numer telefonu osoby wykonującej połączenie przychodzące d) numer telefonu MOPS, na który dokonano połączenia e) data wykonania kopii f) dane osoby, która sporządziła kopię.
    > § 7 ust. 8: […] g) podpis osoby, która sporządziła kopię h) informacje o udostępnieniu lub zniszczeniu kopii.
    > § 7 ust. 9: Kopia […] udostępniana jest jedynie uprawnionym instytucjom, np.: Policji.
    """
    clerk, director, runs = (mops.person(name) for name in ("podawcze", "dyrektor", "informatyk"))
    call = {
        "Numer, z którego dzwoniono": CALLER,
        "Numer wybrany": CALLED,
        "Dzień zdarzenia": "wczoraj",
        "Od albo około": "8:00",
    }
    asked = story.asked_for(clerk, "preservation")
    assert [field for field in asked if field in call] == [
        "Dzień zdarzenia",
        "Od albo około",
        *list(call)[:2],
    ]
    kept = story.enter(clerk, "preservation", {"Wnioskodawca": "Anna Przykładowa", **call}, camera=False)
    first, second = story.held(clerk, kept)
    story.decide(
        director, kept, "zgoda w części", kept=[first], Uzasadnienie="Drugiej rozmowy wniosek nie opisuje."
    )
    clerk.reads(f"/cases/{kept}", first, second)
    copy = story.copy(runs, kept)
    story.write(runs, copy)
    story.print_paper(runs, copy, copy, "+48 22 555 01 23", "+48 74 555 01 00", "Osoba informatyk")
    wanted = story.enter(
        clerk,
        "disclosure",
        {**story.POLICE, **call},
        camera=False,
    )
    story.decide(director, wanted, "zgoda")
    clerk.reads(f"/cases/{wanted}", f"Kopia {copy}. Trzeba przygotować i wydrukować dokument przekazania")
    story.hand_over(clerk, f"/cases/{wanted}")
    row = story.row(runs, "/copies", copy)
    assert list(row)[:8] == [
        "Numer porządkowy kopii", "Okres (data i godzina), którego dotyczy nagranie",
        "Numer telefonu osoby wykonującej połączenie przychodzące", "Numer telefonu MOPS, na który dokonano połączenia",
        "Data wykonania kopii", "Dane osoby, która sporządziła kopię", "Podpis osoby, która sporządziła kopię",
        "Informacje o udostępnieniu lub zniszczeniu kopii",
    ]  # fmt: skip
    assert "Komenda Powiatowa Policji" in row["Informacje o udostępnieniu lub zniszczeniu kopii"]
