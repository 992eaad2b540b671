"""Identifiers of the ledger as words."""

import pytest
from django.utils import translation

from rejent.access.rules.decision import Rule, SeeingAct
from rejent.notices.plates.views import Condition
from rejent.notices.publication.views import PUBLISHED
from rejent.office.regulation.gates import FactKind
from rejent.office.regulation.vocabulary import PlaceKind, RoleName, StreamName
from rejent.retention.rounds import alarms
from rejent.streams.calls.recorder.line import Refusal
from rejent.web.registers.books.kinds import registers
from rejent.web.words.acts import outage_end_words, outage_words
from rejent.web.words.identifiers import in_words


@pytest.mark.parametrize(
    ("name", "identifiers"),
    [
        ("roles", [role.value for role in RoleName]),
        ("acts", [act.value for act in SeeingAct]),
        ("stream", [stream.value for stream in StreamName]),
        ("kind", [kind.value for kind in (*PlaceKind, *FactKind)]),
        ("kind", [alarms.CLOCK, alarms.CAPACITY, alarms.OVERDUE, alarms.REVIEW]),
        ("channel", [*PUBLISHED]),
        ("found", [*Condition]),
        ("facts", ["caller", "called", "date", "hour"]),
        ("direction", ["incoming", "outgoing", "internal", "undecided"]),
        ("how", [how.value for how in Refusal]),
        ("changed", ["address", "credentials", "live_address", "transport"]),
        ("rule", [rule.value for rule in Rule if rule not in {Rule.AUTHORISED, Rule.ROLE_ADMINISTERS}]),
    ],
)
def test_every_identifier_has_words(name: str, identifiers: list[str]) -> None:
    """Whatever identifier an act's record may hold is told in Polish words, not as it stands in the ledger."""
    with translation.override("pl"):
        silent = [one for one in identifiers if in_words(name, one) in {None, one}]
    assert silent == []


@pytest.mark.usefixtures("regulation")
def test_every_register_has_words() -> None:
    """The act of an export names the register as people do, also each stream's copies."""
    names = [one.name for one in registers()]
    assert "copies-video" in names
    with translation.override("pl"):
        assert [name for name in names if in_words("register", name) in {None, name}] == []
        assert in_words("register", "copies-video") == "rejestr kopii: kamery"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("maximum 30 days, § 3 ust. 4", "up to 30 days, § 3 ust. 4"),
        ("fixed 1 months", "exactly 1 month"),
        ("not-authorised", "no authorisation"),
    ],
)
def test_a_rule_is_told_in_words(rule: str, said: str) -> None:
    """A retention rule and a rule of access are told as people say them."""
    with translation.override("en"):
        assert in_words("rule", rule) == said


def test_what_people_wrote_stays_as_they_wrote_it() -> None:
    """A reason in somebody's own words is no identifier and is left alone."""
    assert in_words("reason", "umorzenie postępowania") is None


@pytest.mark.parametrize(
    ("description", "said"),
    [
        (
            "recorder-stopped: 2026-11-24T06:07:00+00:00",
            "program był wyłączony: brak nagrania od 24.11.2026 07:07:00",
        ),
        ("Kamera: 2026-11-24T06:07:00+00:00", "Kamera: 2026-11-24T06:07:00+00:00"),
        ("nie działa: od rana", "nie działa: od rana"),
    ],
)
def test_an_outage_that_entered_itself_is_said_in_words(description: str, said: str) -> None:
    """What a person wrote stays as it is."""
    with translation.override("pl"):
        assert outage_words(description) == said


@pytest.mark.parametrize(
    ("done", "said"),
    [
        ("2026-11-24T06:07:00+00:00", "nagrywanie wznowione 24.11.2026 07:07:00"),
        ("Wymieniono dysk.", "Wymieniono dysk."),
        ("", ""),
    ],
)
def test_an_outage_that_ended_says_since_when_it_is_recorded_again(done: str, said: str) -> None:
    """The program wrote a moment, people what they did."""
    with translation.override("pl"):
        assert outage_end_words(done) == said
