"""The regulation, people, their identities, places, stations, tokens and gates against the acts that the ledger holds of them."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

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
from rejent.office.models import GateFact, Identity, Person, Place, RegulationVersion, Station, Token
from rejent.office.ways.configured import WAYS
from rejent.registers.queries import entered
from rejent.registers.replay import Facts, Replayed, against, lasting
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
    yield from lasting(_regulations)
    yield from lasting(_people)
    yield from lasting(_identities)
    yield from lasting(_places)
    yield from lasting(_stations)
    yield from lasting(_tokens)
    yield from lasting(_gates)


def _regulations() -> Iterator[Finding]:
    stated = Replayed()
    for act in legible(entered([REGULATION_ACTIVATED.name]), _SHAPES, stated.odd):
        facts = act.facts or {}
        stated.things[act.subject.removeprefix("regulation:")] = {
            name: facts[name] for name in ("sha256", "in_force_from") if name in facts
        }
    yield from against(
        _SUBJECT, "regulation", stated, map(_version, RegulationVersion.objects.order_by("version"))
    )


def _version(row: RegulationVersion) -> tuple[str, Facts]:
    digest = sha256(row.text.encode()).hexdigest()
    return str(row.version), {"sha256": digest, "in_force_from": row.in_force_from.isoformat()}


def _people() -> Iterator[Finding]:
    stated = Replayed()
    acts = entered([PERSON_ADDED.name, PERSON_ROLES_SET.name, PERSON_LEFT.name])
    for act in legible(acts, _SHAPES, stated.odd):
        person = act.subject.removeprefix("person:")
        if act.act == PERSON_LEFT.name:
            stated.restate(person, left_by=civil_date(act.at).isoformat())
            continue
        if act.act == PERSON_ADDED.name:
            stated.things[person] = {"left_by": None}
        if act.facts is not None:
            stated.restate(person, roles=act.facts["roles"])
        else:
            stated.things.get(person, {}).pop("roles", None)
    rows = Person.objects.prefetch_related("roles").order_by("pk")
    yield from against(_SUBJECT, "person", stated, map(_person, rows))


def _person(row: Person) -> tuple[str, Facts]:
    return str(row.pk), {
        "roles": " ".join(sorted(role.role for role in row.roles.all())),
        "left_by": row.left_on.isoformat() if row.left_on else None,
    }


def _identities() -> Iterator[Finding]:
    """Which identities people have; of a person whose record was erased, the rows are believed."""
    stated = Replayed()
    for act in legible(entered([IDENTITY_LINKED.name, IDENTITY_UNLINKED.name]), _SHAPES, stated.odd):
        person = act.subject.removeprefix("person:")
        ended = list(WAYS) if act.facts is None else [str(act.facts["way"])]
        for way in ended:
            stated.things.pop(f"{person}/{way}", None)
        if act.facts is None:
            stated.erased += 1
        elif act.act == IDENTITY_LINKED.name:
            stated.things[f"{person}/{act.facts['way']}"] = {"digest": act.facts["digest"]}
    yield from against(_SUBJECT, "identity", stated, map(_identity, Identity.objects.order_by("pk")))


def _identity(row: Identity) -> tuple[str, Facts]:
    digest = identity_digest(row.way, row.issuer, row.subject)
    return f"{row.person_id}/{row.way}", {"digest": digest}


def _places() -> Iterator[Finding]:
    """What kind of place each is: some kinds are never covered, and some are secret."""
    stated = Replayed()
    for act in legible(entered([PLACE_ADDED.name]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.erased += 1
        else:
            stated.things[act.subject.removeprefix("place:")] = {"kind": act.facts["kind"]}
    rows: Iterator[tuple[str, Facts]] = (
        (str(pk), {"kind": kind}) for pk, kind in Place.objects.order_by("pk").values_list("pk", "kind")
    )
    yield from against(_SUBJECT, "place", stated, rows)


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
                "revoked": False,
            }
        else:
            stated.restate(str(act.facts["station"]), revoked=True)
    yield from against(_SUBJECT, "station", stated, map(_station, Station.objects.order_by("pk")))


def _station(row: Station) -> tuple[str, Facts]:
    return str(row.pk), {
        "certificate": row.fingerprint,
        "address": row.address,
        "until": row.expires_at,
        "revoked": row.revoked_at is not None,
    }


def _tokens() -> Iterator[Finding]:
    """Tokens by their digests; who left has none that opens anything."""
    stated = Replayed()
    acts = entered([TOKEN_CREATED.name, TOKEN_REVOKED.name, PERSON_LEFT.name])
    for act in legible(acts, _SHAPES, stated.odd):
        if act.act == PERSON_LEFT.name:
            person = act.subject.removeprefix("person:")
            for token in stated.things.values():
                token["revoked"] = token["revoked"] or token["person"] == person
        elif act.facts is None:
            stated.lose("revoked", begins=act.act == TOKEN_CREATED.name)
        elif act.act == TOKEN_CREATED.name:
            digest = {"digest": act.facts["digest"]} if "digest" in act.facts else {}
            stated.things[str(act.facts["token"])] = {
                "person": act.facts["person"],
                "until": datetime.fromisoformat(str(act.facts["until"])),
                "revoked": False,
                **digest,
            }
        else:
            stated.restate(str(act.facts["token"]), revoked=True)
    yield from against(_SUBJECT, "token", stated, map(_token, Token.objects.order_by("pk")))


def _token(row: Token) -> tuple[str, Facts]:
    return str(row.pk), {
        "person": str(row.person_id),
        "until": row.expires_at,
        "revoked": row.revoked_at is not None,
        "digest": row.digest,
    }


def _gates() -> Iterator[Finding]:
    """Facts bear no identifier: each is counted, for the same one may be entered twice."""
    told: Counter[str] = Counter()
    stated = Replayed()
    for act in legible(entered([GATE_ENTERED.name]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.erased, stated.unsure = stated.erased + 1, {"times"}
        else:
            told[f"{act.facts['stream']}/{act.facts['kind']}/{act.facts['on']}"] += 1
    stated.things = {key: {"times": times} for key, times in told.items()}
    held = Counter(
        f"{stream}/{kind}/{on.isoformat()}"
        for stream, kind, on in GateFact.objects.values_list("stream", "kind", "on")
    )
    rows: Iterator[tuple[str, Facts]] = ((key, {"times": times}) for key, times in held.items())
    yield from against(_SUBJECT, "gate", stated, rows)
