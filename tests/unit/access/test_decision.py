"""The decision who may see what, compared with a table made independently of it."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations_with_replacement, product

import pytest

from rejent.access.rules.decision import (
    Grant,
    Provisions,
    Request,
    Rule,
    SeeingAct,
    Statement,
    decide,
    may_be_authorised,
)
from rejent.devices.views import UNLISTED, ClientStation, Lack
from rejent.office.sign_in.own_sign_in import SignIn

DAY = date(2026, 11, 21)
ANYWHERE = Provisions(
    frozenset({"guard", "viewer"}), frozenset({"viewer", "secretary", "guard"}), frozenset({"property"})
)
AT_STATIONS = replace(ANYWHERE, listed_stations=True)
STATION = ClientStation("4", "Kasa", None)
PLACES = [
    (AT_STATIONS, STATION),
    *((AT_STATIONS, ClientStation(lack=lack)) for lack in Lack),
    *((ANYWHERE, place) for place in (STATION, UNLISTED)),
]
"""What the regulation demands of stations, and where somebody sits."""
ROLES = [
    "guard", "guard-supervisor", "viewer", "clerk", "head", "deputy", "administrator", "it-unit", "iod", "secretary",
    "contractor", "employee",
]  # fmt: skip


def grant(**changed: object) -> Grant:
    """A grant for everything, valid on the day."""
    given: dict[str, object] = {
        "number": "U-2026-1",
        "acts": frozenset({"live", "recordings"}),
        "stream": "video",
        "source_ids": None,
        "valid_from": DAY,
        "valid_until": DAY,
    }
    return Grant(**{**given, **changed})  # type: ignore[arg-type]  # each value has its parameter's type


def request(**changed: object) -> Request:
    """A viewer's request to open recordings, with everything it needs."""
    given: dict[str, object] = {
        "act": SeeingAct.RECORDINGS,
        "stream": "video",
        "source_id": "camera",
        "day": DAY,
        "active": True,
        "roles": frozenset({"viewer"}),
        "grants": (grant(),),
        "provisions": ANYWHERE,
        "statement": Statement("property", "OR.1431.7.2026"),
    }
    return Request(**{**given, **changed})  # type: ignore[arg-type]  # each value has its parameter's type


def may_see(
    act: str,
    roles: frozenset[str],
    granted: tuple[bool, ...],
    purpose: str,
    case: str,
    *,
    place_will_do: bool,
    owes_protocol: bool,
) -> bool:
    """The independent table: what the regulation's words come to, written without looking at the rules.

    ``granted`` tells of the one authorisation: for this act, this source, begun, not over, not revoked. Where somebody sits
    matters for recordings only, and so does a protocol of an earlier viewing that waits for this person.
    """
    if "iod" in roles or "contractor" in roles:
        return False
    if act == "recordings":
        named = roles & {"viewer", "secretary"}
        stated = purpose == "property" and case and place_will_do and not owes_protocol
        return bool(named and "guard" not in roles and all(granted) and stated)
    return bool(roles & {"guard", "viewer"} and all(granted))


def in_state(state: tuple[bool, ...], act: SeeingAct) -> Grant:
    """The one authorisation, as it is for this act, for this source, begun, not over, not revoked – or not."""
    for_act, for_source, begun, lasting, standing = state
    return grant(
        acts=frozenset({act.value} if for_act else set()),
        source_ids=frozenset({"camera"} if for_source else {"other"}),
        valid_from=DAY if begun else DAY + timedelta(days=1),
        valid_until=None if not begun else DAY if lasting else DAY - timedelta(days=1),
        revoked=not standing,
    )


