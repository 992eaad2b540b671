"""The decision on who is there and where, compared with a table made independently of it."""

from dataclasses import replace
from itertools import product

import pytest

from rejent.access.presence.values import Presence, Second
from rejent.access.rules.decision import Provisions, Rule, SeeingAct, Statement, decide
from rejent.devices.views import UNLISTED, ClientStation, Lack
from tests.unit.access.test_decision import ANYWHERE, grant, request

HERE, THERE = ClientStation("4", "Kasa", None), ClientStation("5", "Sekretariat", None)
STRUCK_OFF = ClientStation(lack=Lack.REVOKED)
SWITCHES = list(product([False, True], repeat=3))
"""Two people, guests, the ban on photographs: what a regulation says of each."""


def could_see(
    act: SeeingAct,
    *,
    two: bool,
    guests_known: bool,
    ban: bool,
    known_of_the_ban: bool,
    second: str,
    guests: int,
    began_at: str,
    sits_at: str,
) -> bool:
    """The independent table: what the words of a regulation come to; who holds everything else asks."""
    if act == "live":
        return True
    words = [
        not ban or known_of_the_ban,
        not two or second == "agreed",
        guests == 0 or guests_known,
        began_at in {"", sits_at},
    ]
    return all(words)


def test_every_combination_agrees_with_the_independent_table() -> None:
    """Second person, guests, ban, station of an open viewing: each combination is decided as the table says."""
    compared = allowed = 0
    for act, switches, known, second, guests, began_at, place in product(
        SeeingAct, SWITCHES, [False, True], Second, [0, 1, 20], ["", "4"], [HERE, THERE, UNLISTED, STRUCK_OFF]
    ):
        two, guests_known, ban = switches
        provisions = replace(ANYWHERE, second_person=two, guests=guests_known, photographing_forbidden=ban)
        decision = decide(
            request(
                act=act,
                provisions=provisions,
                statement=Statement("property", "OR.1", acknowledged=known),
                client_station=place,
                presence=Presence(second, guests, began_at),
            )
        )
        expected = could_see(
            act,
            two=two,
            guests_known=guests_known,
            ban=ban,
            known_of_the_ban=known,
            second=second.value,
            guests=guests,
            began_at=began_at,
            sits_at=place.station,
        )
        assert decision.allowed is expected, (act, switches, known, second, guests, began_at, place)
        compared += 1
        allowed += expected
    assert compared == 2 * 8 * 2 * 4 * 3 * 2 * 4
    assert 0 < allowed < compared


EVERYTHING = replace(ANYWHERE, second_person=True, photographing_forbidden=True)


@pytest.mark.parametrize(
    ("provisions", "presence", "known", "rule"),
    [
        (EVERYTHING, Presence(Second.AGREED), False, Rule.BAN_NOT_ACKNOWLEDGED),
        (EVERYTHING, Presence(), True, Rule.SECOND_PERSON_MISSING),
        (EVERYTHING, Presence(Second.SAME), True, Rule.SECOND_PERSON_SAME),
        (EVERYTHING, Presence(Second.UNFIT), True, Rule.SECOND_PERSON_NOT_AUTHORISED),
        (EVERYTHING, Presence(Second.AGREED), True, Rule.AUTHORISED),
        (EVERYTHING, Presence(Second.AGREED, guests=1), True, Rule.GUESTS_NOT_PERMITTED),
        (replace(ANYWHERE, guests=True), Presence(guests=3), False, Rule.AUTHORISED),
        (ANYWHERE, Presence(opened_at="4"), False, Rule.ANOTHER_STATION),
    ],
)
def test_refusal_names_the_rule_that_forbids(
    provisions: Provisions, presence: Presence, known: bool, rule: Rule
) -> None:
    """Each lack has a rule with a sentence, who decides or what to do; what is allowed names the authorisation."""
    decision = decide(
        request(
            provisions=provisions,
            presence=presence,
            statement=Statement("property", "OR.1", acknowledged=known),
        )
    )
    assert decision.rule is rule
    assert bool(decision.sentence) is not decision.allowed


def test_the_second_person_is_asked_for_after_everything_else() -> None:
    """Who may not open a recording anyway learns nothing of second persons; a viewing that is only thought of needs none."""
    for changed, rule in (
        ({"grants": ()}, Rule.NOT_AUTHORISED),
        ({"grants": (grant(revoked=True),)}, Rule.REVOKED),
        ({"statement": Statement("", "")}, Rule.PURPOSE_MISSING),
        ({"statement": None}, Rule.AUTHORISED),
    ):
        assert decide(request(provisions=EVERYTHING, **changed)).rule is rule
