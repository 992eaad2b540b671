"""The regulation, people, their identities, places, stations, tokens and gates against the acts that the ledger holds of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db.models import QuerySet

from rejent.kernel.clock import civil_date
from rejent.kernel.findings import Finding
from rejent.office.acts import (
    GATE_ENTERED,
    IDENTITY_LINKED,
    IDENTITY_UNLINKED,
    PERSON_ADDED,
    PERSON_LEFT,
    PERSON_ROLES_SET,
    PLACE_ADDED,
    REGULATION_ACTIVATED,
    STATION_ENROLLED,
    STATION_REVOKED,
    TOKEN_CREATED,
    TOKEN_REVOKED,
)
from rejent.office.identities import identity_digest
from rejent.office.models import (
    GateFact,
    Identity,
    Person,
    PersonRole,
    Place,
    RegulationVersion,
    Station,
    Token,
)
from rejent.office.ways.configured import WAYS
from rejent.registers.queries import EnteredAct, entered, entered_on
from rejent.registers.replay import Entered, Facts, Replayed, against, compared, differing, told
from rejent.registers.shapes import Shape, absent_or, instant, legible, text, whole

_SUBJECT = "office"
_SHAPES: dict[str, Shape] = {
    REGULATION_ACTIVATED.name: {"sha256": text, "in_force_from": text},
    PERSON_ADDED.name: {"roles": text},
    PLACE_ADDED.name: {"kind": text},
    PERSON_ROLES_SET.name: {"roles": text},
    IDENTITY_LINKED.name: {"way": text, "digest": text},
    IDENTITY_UNLINKED.name: {"way": text},
    GATE_ENTERED.name: {"stream": text, "kind": text, "on": text},
    STATION_ENROLLED.name: {
        "station": text,
        "certificate": text,
        "address": absent_or(text),
        "until": instant,
    },
    STATION_REVOKED.name: {"station": text},
    TOKEN_CREATED.name: {"token": whole, "person": text, "until": instant},
    TOKEN_REVOKED.name: {"token": whole},
}


def against_ledger() -> Iterator[Finding]:
    """Every version, person, identity, place, station, token or gate that is not what was entered, that no act explains, or whose row is gone."""
    yield from compared(_SUBJECT, _regulations, _people, _identities, _places, _stations, _tokens, _gates)


def _regulations() -> Iterator[Finding]:
    stated = Replayed()
    for act in legible(entered([REGULATION_ACTIVATED.name]), _SHAPES, stated.odd):
        facts = act.facts or {}
        stated.things[act.subject.removeprefix("regulation:")] = {
            **{name: facts[name] for name in ("sha256", "in_force_from") if name in facts},
            "loaded": Entered(act.at),
        }
    rows = told(RegulationVersion.objects.all(), _version, stated)
    yield from against(_SUBJECT, "regulation", stated, rows)


def _version(row: RegulationVersion) -> tuple[str, Facts]:
    digest = sha256(row.text.encode()).hexdigest()
    return str(row.version), {
        "sha256": digest,
        "in_force_from": row.in_force_from.isoformat(),
        "loaded": row.loaded_at,
    }


def _people() -> Iterator[Finding]:
    stated = Replayed()
    acts = entered([PERSON_ADDED.name, PERSON_ROLES_SET.name, PERSON_LEFT.name])
    for act in legible(acts, _SHAPES, stated.odd):
        person = act.subject.removeprefix("person:")
        if act.act == PERSON_LEFT.name:
            stated.restate(person, left_by=civil_date(act.at).isoformat(), account_open=False)
            continue
        if act.act == PERSON_ADDED.name:
            begun: dict[str, object] = {
                "joined": civil_date(act.at).isoformat(),
                "left_by": None,
                "account_open": True,
            }
            stated.things[person] = begun
        if act.facts is not None:
            stated.restate(person, roles=act.facts["roles"])
        else:
            stated.things.get(person, {}).pop("roles", None)
    rows = told(Person.objects.prefetch_related("roles", "accounts"), _person, stated)
    yield from against(_SUBJECT, "person", stated, rows)


def roles_of(person_id: UUID) -> Iterator[Finding]:
    """Roles of one person that are not those that were entered last; where that record was erased, the rows are believed."""
    stated = None
    for act in entered_on(f"person:{person_id}", [PERSON_ADDED.name, PERSON_ROLES_SET.name]):
        stated = None if act.facts is None else act.facts.get("roles")
    held = {
        "roles": " ".join(sorted(PersonRole.objects.filter(person=person_id).values_list("role", flat=True)))
    }
    if stated is not None:
        yield from differing(_SUBJECT, f"person:{person_id}", {"roles": stated}, held)


def _person(row: Person) -> tuple[str, Facts]:
    return str(row.pk), {
        "roles": " ".join(sorted(role.role for role in row.roles.all())),
        "joined": row.joined_on.isoformat(),
        "account_open": any(account.is_active for account in row.accounts.all()),
        "left_by": row.left_on.isoformat() if row.left_on else None,
    }


_LINKS = (IDENTITY_LINKED.name, IDENTITY_UNLINKED.name)


def identities_of(person_id: UUID) -> Iterator[Finding]:
    """Every identity of one person that is not what was entered, that no act explains, or whose row is gone."""
    acts = entered_on(f"person:{person_id}", _LINKS)
    yield from _linked(acts, Identity.objects.filter(person_id=person_id))


def _identities() -> Iterator[Finding]:
    """Which identities people have; of a person whose record was erased, the rows are believed."""
    yield from _linked(entered(_LINKS), Identity.objects.all())


def _linked(acts: Iterable[EnteredAct], rows: QuerySet[Identity]) -> Iterator[Finding]:
    stated = Replayed()
    for act in legible(acts, _SHAPES, stated.odd):
        person = act.subject.removeprefix("person:")
        ended = list(WAYS) if act.facts is None else [str(act.facts["way"])]
        for way in ended:
            stated.things.pop(f"{person}/{way}", None)
        if act.facts is None:
            stated.erased += 1
        elif act.act == IDENTITY_LINKED.name:
            linked = {"digest": act.facts["digest"], "linked": Entered(act.at)}
            stated.things[f"{person}/{act.facts['way']}"] = linked
    yield from against(_SUBJECT, "identity", stated, told(rows, _identity, stated))


def _identity(row: Identity) -> tuple[str, Facts]:
    digest = identity_digest(row.way, row.issuer, row.subject)
    return f"{row.person_id}/{row.way}", {"digest": digest, "linked": row.linked_at}


def _places() -> Iterator[Finding]:
    """What kind of place each is: some kinds are never covered, and some are secret."""
    stated = Replayed()
    for act in legible(entered([PLACE_ADDED.name]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.erased += 1
        else:
            stated.things[act.subject.removeprefix("place:")] = {"kind": act.facts["kind"]}
    yield from against(_SUBJECT, "place", stated, told(Place.objects.all(), _place, stated))


def _place(row: Place) -> tuple[str, Facts]:
    return str(row.pk), {"kind": row.kind}


def _stations() -> Iterator[Finding]:
    stated = Replayed()
    acts = entered([STATION_ENROLLED.name, STATION_REVOKED.name])
    for act in legible(acts, _SHAPES, stated.odd):
        if act.facts is None:
            stated.lose("revoked", begins=act.act == STATION_ENROLLED.name)
        elif act.act == STATION_ENROLLED.name:
            stated.things[str(act.facts["station"])] = {
                "certificate": act.facts["certificate"],
                "address": act.facts["address"] or "",
                "until": datetime.fromisoformat(str(act.facts["until"])),
                "enrolled": Entered(act.at),
                "revoked": None,
            }
        else:
            stated.restate(str(act.facts["station"]), revoked=Entered(act.at))
    yield from against(_SUBJECT, "station", stated, told(Station.objects.all(), _station, stated))


def _station(row: Station) -> tuple[str, Facts]:
    return str(row.pk), {
        "certificate": row.fingerprint,
        "address": row.address,
        "until": row.expires_at,
        "enrolled": row.enrolled_at,
        "revoked": row.revoked_at,
    }


def _tokens() -> Iterator[Finding]:
    """Tokens by their digests; who left has none that opens anything."""
    stated = Replayed()
    acts = entered([TOKEN_CREATED.name, TOKEN_REVOKED.name, PERSON_LEFT.name])
    for act in legible(acts, _SHAPES, stated.odd):
        if act.act == PERSON_LEFT.name:
            person = act.subject.removeprefix("person:")
            for token in stated.things.values():
                if token["person"] == person:
                    token["revoked"] = token["revoked"] or Entered(act.at)
        elif act.facts is None:
            stated.lose("revoked", begins=act.act == TOKEN_CREATED.name)
        elif act.act == TOKEN_CREATED.name:
            digest = {"digest": act.facts["digest"]} if "digest" in act.facts else {}
            stated.things[str(act.facts["token"])] = {
                "person": act.facts["person"],
                "until": datetime.fromisoformat(str(act.facts["until"])),
                "created": Entered(act.at),
                "revoked": None,
                **digest,
            }
        else:
            stated.restate(str(act.facts["token"]), revoked=Entered(act.at))
    yield from against(_SUBJECT, "token", stated, told(Token.objects.all(), _token, stated))


def _token(row: Token) -> tuple[str, Facts]:
    return str(row.pk), {
        "person": str(row.person_id),
        "until": row.expires_at,
        "created": row.created_at,
        "revoked": row.revoked_at,
        "digest": row.digest,
    }


def _gates() -> Iterator[Finding]:
    """Facts bear no identifier: each is counted, with its author and instant, for the same one may be entered twice."""
    stated = Replayed()
    entries: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for act in legible(entered([GATE_ENTERED.name]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.erased, stated.unsure = stated.erased + 1, {"times", "entered", "by"}
        else:
            entries[f"{act.facts['stream']}/{act.facts['kind']}/{act.facts['on']}"].append(
                (act.at, act.actor)
            )
    for key, told_of in entries.items():
        instants = [Entered(at) for at, _ in sorted(told_of)]
        stated.things[key] = {**_gate(told_of), "entered": instants}
    held: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for key, row in told(GateFact.objects.all(), _gate_row, stated):
        held[key].append(row["entry"])  # type: ignore[arg-type]  # as `_gate_row` makes it
    rows: Iterator[tuple[str, Facts]] = ((key, _gate(found)) for key, found in held.items())
    yield from against(_SUBJECT, "gate", stated, rows)


def _gate(entries: list[tuple[datetime, str]]) -> Facts:
    ordered = sorted(entries)
    instants, authors = [at for at, _ in ordered], sorted(by for _, by in ordered)
    return {"times": len(ordered), "entered": instants, "by": authors}


def _gate_row(row: GateFact) -> tuple[str, Facts]:
    return f"{row.stream}/{row.kind}/{row.on.isoformat()}", {"entry": (row.entered_at, row.entered_by)}
