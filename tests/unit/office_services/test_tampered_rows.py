"""fsck finds tokens and places that somebody changed, or put, into the database by hand."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from rejent.kernel.clock import ManualClock
from rejent.office import services
from rejent.office.models import Place, Token
from rejent.office.views import PersonView
from rejent.registers.guard.checks import guarded_rows
from tests.unit.office_services.conftest import NOON

People = Callable[..., PersonView]


def found() -> list[tuple[str, object]]:
    """Codes and things of what is found."""
    return sorted((one.code, str(one.facts.get("thing"))) for one in guarded_rows("office"))


def test_tokens_and_places_of_the_program_have_no_finding(add: People, clock: ManualClock) -> None:
    """Those that are valid, that were revoked, and those of who left."""
    one, other = add("one"), add("other")
    for person in (one, one, other):
        services.create_token(person.id, label="", days=5, clock=clock, actor="cli")
    services.revoke_token(Token.objects.order_by("pk")[0].pk, clock=clock, actor="cli")
    services.person_left(other.id, clock=clock, actor="cli")
    services.add_place("Ratusz", "hol", "hall", clock=clock, actor="cli")
    assert found() == []


@pytest.mark.parametrize(
    "edit",
    [
        {"expires_at": NOON + timedelta(days=300)},
        {"revoked_at": None},
        {"digest": "ab" * 32},
        {"person_id": "other"},
    ],
)
def test_a_token_that_opens_more_than_was_entered_is_found(
    add: People, clock: ManualClock, edit: dict[str, object]
) -> None:
    """Longer, again, for other words, or as somebody else."""
    one, other = add("one"), add("other")
    services.create_token(one.id, label="", days=5, clock=clock, actor="cli")
    token = Token.objects.get()
    services.revoke_token(token.pk, clock=clock, actor="cli")
    Token.objects.update(**{name: other.id if value == "other" else value for name, value in edit.items()})
    assert found() == [("office.differs-from-ledger", f"token:{token.pk}")]


def test_a_token_nobody_created_is_found(add: People, clock: ManualClock) -> None:
    """A row alone opens the HTTP interface; no act tells of it."""
    made = Token.objects.create(
        person_id=add("one").id, digest="ab" * 32, created_at=clock.now(), expires_at=NOON + timedelta(days=9)
    )
    assert found() == [("office.not-in-ledger", f"token:{made.pk}")]


def test_a_place_of_another_kind_is_found(add: People, clock: ManualClock) -> None:  # noqa: ARG001 - an office
    """Whether a place may be covered at all depends on its kind."""
    place = services.add_place("Ratusz", "hol", "hall", clock=clock, actor="cli")
    Place.objects.update(kind="parking")
    assert found() == [("office.differs-from-ledger", f"place:{place}")]
