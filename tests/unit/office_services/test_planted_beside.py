"""Rows that a trigger, or somebody at the same instant, puts beside one that is entered: the program's own tag never vouches for them."""

from collections.abc import Callable

import psycopg
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection

from rejent.devices import services as devices
from rejent.devices.models import Device
from rejent.kernel.clock import ManualClock
from rejent.office import queries, services
from rejent.office.models import Account, Person, PersonRole
from rejent.office.views import PersonView
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.guard.rows import matching
from rejent.registers.guard.schema import foreign_code
from tests.planted import plant_trigger
from tests.unit.office_services.conftest import PASSWORD

People = Callable[..., PersonView]
ON_POSTGRESQL = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time"
)


def a_role(person: PersonView) -> str:
    """A statement that makes somebody head."""
    key = person.id if connection.vendor == "postgresql" else person.id.hex
    return f"INSERT INTO office_personrole (person_id, role) VALUES ('{key}', 'head') ON CONFLICT DO NOTHING"  # noqa: S608 - our own key


def own_password(person: PersonView, clock: ManualClock) -> None:
    """What every clerk may do."""
    services.change_own_password(Account.objects.get(person_id=person.id), PASSWORD + "s", clock=clock)


def test_a_role_that_a_trigger_plants_is_never_entered(add: People, clock: ManualClock) -> None:
    """Whatever of the person is entered: the act is refused whole, and the clerk stays a clerk."""
    clerk = add()
    plant_trigger("UPDATE", "office_account", a_role(clerk))
    for act in (
        lambda: own_password(clerk, clock),
        lambda: services.set_password(clerk.id, PASSWORD + "x", clock=clock, actor="cli"),
        lambda: services.person_left(clerk.id, clock=clock, actor="cli"),
    ):
        with pytest.raises(LedgerMismatchError):
            act()
    found = queries.verified_person(clerk.id)
    assert found is not None
    assert found.roles == {"clerk"}
    assert list(guarded_rows("office")) == []


def test_a_new_person_has_the_roles_that_were_given_alone(add: People) -> None:
    """A trigger that gives each new account one more is refused."""
    plant_trigger(
        "INSERT", "office_personrole", "UPDATE office_personrole SET role = 'head' WHERE role = 'clerk'"
    )
    with pytest.raises(LedgerMismatchError):
        add()
    assert not Person.objects.exists()


def test_a_secret_of_codes_that_a_trigger_swaps_is_never_entered(add: People, clock: ManualClock) -> None:
    """What allauth wrote is entered, not what the database has of it a moment later."""
    clerk = add()
    account = Account.objects.get(person_id=clerk.id)
    with services.entering_authenticators(clerk.id, clock=clock, actor=str(clerk.id)):
        TOTP.activate(account, "S" * 32)
    plant_trigger("UPDATE", "office_account", 'UPDATE mfa_authenticator SET data = \'{"secret": "mine"}\'')
    with pytest.raises(LedgerMismatchError):
        own_password(clerk, clock)
    assert Authenticator.objects.get().data != {"secret": "mine"}


def test_a_column_that_a_trigger_alters_counts_for_nothing(clock: ManualClock, add: People) -> None:
    """The digest is of what the program wrote: such a row never verifies, and fsck names it."""
    add()
    plant_trigger("INSERT", "devices_device", "UPDATE devices_device SET address = '10.0.0.66'")
    given = {"name": "Kasa", "place": "", "address": "10.0.0.5", "fingerprint": "ab"}
    devices.enrol_station(**given, expires_at=clock.now(), clock=clock, actor="cli")
    assert matching(Device.objects.all()) == []
    assert [one.code for one in guarded_rows("devices")] == ["devices.differs-from-ledger"]


@ON_POSTGRESQL
@pytest.mark.django_db(transaction=True)
def test_a_role_that_is_committed_meanwhile_is_never_entered(add: People, clock: ManualClock) -> None:
    """Between the verifying and the entering of the clerk's own change."""
    clerk = add()
    account = Account.objects.get(person_id=clerk.id)

    def meanwhile() -> None:
        with services.entering_authenticators(clerk.id, clock=clock, actor=str(clerk.id)):
            with psycopg.connect(**connection.get_connection_params()) as other:
                other.execute(a_role(clerk))
            TOTP.activate(account, "S" * 32)

    with pytest.raises(LedgerMismatchError):
        meanwhile()
    assert PersonRole.objects.filter(person=clerk.id, role="head").exists()
    assert [one.code for one in guarded_rows("office")] == ["office.differs-from-ledger"]
    assert queries.verified_person(clerk.id) is None


@pytest.mark.django_db
def test_fsck_names_what_is_not_the_programs() -> None:
    """Nothing of a fresh database; then a trigger and its function, one that was changed, and a view."""
    assert list(foreign_code()) == []
    plant_trigger("UPDATE", "office_account", "DELETE FROM office_personrole")
    with connection.cursor() as cursor:
        cursor.execute("CREATE VIEW seen AS SELECT * FROM office_personrole")
        if connection.vendor == "postgresql":
            cursor.execute("CREATE RULE quiet AS ON DELETE TO devices_device DO INSTEAD NOTHING")
            cursor.execute(
                "CREATE OR REPLACE FUNCTION registers_refused() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RETURN NEW; END $$"
            )
            cursor.execute("DROP TRIGGER cases_case_kept ON cases_case")
            cursor.execute(
                "CREATE TRIGGER cases_case_kept BEFORE DELETE ON cases_case FOR EACH ROW WHEN (OLD.state = 'x') "
                "EXECUTE FUNCTION registers_refused('no')"
            )
        else:
            cursor.execute("DROP TRIGGER cases_case_kept")
            cursor.execute("CREATE TRIGGER cases_case_kept BEFORE DELETE ON cases_case BEGIN SELECT 1; END")
    found = {(one.code.removeprefix("registers.code-"), one.facts["what"]) for one in foreign_code()}
    both = {
        ("foreign", "trigger planted on office_account"),
        ("changed", "trigger cases_case_kept on cases_case"),
        ("foreign", "view seen on seen"),
    }
    only = {
        ("foreign", "function planted"),
        ("changed", "function registers_refused"),
        ("foreign", "rule quiet on devices_device"),
    }
    assert found == (both | only if connection.vendor == "postgresql" else both)
