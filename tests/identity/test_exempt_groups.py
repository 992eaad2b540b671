"""Groups of a real slapd whose members' mail is never kept."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rejent.catalog import queries, services
from rejent.kernel.clock import Clock, ManualClock, civil_date
from rejent.office import services as office
from rejent.office.errors import NotProvenError
from rejent.office.sign_in.directory import LdapDirectory
from rejent.streams.mail.records import exempt_groups
from rejent.streams.mail.records.exempt_groups import find_grouped, find_unread, refresh_groups
from rejent.streams.mail.sources import rules_of
from tests.identity.conftest import Named
from tests.identity.slapd import PEOPLE, Slapd
from tests.identity.test_directory import opened
from tests.unit.retention.office import NoBox

REGULATION = Path(__file__).parents[1] / "streams" / "mail_regulation.toml"
UNION, BOARD = f"cn=zwiazek,{PEOPLE}", f"cn=zarzad,{PEOPLE}"
MEMBERS = ("ewa", "iza", "ola")


@pytest.fixture
def union(ldap_server: Slapd) -> Iterator[Slapd]:
    """A group with one member, and a group within it, in a circle, with another and with one who is gone."""
    for uid in MEMBERS:
        ldap_server.add(uid)
        ldap_server.change(uid, mail=f"{uid}@gmina.example")
    ldap_server.add_group("zwiazek", [f"uid=ewa,{PEOPLE}", BOARD])
    ldap_server.add_group("zarzad", [f"uid=iza,{PEOPLE}", UNION, f"uid=dawny,{PEOPLE}"])
    yield ldap_server
    for name in ("zwiazek", "zarzad"):
        ldap_server.remove(name, "cn")
    for uid in MEMBERS:
        ldap_server.remove(uid)


def test_a_group_is_its_members_and_those_of_groups_within(union: Slapd) -> None:
    """A circle ends, who is gone is counted, and a group that is none, or names nobody, is named."""
    directory = opened(union.directory())
    found = directory.group_addresses(UNION)
    assert (found.addresses, found.without) == ({"ewa@gmina.example", "iza@gmina.example"}, 1)
    union.change_group("zwiazek", [f"uid=dawny,{PEOPLE}"])
    with pytest.raises(NotProvenError, match="names nobody"):
        directory.group_addresses(UNION)
    with pytest.raises(NotProvenError, match="no group"):
        directory.group_addresses(f"cn=nikt,{PEOPLE}")


def test_a_member_whose_name_is_no_text_is_counted(
    ldap_server: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else is asked for in its place."""
    entries = {
        UNION: {"mail": [b"zwiazek@gmina.example"], "member": [b"uid=\xff", f"uid=ewa,{PEOPLE}".encode()]},
        f"uid=ewa,{PEOPLE}": {"mail": [b"ewa@gmina.example"]},
    }
    answer = SimpleNamespace(result={"result": 0}, response=[])

    def search(dn: str, *_: Any, **__: Any) -> None:
        answer.response = [{"type": "searchResEntry", "raw_attributes": entries[dn]}]

    answer.search = search
    monkeypatch.setattr(LdapDirectory, "_asking", lambda *_: nullcontext(answer))
    found = opened(ldap_server.directory()).group_addresses(UNION)
    assert (found.addresses, found.without) == ({"zwiazek@gmina.example", "ewa@gmina.example"}, 1)


def test_who_joins_an_exempt_group_is_exempt_after_the_keepers_round(
    union: Slapd, named: Named, settings: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked at most every ten minutes; nobody is taken out while a member cannot be read, which is an alarm, as is a group that names nobody."""
    named(ldap=union.directory())
    monkeypatch.setitem(vars(settings.VAULT), "credentials", NoBox())
    now = ManualClock(clock.now())
    office.activate_regulation(
        REGULATION.read_text(), in_force_from=civil_date(now.now()), clock=now, actor=""
    )
    traits = {"domains": "gmina.example", "groups": UNION, "grouped": find_grouped([UNION]).trait()}
    journal = services.add_source(
        stream="mail", name="dziennik", address="milter://127.0.0.1:2525", building="Ratusz", place="Ratusz", kind="office",
        traits=traits, clock=now, actor="", credentials_box=NoBox(),
    )  # fmt: skip
    exempt_groups._asked.clear()

    def exempt() -> set[str]:
        return set(rules_of(queries.source(journal).traits).exempt)

    assert exempt() == {"ewa@gmina.example", "iza@gmina.example"}
    assert refresh_groups(clock=now) == 0
    assert find_unread(now.now()) == {"count": 1}
    union.change_group("zwiazek", [f"uid=ewa,{PEOPLE}", f"uid=ola,{PEOPLE}"])
    assert refresh_groups(clock=now) == 0
    now.advance(timedelta(minutes=11))
    assert refresh_groups(clock=now) == 1
    assert (exempt(), find_unread(now.now())) == ({"ewa@gmina.example", "ola@gmina.example"}, None)
    union.change("ola", mail=["ola@gmina.example", '"ola,nowa"@gmina.example', "ola"])
    union.change("ewa", mail=[])
    now.advance(timedelta(minutes=11))
    assert refresh_groups(clock=now) == 0
    assert (exempt(), find_unread(now.now())) == ({"ewa@gmina.example", "ola@gmina.example"}, {"count": 1})
    assert find_grouped([UNION]).unread == 3
    union.change_group("zwiazek", [f"uid=dawny,{PEOPLE}"])
    now.advance(timedelta(minutes=11))
    with pytest.raises(NotProvenError, match="names nobody"):
        refresh_groups(clock=now)
    assert (exempt(), find_unread(now.now())) == ({"ewa@gmina.example", "ola@gmina.example"}, {"count": 1})
