"""The week of supervision: who saw what and why, in words; reviews; the report; who may and who may not."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from rejent.access import queries as access
from rejent.access.acts import REFUSED, VIEWING_OPENED
from rejent.access.models import LiveWatch, SampledViewing, SeenInterval, Viewing
from rejent.access.services import supervision
from rejent.access.supervision.samples import CLOSES_AFTER
from rejent.access.supervision.weeks import Week
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.registers.services import enter
from rejent.registers.signing.checkpoints import checkpoint
from rejent.web.supervision.week_digest import filed_digest
from tests.printed import claims_of, words_of
from tests.unit.web.conftest import NOON, ROLES, Browser

WEEK = Week.at(NOON)
MINUTE = timedelta(minutes=1)
OVERSEERS = {"head", "deputy", "iod", "secretary"}

Seen = Callable[..., Viewing]


@pytest.fixture
def seen(people: dict[str, PersonView], source: str, clock: ManualClock) -> Seen:
    """Enters that somebody viewed five minutes of the camera."""

    def viewed(role: str = "viewer", case: str = "OR.1431.7.2026") -> Viewing:
        number, now = f"O-2026-{Viewing.objects.count() + 1}", clock.now()
        purpose = next(iter(access.purposes("video", clock=clock)))
        row = Viewing.objects.create(
            number=number, person_id=people[role].id, source_id=source, start=now - timedelta(hours=1), end=now,
            purpose=purpose, case=case, session="s", opened_at=now, closed_at=now, expires_at=now,
        )  # fmt: skip
        SeenInterval.objects.create(viewing=row, start=row.start, end=row.start + 5 * MINUTE, at=now)
        with transaction.atomic():
            record = {"number": number, "person": str(row.person_id), "source": source, "purpose": purpose}
            told = {**record, "case": case, "start": row.start.isoformat(), "end": row.end.isoformat()}
            enter(VIEWING_OPENED, actor=str(row.person_id), subject=f"source:{source}", record=told, at=now)
        return row

    return viewed


def close_week(clock: ManualClock) -> None:
    """Go on to when the week is closed, enter something, sign, draw."""
    clock.advance(WEEK.interval.end + CLOSES_AFTER - clock.now())
    with transaction.atomic():
        enter(REFUSED, actor="", subject="", record={}, at=clock.now())
    checkpoint(settings.LEDGER, clock=clock)
    assert supervision.draw_samples(clock=clock) == 1


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.usefixtures("source")
def test_the_week_opens_to_overseers_alone(role: str, browser: Browser) -> None:
    """Head, deputy, data protection officer and secretary read it and find it in their navigation; nobody else does."""
    client = browser(role)
    assert client.get(reverse("supervision")).status_code == (200 if role in OVERSEERS else 403)
    linked = f'href="{reverse("supervision")}"' in client.get(reverse("start")).content.decode()
    assert linked is (role in OVERSEERS)
    taken = client.post(reverse("supervision-digest", args=[str(WEEK)]))
    assert taken.status_code == (200 if role in OVERSEERS else 403)


def test_whom_the_regulation_names_oversees(browser: Browser, clock: ManualClock) -> None:
    """A role that the regulation names as supervisor opens the week, and nothing else by it."""
    client = browser("clerk")
    assert client.get(reverse("supervision")).status_code == 403
    text = example("pleszew").replace('supervisors = ["iod"]', 'supervisors = ["clerk"]')
    office.activate_regulation(text, in_force_from=date(2026, 11, 21), clock=clock, actor="")
    page = client.get(reverse("supervision"))
    assert page.status_code == 200
    assert f'href="{reverse("ledger")}' not in page.content.decode()
    assert client.get(reverse("ledger")).status_code == 403


def test_the_week_says_who_saw_what_and_why(
    browser: Browser, seen: Seen, people: dict[str, PersonView], source: str, clock: ManualClock
) -> None:
    """Each person's line counts viewings and seconds, names purposes, cases and sources, and leads to the rows."""
    seen()
    seen(case="OR.1431.8.2026")
    LiveWatch.objects.create(
        person_id=people["guard"].id,
        sources=[source],
        started_at=clock.now(),
        stopped_at=clock.now() + 90 * MINUTE,
    )
    clock.advance(2 * MINUTE)
    client = browser("iod")
    text = client.get(reverse("supervision")).content.decode()
    assert "2 odtworzenia, przekazano: 10 minut." in text
    assert "obejrzano" not in text
    assert "przekazano 10 minut – otwarte przez 1 osobę" in text
    assert text.count("otwarte przez 1 osobę") == 2
    assert "Sprawy: OR.1431.7.2026, OR.1431.8.2026." in text
    assert "Źródła: Hol na parterze (2)." in text
    assert "Hol na parterze (Ratusz, hol)" in text
    rows = f"{reverse('viewings')}?week={WEEK}&amp;person={people['viewer'].id}"
    assert rows in text
    listed = client.get(rows.replace("&amp;", "&")).content.decode()
    assert listed.count('<th scope="row"') == 2
    assert (
        client.get(f"{reverse('viewings')}?week={WEEK.after(-1)}").content.decode().count('<th scope="row"')
        == 0
    )
    watched = client.get(f"{reverse('watches')}?week={WEEK}&person={people['guard'].id}").content.decode()
    assert watched.count('<th scope="row"') == 1
    assert "2 odtworzenia" not in client.get(reverse("supervision"), {"week": "2026-W46"}).content.decode()


