"""Write the tables of ``docs/ref/access.md`` from the rules themselves.

python tools/access_tables.py          writes them anew
python tools/access_tables.py --check  fails if the document says anything else
"""

import sys
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import access_routes

from rejent.access.presence.values import ALONE, Presence, Second
from rejent.access.rules.administration import ADMINISTRATION
from rejent.access.rules.decision import (
    Decision,
    Grant,
    Provisions,
    Request,
    Rule,
    SeeingAct,
    Statement,
    decide,
    may_administer,
    sentence,
)
from rejent.devices.views import ClientStation, Lack
from rejent.office.people.duties import Duty
from rejent.office.regulation.vocabulary import RoleName, SecondPerson

DOCUMENT = Path(__file__).parent.parent / "docs" / "ref" / "access.md"
ROLES = [*(role.value for role in RoleName), "employee"]
DAY = date(2026, 1, 1)


def tables() -> dict[str, str]:
    """The generated parts by their names."""
    return {
        "seeing": _seeing(),
        "stations": _stations(),
        "beside": _beside(),
        "rules": _rules(),
        "administration": _administration(),
        "addresses": access_routes.table(),
    }


def _seeing() -> str:
    """Return who could see what: each role with a valid authorisation, where the regulation names it and where it does not."""
    lines = [
        "| role | live, named | live, not named | recordings, named | recordings, not named |",
        "| --- | --- | --- | --- | --- |",
    ]
    for role in ROLES:
        cells = []
        for act, named in product(SeeingAct, (True, False)):
            roles = frozenset({role}) if named else frozenset()
            decided = decide(
                Request(
                    act=act,
                    stream="video",
                    source_id="source",
                    day=DAY,
                    active=True,
                    roles=frozenset({role}),
                    grants=(Grant("U", frozenset(SeeingAct), "video", None, DAY, None),),
                    provisions=Provisions(
                        roles or frozenset({"-"}), roles or frozenset({"-"}), frozenset({"purpose"})
                    ),
                    statement=Statement("purpose", "case"),
                )
            )
            cells.append(_cell(decided))
        lines.append(f"| {role} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _stations() -> str:
    """Return what a viewer sees where: with everything else that is needed, by what the regulation says of stations."""
    places = {"a station of the list": ClientStation("1", "", None)} | {
        lack.value: ClientStation(lack=lack) for lack in Lack
    }
    lines = [
        "| asked from | live, `any` | live, `listed` | recordings, `any` | recordings, `listed` |",
        "| --- | --- | --- | --- | --- |",
    ]
    for place, client_station in places.items():
        cells = [
            _cell(decide(_viewers(act, client_station, listed=listed)))
            for act, listed in product(SeeingAct, (False, True))
        ]
        lines.append(f"| {place} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _beside() -> str:
    """Return the table of what a viewer sees beside whom: with everything else that is needed, by what the regulation says of second persons."""
    present = {
        "nobody": ALONE,
        "the same person, or who shares something with them": Presence(Second.SAME),
        "somebody who may not see the recording": Presence(Second.UNFIT),
        "somebody else who may": Presence(Second.AGREED),
        "nobody but a guest": Presence(guests=1),
        "somebody else who may, and a guest": Presence(Second.AGREED, guests=1),
    }
    said = {
        SecondPerson.NEVER: {},
        SecondPerson.FOR_UNAUTHORISED: {"guests": True},
        SecondPerson.ALWAYS: {"second_person": True},
    }
    lines = [f"| beside | {' | '.join(f'`{word}`' for word in said)} |", "| --- | --- | --- | --- |"]
    for who, presence in present.items():
        asked = _viewers(SeeingAct.RECORDINGS, ClientStation(), listed=False)
        cells = [
            _cell(decide(replace(asked, presence=presence, provisions=replace(asked.provisions, **more))))  # type: ignore[type-var]  # a viewer has them
            for more in said.values()
        ]
        lines.append(f"| {who} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _viewers(act: SeeingAct, client_station: ClientStation, *, listed: bool) -> Request:
    viewer = frozenset({"viewer"})
    return Request(
        act=act,
        stream="video",
        source_id="source",
        day=DAY,
        active=True,
        roles=viewer,
        grants=(Grant("U", frozenset(SeeingAct), "video", None, DAY, None),),
        provisions=Provisions(viewer, viewer, frozenset({"purpose"}), listed_stations=listed),
        statement=Statement("purpose", "case"),
        client_station=client_station,
    )


def _cell(decided: Decision) -> str:
    return "yes" if decided.allowed else f"no: `{decided.rule.value}`"


def _rules() -> str:
    lines = ["| rule | live picture | recordings |", "| --- | --- | --- |"]
    for rule in Rule:
        live, recordings = (sentence(rule, act) for act in (SeeingAct.LIVE, SeeingAct.RECORDINGS))
        if recordings:
            lines.append(
                f"| `{rule.value}` | {'likewise' if live == recordings else live or '–'} | {recordings} |"
            )
    return "\n".join(lines)


def _administration() -> str:
    held = {role: {role} for role in ROLES}
    held["deputy acting"] = {RoleName.DEPUTY, Duty.ACTING_HEAD}
    held["contractor called in"] = {RoleName.CONTRACTOR, Duty.CALLED_IN}
    lines = [f"| act | {' | '.join(held)} |", f"| --- | {' | '.join('---' for _ in held)} |"]
    for act in ADMINISTRATION:
        marks = ("×" if may_administer(roles, act).allowed else "" for roles in held.values())
        lines.append(f"| `{act}` | {' | '.join(marks)} |")
    return "\n".join(lines)


def written(text: str) -> str:
    """The document with its generated parts as they must be."""
    for name, table in tables().items():
        begin, end = f"<!-- {name}: written by tools/access_tables.py -->", f"<!-- end of {name} -->"
        head, _, rest = text.partition(begin)
        if not rest:
            raise SystemExit(f"{DOCUMENT.name} has no place for the table {name}")
        text = f"{head}{begin}\n\n{table}\n\n{end}{rest.partition(end)[2]}"
    return text


def main() -> int:
    """Write the document, or compare it."""
    text = DOCUMENT.read_text(encoding="utf-8")
    right = written(text)
    if "--check" in sys.argv[1:]:
        return 0 if text == right else 1
    DOCUMENT.write_text(right, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