def test_every_combination_agrees_with_the_independent_table() -> None:
    """Roles, acts, states of the authorisation, purpose, case, station, protocol: each is decided as the table says."""
    compared = allowed = 0
    pairs = [frozenset(pair) for pair in combinations_with_replacement(ROLES, 2)]
    states = list(product([True, False], repeat=5))
    for act, roles, state, purpose, case, (provisions, place), owed in product(
        SeeingAct, pairs, states, ["property", "curiosity", ""], ["OR.1", " "], PLACES, ["", "O-2026-1"]
    ):
        for_act, for_source, begun, lasting, standing = state
        effective = (for_act, for_source, begun, lasting or not begun, standing)
        asked = request(
            act=act,
            roles=roles,
            grants=(in_state(state, act),),
            statement=Statement(purpose, case),
            provisions=provisions,
            client_station=place,
            unfinished=owed,
        )
        decision = decide(asked)
        will_do = provisions is ANYWHERE or place is STATION
        expected = may_see(
            act.value,
            roles,
            effective,
            purpose,
            case.strip(),
            place_will_do=will_do,
            owes_protocol=bool(owed),
        )
        assert decision.allowed is expected, (act, roles, state, purpose, case, place, decision)
        assert (decision.rule is Rule.AUTHORISED) is expected
        compared += 1
        allowed += expected
    assert compared == 2 * 78 * 32 * 6 * 8 * 2
    assert allowed > 0


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"active": False}, Rule.NOT_OF_OFFICE),
        ({"roles": frozenset({"viewer", "guard"})}, Rule.ROLE_EXCLUDED),
        ({"roles": frozenset({"employee"})}, Rule.ROLE_EXCLUDED),
        ({"roles": frozenset({"employee", "viewer"})}, Rule.AUTHORISED),
        ({"provisions": None}, Rule.STREAM_NOT_PRESCRIBED),
        ({"provisions": Provisions(frozenset(), frozenset(), frozenset())}, Rule.NOBODY),
        ({"roles": frozenset({"administrator"})}, Rule.ROLE_NOT_NAMED),
        ({"grants": ()}, Rule.NOT_AUTHORISED),
        ({"stream": "calls"}, Rule.NOT_AUTHORISED),
        ({"grants": (grant(source_ids=frozenset({"other"})),)}, Rule.OTHER_SOURCE),
        ({"grants": (grant(valid_from=DAY + timedelta(days=1), valid_until=None),)}, Rule.NOT_YET_VALID),
        ({"day": DAY + timedelta(days=1)}, Rule.EXPIRED),
        ({"grants": (grant(revoked=True),)}, Rule.REVOKED),
        ({"grants": (grant(revoked=True), grant(number="U-2026-2"))}, Rule.AUTHORISED),
        ({"provisions": AT_STATIONS}, Rule.STATION_NOT_LISTED),
        ({"provisions": AT_STATIONS, "client_station": STATION}, Rule.AUTHORISED),
        ({"provisions": AT_STATIONS, "statement": None}, Rule.AUTHORISED),
        ({"provisions": AT_STATIONS, "statement": Statement("", "")}, Rule.STATION_NOT_LISTED),
        ({"provisions": AT_STATIONS, "grants": ()}, Rule.NOT_AUTHORISED),
        ({"provisions": AT_STATIONS, "act": SeeingAct.LIVE}, Rule.AUTHORISED),
        ({"unfinished": "O-2026-1"}, Rule.PROTOCOL_UNFINISHED),
        ({"unfinished": "O-2026-1", "statement": Statement("", "")}, Rule.PROTOCOL_UNFINISHED),
        ({"unfinished": "O-2026-1", "provisions": AT_STATIONS}, Rule.STATION_NOT_LISTED),
        ({"unfinished": "O-2026-1", "statement": None}, Rule.AUTHORISED),
        ({"unfinished": "O-2026-1", "act": SeeingAct.LIVE}, Rule.AUTHORISED),
        ({"statement": Statement(" ", "OR.1")}, Rule.PURPOSE_MISSING),
        ({"statement": Statement("curiosity", "OR.1")}, Rule.PURPOSE_NOT_LISTED),
        ({"statement": Statement("property", "\t")}, Rule.CASE_MISSING),
        ({"statement": None}, Rule.AUTHORISED),
        ({"act": SeeingAct.LIVE, "statement": None}, Rule.AUTHORISED),
    ],
)
def test_refusal_names_the_rule_that_forbids(changed: dict[str, object], rule: Rule) -> None:
    """Each rule answers for its own lack, in a sentence; what is allowed names the authorisation instead."""
    decision = decide(request(**changed))
    assert decision.rule is rule
    assert bool(decision.sentence) is not decision.allowed
    assert bool(decision.authorisation) is decision.allowed


@pytest.mark.parametrize("clause", ["", "§ 3 ust. 3"])
def test_an_owed_protocol_is_refused_by_the_clause_on_protocols_alone(clause: str) -> None:
    """Where the regulation says nothing of protocols, the refusal names no clause, whatever it says of who sees what."""
    provisions = replace(ANYWHERE, clause="§ 4", protocol_clause=clause)
    assert decide(request(unfinished="O-2026-1", provisions=provisions)).clause == clause
    assert decide(request(grants=(), provisions=provisions)).clause == "§ 4"


