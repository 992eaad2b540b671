"""Questions about the office."""

import hashlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.sentences import Sentence
from rejent.kernel.terms import earliest_start
from rejent.kernel.views import view_of
from rejent.office.acts import INSTALLATION_CREATED
from rejent.office.errors import InstallationChangedError, NoRegulationError, NoSuchPersonError
from rejent.office.installation import Installation
from rejent.office.models import Building, GateFact, Person, Place, RegulationVersion, Token
from rejent.office.regulation import law
from rejent.office.regulation.gates import (
    PLACE_MARKED,
    Activation,
    Condition,
    EnteredFact,
    FactKind,
    dated_condition,
)
from rejent.office.regulation.loading import load
from rejent.office.regulation.provisions import Regulation, StreamRules
from rejent.office.regulation.sections import activation, not_as_entered
from rejent.office.regulation.vocabulary import StreamName
from rejent.office.sign_in.own_sign_in import SignIn, as_written
from rejent.office.views import GateFactView, PersonView, PlaceView, RegulationView, TokenView
from rejent.registers import queries as registers
from rejent.registers.errors import LedgerMismatchError, NoSuchEntryError
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.model import GuardedModel
from rejent.registers.guard.rows import matching, verified_many

OF_STREAMS: tuple[type[GuardedModel], ...] = (RegulationVersion, GateFact, Place)
"""Models of the rows that say what a stream may record, and where; for memories of what is made of them."""
OF_PEOPLE: tuple[type[GuardedModel], ...] = (Person,)


def created_as() -> Mapping[str, object] | None:
    """Return ``id``, ``test`` and ``name`` of the installation by the first entry of the ledger.

    None where the ledger begins with another act; empty where that entry was changed.
    """
    try:
        first = registers.act(0)
    except NoSuchEntryError:
        return None
    if first.act != INSTALLATION_CREATED.name:
        return None
    return {} if first.changed else first.facts


def require_as_created(installation: Installation) -> None:
    """Raise `InstallationChangedError` for a test installation that the ledger knows as a real one."""
    created = created_as()
    if installation.test and created is not None and created.get("test") is not True:
        raise InstallationChangedError(
            "rejent.toml calls this installation a test one, but it was not created as one.",
            advice="Restore rejent.toml as it was.",
        )


def verified_regulation(at: date) -> Regulation:
    """Return the regulation in force on a civil date, verified against the ledger, for whatever it permits.

    Raises NoRegulationError, LedgerMismatchError.
    """
    return _in_force(at)[1]


def _in_force(at: date) -> tuple[date, Regulation]:
    """Return it with the first day of its force."""
    begun = [version for version in verified_regulations() if version[0] <= at]
    if not begun:
        raise _none_in_force(at)
    return begun[-1]


def verified_regulations() -> tuple[tuple[date, Regulation], ...]:
    """Return every version with the first day of its force, in the order in which they come into force.

    Raises LedgerMismatchError.
    """
    return _regulations.get("", _read_regulations)


def _read_regulations() -> tuple[tuple[date, Regulation], ...]:
    rows = sorted(_verified_versions(), key=lambda row: (row.in_force_from, row.version))
    return tuple((row.in_force_from, _loaded(_text_of(row.version, row.sha256))) for row in rows)


_regulations = VerifiedOnce[tuple[tuple[date, Regulation], ...]](RegulationVersion)


def verified_version(version: int) -> Regulation:
    """Return a version of the regulation by its number, in force or not. Raises NoRegulationError, LedgerMismatchError."""
    found = next((row for row in _verified_versions() if row.version == version), None)
    if found is None:
        raise NoRegulationError("There is no version {version} of the regulation.", version=version)
    return _loaded(_text_of(found.version, found.sha256))


def verified_text(at: date) -> str:
    """Return the text of the regulation in force on a civil date. Raises NoRegulationError, LedgerMismatchError."""
    begun = [row for row in _verified_versions() if row.in_force_from <= at]
    if not begun:
        raise _none_in_force(at)
    newest = max(begun, key=lambda row: (row.in_force_from, row.version))
    return _text_of(newest.version, newest.sha256)


def require_regulation_entered() -> None:
    """Raise `LedgerMismatchError` unless the versions of the regulation are exactly those entered."""
    for row in _verified_versions():
        _texts.pop(row.sha256, None)
        _text_of(row.version, row.sha256)


def _verified_versions() -> list[RegulationVersion]:
    rows = list(RegulationVersion.objects.defer("text").order_by("version"))
    return verified_many(rows, none_beyond=(RegulationVersion, rows[-1].version + 1 if rows else 1))