def test_a_week_is_chosen_by_a_day_of_it_and_never_lies_ahead(browser: Browser) -> None:
    """A day leads to its week; what is no day is said; a week to come shows the one that runs."""
    client = browser("secretary")
    assert (
        "tydzień 02.11–08.11.2026"
        in client.get(reverse("supervision"), {"day": "4.11.2026"}).content.decode()
    )
    assert 'role="alert"' in client.get(reverse("supervision"), {"day": "31.2.2026"}).content.decode()
    assert (
        "tydzień 16.11–22.11.2026"
        in client.get(reverse("supervision"), {"week": "2027-W01"}).content.decode()
    )
    assert client.get(reverse("supervision"), {"week": "2026-W99"}).status_code == 200


def test_drawn_viewings_are_reviewed_on_a_page(browser: Browser, seen: Seen, clock: ManualClock) -> None:
    """The officer sees what a viewing was for, enters outcome and note, and the page and the week tell it."""
    viewing = seen()
    close_week(clock)
    client = browser("iod")
    week = client.get(reverse("supervision"), {"week": str(WEEK)}).content.decode()
    address = reverse("review", args=[viewing.number])
    assert f'href="{address}"' in week
    assert "jeszcze bez przeglądu" in week
    assert "Na przegląd czeka 1 odtworzenie" in client.get(reverse("start")).content.decode()
    assert "Na przegląd czeka" not in browser("head").get(reverse("start")).content.decode()
    page = client.get(address).content.decode()
    for words in ("Osoba viewer", "OR.1431.7.2026", "5 minut", "Hol na parterze"):
        assert words in page
    empty = client.post(reverse("review-enter", args=[viewing.number]), {})
    assert empty.status_code == 422
    given = {"outcome": "breach-suspected", "note": "Sprawy o tym znaku nie ma w rejestrze."}
    done = client.post(reverse("review-enter", args=[viewing.number]), given, follow=True).content.decode()
    assert "Sprawy o tym znaku nie ma w rejestrze." in done
    assert "Podejrzenie naruszenia" in done
    (act,) = registers.acts(names=["supervision.reviewed"]).acts
    assert "rejestrze" not in str(act.facts)


def test_who_may_not_review_reads_why(browser: Browser, seen: Seen, clock: ManualClock) -> None:
    """The head reads a review and enters none; a supervisor finds no form on a viewing of their own."""
    viewing = seen("secretary")
    close_week(clock)
    address, enters = reverse("review", args=[viewing.number]), reverse("review-enter", args=[viewing.number])
    given = {"outcome": "in-order", "note": "W porządku."}
    assert "<textarea" not in browser("head").get(address).content.decode()
    assert browser("head").post(enters, given).status_code == 403
    own = browser("secretary")
    assert "<textarea" not in own.get(address).content.decode()
    assert own.post(enters, given).status_code == 403
    assert "<textarea" in browser("iod").get(address).content.decode()
    assert SampledViewing.objects.get().reviews.count() == 0
    assert browser("iod").get(reverse("review", args=["O-2026-99"])).status_code == 404


def test_the_report_is_an_accessible_archive_file_and_entered(
    browser: Browser, seen: Seen, clock: ManualClock
) -> None:
    """PDF/A-2a and PDF/UA-1, with the sentences of the page; who took it and its digest stand in the ledger."""
    seen()
    close_week(clock)
    answer = browser("iod").post(reverse("supervision-digest", args=[str(WEEK)]))
    claims, words = claims_of(answer.content), words_of(answer.content)
    assert (claims["archive"], claims["accessible"]) == ("2A", "1")
    assert claims["title"] == "Raport z nadzoru, tydzień 16.11–22.11.2026"
    for told in (
        "1 odtworzenie, przekazano: 5 minut.",
        "Osoba viewer",
        "OR.1431.7.2026",
        "Wylosowano do przeglądu: 1 z 1",
    ):
        assert told in words
    (act,) = registers.acts(names=["supervision.report-taken"]).acts
    assert act.facts == {
        "week": str(WEEK),
        "sha256": hashlib.sha256(answer.content).hexdigest(),
        "kept": False,
    }


def test_the_filed_report_is_the_one_that_is_handed_out(
    browser: Browser, seen: Seen, clock: ManualClock
) -> None:
    """What the keeper filed, in Polish and without secret places, is what everybody gets of that week from then on."""
    seen()
    close_week(clock)
    with translation.override("en"):
        assert supervision.keep_weekly_reports(filed_digest, clock=clock) == 1
    clock.advance(timedelta(days=3))
    answer = browser("iod").post(reverse("supervision-digest", args=[str(WEEK)]))
    assert "Kto i po co" in words_of(answer.content)
    (act,) = registers.acts(names=["supervision.report-taken"]).acts
    assert act.facts is not None
    assert act.facts["kept"] is True
    (made,) = registers.acts(names=["supervision.report-made"]).acts
    assert made.facts is not None
    assert made.facts["sha256"] == act.facts["sha256"]


def test_secret_places_are_told_to_who_may_see_them(browser: Browser, seen: Seen, clock: ManualClock) -> None:
    """Where the regulation keeps places secret, a supervisor without the right to them reads names of sources alone."""
    text = example("pleszew").replace('supervisors = ["iod"]', 'supervisors = ["clerk"]')
    secret = text.replace('shown = "listed"', 'shown = "secret"')
    office.activate_regulation(secret, in_force_from=date(2026, 11, 21), clock=clock, actor="")
    seen()
    assert "Hol na parterze (Ratusz, hol)" in browser("iod").get(reverse("supervision")).content.decode()
    told = browser("clerk").get(reverse("supervision")).content.decode()
    assert "Hol na parterze" in told
    assert "Ratusz" not in told
    assert "Ratusz" not in words_of(filed_digest(WEEK))