@pytest.mark.parametrize(("first", "signed"), list(product([True, False], repeat=2)))
@pytest.mark.parametrize("act", SeeingAct)
@pytest.mark.parametrize("statement", [None, Statement("property", "OR.1")])
@pytest.mark.parametrize("authorised", [True, False])
def test_nothing_is_seen_before_a_statement_where_the_regulation_asks_for_one(
    act: SeeingAct, statement: Statement | None, *, first: bool, signed: bool, authorised: bool
) -> None:
    """Neither live nor recorded, nor is anything offered; an authorisation that is lacking is spoken of first."""
    decision = decide(
        request(
            act=act,
            provisions=replace(ANYWHERE, statement_first=first),
            signed=signed,
            statement=statement,
            grants=(grant(),) if authorised else (),
        )
    )
    expected = Rule.NOT_AUTHORISED
    if authorised:
        expected = Rule.STATEMENT_MISSING if first and not signed else Rule.AUTHORISED
    assert decision.rule is expected
    if expected is Rule.STATEMENT_MISSING:
        assert decision.advice
        assert decision.now


@pytest.mark.parametrize("act", SeeingAct)
@pytest.mark.parametrize("demanded", [True, False])
@pytest.mark.parametrize("having", [True, False])
@pytest.mark.parametrize("statement", [None, Statement("property", "OR.1")])
@pytest.mark.parametrize("authorised", [True, False])
def test_a_password_alone_opens_no_recording_where_the_regulation_asks_for_more(
    act: SeeingAct, statement: Statement | None, *, demanded: bool, having: bool, authorised: bool
) -> None:
    """Recordings are not even offered without a second factor; the live picture needs none; a lacking authorisation is spoken of first."""
    decision = decide(
        request(
            act=act,
            provisions=replace(ANYWHERE, second_factor=demanded),
            second_factor=having,
            statement=statement,
            grants=(grant(),) if authorised else (),
        )
    )
    expected = Rule.AUTHORISED if authorised else Rule.NOT_AUTHORISED
    if authorised and demanded and not having and act is SeeingAct.RECORDINGS:
        expected = Rule.SECOND_FACTOR_MISSING
        assert decision.advice
        assert decision.now
    assert decision.rule is expected


@pytest.mark.parametrize("sign_in", SignIn)
@pytest.mark.parametrize("act", SeeingAct)
@pytest.mark.parametrize("statement", [None, Statement("property", "OR.1")])
@pytest.mark.parametrize("authorised", [True, False])
@pytest.mark.parametrize("signed", [True, False])
def test_nothing_is_seen_in_an_account_that_somebody_else_may_know_the_password_of(
    sign_in: SignIn, act: SeeingAct, statement: Statement | None, *, authorised: bool, signed: bool
) -> None:
    """Neither live nor recorded, nor is anything offered, until it is confirmed; who, and what to do first, is told."""
    decision = decide(
        request(
            act=act,
            provisions=replace(ANYWHERE, statement_first=True),
            statement=statement,
            sign_in=sign_in,
            signed=signed,
            grants=(grant(),) if authorised else (),
        )
    )
    if not authorised:
        assert decision.rule is Rule.NOT_AUTHORISED
    elif sign_in is not SignIn.CONFIRMED:
        assert decision.rule is Rule.SIGN_IN_UNCONFIRMED
        assert decision.advice
        assert decision.now
    else:
        assert decision.allowed is signed


def test_the_nearest_authorisation_is_the_one_spoken_of() -> None:
    """Of several that do not suffice, the refusal speaks of the one that comes closest."""
    held = (
        grant(acts=frozenset({"live"})),
        grant(revoked=True),
        grant(valid_until=DAY - timedelta(days=1), valid_from=DAY - timedelta(days=9)),
    )
    assert decide(request(grants=held)).rule is Rule.EXPIRED


@pytest.mark.parametrize("lack", Lack)
def test_a_refused_station_says_which_clause_who_decides_and_what_now(lack: Lack) -> None:
    """The clause stands in the sentence where the regulation has one, and what can be done fits what is lacking."""
    told = replace(AT_STATIONS, clause="§ 6 ust. 2")
    decision = decide(request(provisions=told, client_station=ClientStation(lack=lack)))
    assert "(§ 6 ust. 2)" in decision.sentence.format(**decision.facts)
    assert decision.advice
    others = {
        decide(request(provisions=told, client_station=ClientStation(lack=other))).now
        for other in Lack
        if other is not lack
    }
    assert decision.now not in others
    silent = decide(request(provisions=AT_STATIONS, client_station=ClientStation(lack=lack)))
    assert silent.sentence.format(**silent.facts).endswith("this computer is none of them.")


def test_a_role_that_can_never_see_is_barred_before_any_authorisation_is_issued() -> None:
    """What issuing asks is the same as what seeing asks, without the authorisation."""
    for role in ROLES:
        barred = may_be_authorised(frozenset({role}), SeeingAct.RECORDINGS, "video", AT_STATIONS)
        assert (barred is None) is (role in {"viewer", "secretary"})