def _text_of(version: int, digest: str) -> str:
    """Return the text of a version whose digest was verified; it is read from the database once."""
    text = _texts.get(digest)
    if text is None:
        text = RegulationVersion.objects.values_list("text", flat=True).get(version=version)
        if not isinstance(text, str) or hashlib.sha256(text.encode()).hexdigest() != digest:
            raise LedgerMismatchError(
                "The text of version {version} of the regulation is not what was entered.", version=version
            )
        _texts[digest] = text
    return text


_texts: dict[str, str] = {}


def version_in_force(at: date) -> RegulationView:
    """Return the version in force on a civil date. Raises NoRegulationError, LedgerMismatchError."""
    begun = [view for view in every_version() if view.in_force_from <= at]
    if not begun:
        raise _none_in_force(at)
    return max(begun, key=lambda view: (view.in_force_from, view.version))


def every_version() -> list[RegulationView]:
    """Return every version, the newest first. Raises LedgerMismatchError."""
    return [
        view_of(RegulationView, row, text=_text_of(row.version, row.sha256))
        for row in reversed(_verified_versions())
    ]


def verified_streams(at: date) -> Mapping[str, StreamRules]:
    """Return the rules of each recorded stream by its name; empty while no regulation is in force. Raises LedgerMismatchError."""
    try:
        return verified_regulation(at).streams
    except NoRegulationError:
        return {}


def streams_if_entered(at: date) -> Mapping[str, StreamRules]:
    """Return the same; empty, too, while the regulation is not as it was entered, for what is only shown or goes on without it."""
    try:
        return verified_streams(at)
    except LedgerMismatchError:
        return {}


def announced_directions(stream: str, at: date) -> frozenset[str]:
    """Return the directions of calls that the regulation in force announces."""
    rules = verified_streams(at).get(stream)
    if rules is None:
        return frozenset()
    announced = {"incoming": rules.announcements.incoming, "outgoing": rules.announcements.outgoing}
    return frozenset(each.value for each in rules.directions if announced.get(each.value))


def secret_places() -> frozenset[str]:
    """Return the streams whose places are secret by any version of the regulation, past or to come; all while one is not as entered."""
    try:
        versions = verified_regulations()
    except LedgerMismatchError:
        return frozenset(StreamName)
    return frozenset(
        stream for _, version in versions for stream, rules in version.streams.items() if rules.places.secret
    )


def gate_facts(stream: str) -> list[GateFactView]:
    """Return the facts entered for a stream's start, oldest first."""
    rows = GateFact.objects.filter(stream=stream).order_by("on", "pk")
    return [view_of(GateFactView, row) for row in matching(rows)]


def gates(stream: str, day: date) -> Activation:
    """Return a stream's conditions on a civil date; raise `NoRegulationError`."""
    try:
        since, regulation = _in_force(day)
    except LedgerMismatchError:
        return not_as_entered(stream, day)
    facts = [EnteredFact(FactKind(fact.kind), fact.on) for fact in gate_facts(stream)]
    facts.append(EnteredFact(FactKind.IN_FORCE, since))
    return activation(regulation, stream, facts, day)


def place_condition(activation: Activation, place: int | None) -> Condition | None:
    """Return the condition that a source's own place is marked (Labour Code art. 22² § 9); None where nothing asks for it.

    The register of plates stands in a layer above, and the settings hand it down.
    """
    if all(each.name != FactKind.PLACES_MARKED for each in activation.conditions):
        return None
    marked = settings.PLACES_MARKED(activation.stream, activation.day)
    if marked is None:
        return None
    first, since = None, marked.get(place)
    if since is not None:
        first = earliest_start(
            since, verified_streams(activation.day)[activation.stream].notices.marking_days
        )
    lacking = Sentence("No plate marks the place of the source.")
    return dated_condition(PLACE_MARKED, law.MARKING, first, activation.day, lacking)


def person(person_id: UUID | str) -> PersonView:
    """Return a person, also one who has left; raise `NoSuchPersonError`."""
    row = _people().filter(pk=person_key(person_id)).first()
    if row is None:
        raise NoSuchPersonError("There is no such person.")
    return person_view(row)


def verified_person(person_id: UUID | str, signed_in_by: Hashable = ()) -> PersonView | None:
    """Return a person with roles and account as the ledger says; nothing for nobody, and for who is not as it says.

    For each ``signed_in_by``, of which the ledger need hold no entry, everything is verified once.
    """
    key = person_key(person_id)
    return _persons.get((key, signed_in_by), partial(_verified_person, key))


def _verified_person(key: UUID) -> PersonView | None:
    for row in matching(_people().filter(pk=key)):
        return replace(person_view(row), roles=row.verified_roles)
    return None


_persons = VerifiedOnce[PersonView | None](Person)


