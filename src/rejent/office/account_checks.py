"""Whose each account is and what signs in to it, against the acts that the ledger holds of it."""

from collections.abc import Iterable, Iterator
from itertools import chain
from uuid import UUID

from django.db.models import QuerySet

from rejent.kernel.findings import Finding
from rejent.office.acts import (
    AUTHENTICATOR_ADDED,
    AUTHENTICATOR_REMOVED,
    AUTHENTICATORS_COUNTED,
    IDENTITY_LINKED,
    PASSWORD_OFF,
    PASSWORD_SET,
    PERSON_ADDED,
    SIGN_IN_CONFIRMED,
)
from rejent.office.authenticators import authenticators, password_digest, uncounted
from rejent.office.ledger_checks import identities_of, roles_of
from rejent.office.models import Account
from rejent.office.own_sign_in import SignIn
from rejent.office.sign_in_history import stands_after
from rejent.registers.queries import EnteredAct, entered, entered_on
from rejent.registers.replay import Facts, Replayed, against, lasting
from rejent.registers.shapes import Shape, absent_or, legible, text, texts, whole

_SUBJECT = "office"
_STEP = {"account": whole, "kind": text, "digest": text}
_SHAPES: dict[str, Shape] = {
    AUTHENTICATOR_ADDED.name: _STEP,
    AUTHENTICATOR_REMOVED.name: _STEP,
    AUTHENTICATORS_COUNTED.name: {"account": whole, "digest": absent_or(text), "authenticators": texts},
}
_ACTS = (
    PERSON_ADDED.name,
    PASSWORD_SET.name,
    PASSWORD_OFF.name,
    IDENTITY_LINKED.name,
    SIGN_IN_CONFIRMED.name,
    *_SHAPES,
)
_SIGN_IN = frozenset({PASSWORD_SET.name, PASSWORD_OFF.name, IDENTITY_LINKED.name, SIGN_IN_CONFIRMED.name})
_BY_HAND = frozenset(
    {
        f"{_SUBJECT}.{code}"
        for code in ("differs-from-ledger", "not-in-ledger", "row-missing", "row-unreadable")
    }
)
"""Findings of rows that are not what was entered; a record of an unknown shape is the ledger's own matter."""


def against_ledger() -> Iterator[Finding]:
    """Every account that is another person's or signs in by other means than were entered, that no act explains, or that is gone.

    Nothing in an office of an earlier version that was only looked at since the upgrade: its accounts are counted when it is opened to work in.
    """
    if not uncounted():
        yield from lasting(lambda: _accounts(entered(_ACTS), Account.objects.all()))


def as_entered(person_id: UUID) -> bool:
    """Whether everything that signs in as a person, and what roles they have, is what was entered: `fsck` for this person alone."""
    found = lasting(lambda: chain(_means_of(person_id), roles_of(person_id)))
    return not any(finding.code in _BY_HAND for finding in found)


def _means_of(person_id: UUID) -> Iterator[Finding]:
    if not uncounted():
        yield from chain(_accounts_of(person_id), identities_of(person_id))


def _accounts_of(person_id: UUID) -> Iterator[Finding]:
    acts = entered_on(f"person:{person_id}", _ACTS)
    yield from _accounts(acts, Account.objects.filter(person_id=person_id))


def _accounts(acts: Iterable[EnteredAct], rows: QuerySet[Account]) -> Iterator[Finding]:
    stated = Replayed()
    for act in legible(acts, _SHAPES, stated.odd):
        _take(act, stated)
    yield from against(
        _SUBJECT, "account", stated, map(_account, rows.select_related("person").order_by("pk"))
    )


def _account(row: Account) -> tuple[str, Facts]:
    held = {
        "password": password_digest(row),
        "authenticators": authenticators(row),
        "sign_in": row.person.sign_in if row.person else None,
    }
    return f"{row.person_id}/{row.pk}", held


def _take(act: EnteredAct, stated: Replayed) -> None:
    """One act's word; where its record is erased, or older than digests, what it changed is believed."""
    person, facts = act.subject.removeprefix("person:"), act.facts or {}
    if act.act in _SIGN_IN:
        _take_sign_in(act, person, stated)
    _take_means(act, person, facts, stated)


def _take_sign_in(act: EnteredAct, person: str, stated: Replayed) -> None:
    """Whose the means are by the rules: a word put into the row by hand is not believed because a later act repeats it."""
    for thing in _of(person, stated):
        _stand(thing, act)


def _stand(thing: dict[str, object], act: EnteredAct) -> None:
    before = thing.pop("sign_in", None)
    stands = stands_after(before if isinstance(before, SignIn) else None, act)
    if stands is not None:
        thing["sign_in"] = stands


def _take_means(act: EnteredAct, person: str, facts: Facts, stated: Replayed) -> None:
    key = f"{person}/{facts.get('account')}"
    if act.act in (PERSON_ADDED.name, AUTHENTICATORS_COUNTED.name):
        if "account" in facts:
            written = facts.get("authenticators", [])
            stated.things[key] = {"password": facts.get("digest"), "authenticators": written}
            _stand(stated.things[key], act)
        else:
            stated.erased += act.facts is None
    elif act.act == PASSWORD_OFF.name:
        for thing in _of(person, stated):
            thing["password"] = None
    elif act.act == PASSWORD_SET.name:
        if "account" in facts:
            said = {"password": facts.get("digest")}
            left = {"authenticators": facts["authenticators"]} if "authenticators" in facts else {}
            stated.restate(key, **said, **left)
        else:
            _forget(person, "password", stated)
    elif act.act not in _SHAPES:
        return
    elif act.facts is None:
        _forget(person, "authenticators", stated)
    else:
        _step(act.act == AUTHENTICATOR_ADDED.name, f"{facts['kind']}:{facts['digest']}", key, stated)


def _step(added: bool, written: str, key: str, stated: Replayed) -> None:
    known = stated.things.get(key, {}).get("authenticators")
    if isinstance(known, list) and texts(known):
        left = [*known, written] if added else [each for each in known if each != written]
        stated.restate(key, authenticators=sorted(left))


def _forget(person: str, fact: str, stated: Replayed) -> None:
    for thing in _of(person, stated):
        thing.pop(fact, None)


def _of(person: str, stated: Replayed) -> Iterator[dict[str, object]]:
    return (thing for key, thing in stated.things.items() if key.startswith(f"{person}/"))
