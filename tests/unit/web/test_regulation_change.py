"""A new version of the regulation is entered in the pages: by who decides, from a day, with the statute beside each field."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from rejent.kernel.clock import ManualClock, civil_date
from rejent.office import queries
from rejent.office.regulation.findings import RegulationRefusedError
from rejent.office.regulation.loading import check, example, load
from rejent.registers import queries as registers
from rejent.web.regulation.form import RegulationForm
from rejent.web.words.wording import sentence_words
from tests.unit.web.conftest import NOON, Browser, regulation_with, text_of
from tests.unit.web.test_setup_pages import fields_of

CHANGE = "/regulation/change"


def sent(client: Client, **changed: Any) -> dict[str, Any]:
    """What a browser sends of the form, with something changed."""
    return fields_of(client.get(CHANGE)) | changed


def test_the_head_enters_a_version_from_a_day(browser: Browser, clock: ManualClock) -> None:
    """First it is shown what follows; confirmed, it is the head's act. What the form does not show stays as it was."""
    regulation_with(clock)
    head = browser("head")
    given = sent(
        head,
        **{
            "video-retention-count": "25",
            "video-copies-commission": "3",
            "in_force_from": "1.12.2026",
            "contact": "nowy-iod@pleszew.example",
        },
    )
    checked = head.post(CHANGE, {**given, "check": "1"})
    assert checked.status_code == 200
    assert 'name="confirmed"' in text_of(checked)
    before = queries.verified_regulation(civil_date(NOON))
    versions = len(queries.every_version())
    assert head.post(CHANGE, {**given, "confirmed": "1"}).status_code == 302
    assert len(queries.every_version()) == versions + 1
    assert queries.verified_regulation(date(2026, 11, 30)) == before
    after = queries.verified_regulation(date(2026, 12, 1))
    rules = after.streams["video"]
    assert rules.retention is not None
    assert (rules.retention.count, rules.copies.commission) == (25, 3)
    assert (after.contact, after.name, after.adopted) == (
        "nowy-iod@pleszew.example",
        before.name,
        before.adopted,
    )
    assert rules.handover == before.streams["video"].handover
    assert rules.access == before.streams["video"].access
    (*_, entered) = registers.entered(["regulation.activated"])
    assert entered.facts["in_force_from"] == "2026-12-01"
    assert entered.actor == str(queries.person_by_username("head").id)


def test_what_the_statute_forbids_or_a_day_that_has_passed_is_not_entered(browser: Browser) -> None:
    """The finding stands beside its field, whoever sends a confirmation all the same."""
    head = browser("head")
    versions = len(queries.every_version())
    over = head.post(
        CHANGE,
        {**sent(head, **{"video-retention-count": "120", "in_force_from": "1.12.2026"}), "confirmed": "1"},
    )
    assert "art. 22² § 3 Kodeksu pracy" in text_of(over)
    assert 'name="confirmed"' not in text_of(over)
    yesterday = (civil_date(NOON) - timedelta(days=1)).strftime("%d.%m.%Y")
    late = head.post(CHANGE, {**sent(head, in_force_from=yesterday), "confirmed": "1"})
    assert late.status_code == 422
    assert "Ten dzień minął" in text_of(late)
    assert len(queries.every_version()) == versions


def test_who_does_not_decide_changes_no_regulation(browser: Browser) -> None:
    """Neither whoever runs the machine nor the data protection officer; nor does their page offer it."""
    for role in ("administrator", "iod", "clerk"):
        assert browser(role).get(CHANGE).status_code == 403
        assert browser(role).post(CHANGE, {"confirmed": "1"}).status_code == 403
        assert CHANGE not in text_of(browser(role).get("/regulation"))
    assert CHANGE in text_of(browser("head").get("/regulation"))


def test_what_the_form_says_is_in_the_readers_words(browser: Browser) -> None:
    """Purposes stand under headings, findings name grounds, roles and keys as pages do, and what the regulation lacks has its field."""
    text = (
        example("miedziana-gora")
        .replace('triggers = ["evidence", "knowledge"]', 'triggers = ["evidence"]')
        .replace('ground = "property"', 'ground = "outside-statute"')
        .replace('supervisors = ["iod"]', 'supervisors = ["it-unit"]')
    )
    with pytest.raises(RegulationRefusedError):
        load(text)
    form = RegulationForm(began=text)
    streams, others = form.parts(check(text))
    beside = [one for _, parts in streams for part in parts for row in part.rows for shown in row for one in shown.findings]  # fmt: skip
    said = " ".join(sentence_words(one.statement) for one in (*beside, *(one for _, one in others)))
    for machine in ("knowledge", "it-unit", "mienie”", "iod"):
        assert machine not in said
    for words in ("administrator powziął wiadomość", "komórka informatyczna", "„ochrona mienia gminy”"):
        assert words in said
    page = text_of(browser("head").get(CHANGE))
    for words in (
        "Cel 1",
        "Kolejny cel",
        'name="video-purposes-0-basis"',
        'name="telephone"',
        "Klauzula zapewnia, że",
    ):
        assert words in page


def test_what_is_about_no_field_names_its_stream(clock: ManualClock) -> None:  # noqa: ARG001 - asked for its effect
    """Streams that the form does not show say the same of each, so each is named."""
    text = example("elblag")
    with translation.override("pl"):
        _, others = RegulationForm(began=text).parts(check(text))
    named = [of for of, _ in others]
    assert "Poczta" in " ".join(named)
    assert len(set(named)) == len(named)