def standing(person_id: UUID | str, day: date) -> frozenset[str] | None:
    """Return the verified roles of a person on a civil date; None for who does not belong to the office then."""
    return standing_of(person_id).on(day)


@dataclass(frozen=True, slots=True)
class Standing:
    """A person as the ledger has them, as far as decisions need it; ``left_on``: the first day after."""

    joined_on: date | None = None
    left_on: date | None = None
    roles: frozenset[str] = frozenset()
    sign_in: SignIn = SignIn.GIVEN
    second_factor: bool = False

    def on(self, day: date) -> frozenset[str] | None:
        """Return the roles on a civil date; None for who does not belong to the office then."""
        if (
            self.joined_on is None
            or self.joined_on > day
            or (self.left_on is not None and self.left_on <= day)
        ):
            return None
        return self.roles or None


def standing_of(person_id: UUID | str) -> Standing:
    """Return a person's standing by the ledger; that of nobody if their rows differ from it."""
    key = person_key(person_id)
    return _standings.get(key, partial(_standing_of, key))


def _standing_of(key: UUID) -> Standing:
    for row in matching(Person.objects.filter(pk=key)):
        roles, sign_in = row.verified_roles, as_written(row.sign_in)
        return Standing(row.joined_on, row.left_on, roles, sign_in, row.has_second_factor)
    return Standing()


_standings = VerifiedOnce[Standing](Person)


def is_as_entered(person_id: UUID | str) -> bool:
    """Return whether a person's rows, roles and means of sign-in match the ledger."""
    return bool(matching(Person.objects.filter(pk=person_key(person_id))))


def sign_in(person_id: UUID | str) -> SignIn:
    """Return how a person's means of sign-in were set up."""
    written = Person.objects.filter(pk=person_key(person_id)).values_list("sign_in", flat=True).first()
    return as_written(written)


def person_key(person_id: UUID | str) -> UUID:
    """Return the identifier of a person as rows hold it; raise `NoSuchPersonError` if it cannot be one."""
    try:
        return UUID(str(person_id))
    except ValueError:
        raise NoSuchPersonError("There is no such person.") from None


def people(*, left: bool = False) -> list[PersonView]:
    """Return the people of the office by name; with ``left`` also those who have left."""
    rows = _people() if left else _people().filter(left_on__isnull=True)
    return [person_view(row) for row in rows.order_by("name", "pk")]


def person_by_username(username: str) -> PersonView:
    """Return a person by their user name; raise `NoSuchPersonError`."""
    row = _people().filter(accounts__username__iexact=username).first()
    if row is None:
        raise NoSuchPersonError(
            "Nobody signs in with this user name.", advice="Everybody stands on the page People."
        )
    return person_view(row)


def person_view(row: Person) -> PersonView:
    """Return the row as a view."""
    roles = frozenset(held.role for held in row.roles.all())
    username = next((account.username for account in row.accounts.all()), "")
    return view_of(PersonView, row, roles=roles, username=username, sign_in=as_written(row.sign_in))


def person_of_token(text: str, *, clock: Clock) -> PersonView | None:
    """Return a token's person; None if it is unknown, expired, revoked, or its person has left."""
    now = clock.now()
    valid = matching(
        Token.objects.filter(digest=token_digest(text), revoked_at__isnull=True, expires_at__gt=now)
    )
    if not valid or not is_as_entered(valid[0].person_id):
        return None
    found = person(valid[0].person_id)
    return found if found.active(civil_date(now)) else None


def tokens(person_id: UUID | str | None = None) -> list[TokenView]:
    """Return tokens, the newest first."""
    rows = Token.objects.order_by("-pk")
    if person_id is not None:
        rows = rows.filter(person_id=person_key(person_id))
    return [view_of(TokenView, row) for row in rows]


def token_digest(text: str) -> str:
    """Return what is stored of a token; it is long and random, so that a plain digest is enough."""
    return hashlib.sha256(text.encode()).hexdigest()


def buildings() -> list[str]:
    """Return the buildings' names, in order."""
    return list(Building.objects.order_by("name").values_list("name", flat=True))


def places() -> list[PlaceView]:
    """Return the places by building and name; secret ones are for who has the right to them."""
    rows = Place.objects.select_related("building").order_by("building__name", "name")
    return [PlaceView(row.pk, row.building.name, row.name, row.kind) for row in rows]


def _people() -> QuerySet[Person]:
    return Person.objects.prefetch_related("roles", "accounts")


def _none_in_force(at: date) -> NoRegulationError:
    return NoRegulationError(
        "No regulation is in force on {day}.", day=at.isoformat(), advice="Load one, or wait for its day."
    )


@lru_cache(maxsize=8)
def _loaded(text: str) -> Regulation:
    return load(text)
