"""Importing people from a real slapd: pages, entries that lack something, what a second import does, and a directory that does not answer."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.urls import reverse

from rejent.kernel.clock import Clock
from rejent.office import queries, services
from rejent.office.errors import NotProvenError, WayAwayError
from rejent.office.people.importing.lines import ImportRefusedError
from rejent.office.services.importing import Imported
from rejent.office.sign_in import directory as asked
from rejent.office.sign_in.configured import Directory
from rejent.office.sign_in.directory import LdapDirectory
from tests.identity.browsing import browser, signed_in
from tests.identity.conftest import Named
from tests.identity.slapd import LOOKERS_PASSWORD, PEOPLE, Slapd
from tests.identity.test_directory import opened
from tests.identity.toolkit.running import CLIENT
from tests.ports import free_port
from tests.unit.web.conftest import text_of

ADDED = ("ewa", "iza", "ola")


@pytest.fixture
def crowd(ldap_server: Slapd) -> Iterator[Slapd]:
    """The directory with three more people, until the end of the test."""
    for uid in ADDED:
        ldap_server.add(uid)
    ldap_server.change(
        "ewa",
        displayName="Ewa Żółw",
        title="referent",
        mail="ewa@gmina.example",
        telephoneNumber="62 742 83 01",
    )
    yield ldap_server
    for uid in ADDED:
        ldap_server.remove(uid)


def imported(directory: LdapDirectory, clock: Clock) -> Imported:
    """Show what the directory changes, and apply just that."""
    lines = services.of_directory(directory.everybody())
    seen = services.import_plan(lines, whole=False, directory=True, clock=clock, actor="cli").digest()
    return services.apply_import(lines, seen=seen, whole=False, directory=True, clock=clock, actor="cli")


def test_everybody_is_read_in_pages_with_what_the_entries_say(
    crowd: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five people at two a page (RFC 2696), each once; a name stands for a display name that is missing."""
    monkeypatch.setattr(asked, "_PAGE", 2)
    directory = opened(crowd.directory())
    listed = {one.username: one for one in directory.everybody()}
    assert list(listed) == ["anna", "ewa", "iza", "jan", "ola"]
    ewa, found = listed["ewa"], directory.find("ewa")
    assert found is not None
    assert (ewa.subject, ewa.name, ewa.post, ewa.email, ewa.extension) == (
        found.subject, "Ewa Żółw", "referent", "ewa@gmina.example", "627428301",
    )  # fmt: skip
    assert listed["jan"].name == "jan"


def test_more_people_than_an_import_takes_are_refused(crowd: Slapd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading ends with the page that shows it: a directory without end is not read to its end."""
    monkeypatch.setattr(asked, "_PAGE", 2)
    monkeypatch.setattr(asked, "MOST_LISTED", 3)
    with pytest.raises(NotProvenError, match="more than 3"):
        opened(crowd.directory()).everybody()


@pytest.mark.usefixtures("people")
def test_a_second_import_changes_nothing_and_who_is_gone_has_left(crowd: Slapd, clock: Clock) -> None:
    """Nobody gets a password of ours; a new name of an entry is the same person, and only who came by the directory leaves with it."""
    directory = opened(crowd.directory())
    first = imported(directory, clock)
    assert [one.username for one in first.plan.added] == ["anna", "ewa", "iza", "jan", "ola"]
    assert first.passwords == {}
    lines = services.of_directory(directory.everybody())
    again = services.import_plan(lines, whole=False, directory=True, clock=clock, actor="cli")
    assert (again.does_nothing, len(again.unchanged), again.bad) == (True, 5, [])
    ewa = queries.person_by_username("ewa")
    crowd.change("ewa", displayName="Ewa Nowa")
    crowd.rename("ewa", to="ewa.nowa")
    crowd.remove("iza")
    second = imported(directory, clock)
    crowd.rename("ewa.nowa", to="ewa")
    crowd.add("iza")
    assert [(one.person.id, one.fields) for one in second.plan.changed] == [(ewa.id, ("name",))]
    assert [one.username for one in second.plan.left] == ["iza"]
    assert {one.username for one in queries.people()} >= {"ewa", "viewer", "clerk"}


@pytest.mark.usefixtures("people")
def test_an_entry_that_cannot_be_taken_is_named_and_the_others_are_taken(crowd: Slapd, clock: Clock) -> None:
    """A name with letters of two scripts, an address that is none: the line names the entry and what to do; who it is of has not left."""
    crowd.change("ola", displayName="Оla Nowak")
    crowd.change("iza", mail="bez malpy")
    done = imported(opened(crowd.directory()), clock)
    assert [(one.number, one.who) for one in done.plan.bad] == [(3, "iza"), (5, "Оla Nowak")]
    assert [one.username for one in done.plan.added] == ["anna", "ewa", "jan"]
    assert {one.username for one in queries.people()} >= {"anna", "ewa", "jan"}
    crowd.change("ewa", mail="bez malpy")
    crowd.change("jan", mail="jan@gmina.example")
    again = imported(opened(crowd.directory()), clock).plan
    crowd.change("jan", mail=[])
    assert [each.person.username for each in again.changed] == ["jan"]
    assert again.left == []


def test_entries_without_the_name_that_is_typed_are_no_people(crowd: Slapd) -> None:
    """Nobody could sign in as them: one attribute that no entry here has."""
    at = replace(crowd.directory(), name_attribute="employeeNumber")
    assert opened(at).everybody() == []


def test_an_entry_without_an_identifier_ends_the_list(crowd: Slapd) -> None:
    """Somebody else could get its name: no list is better than one with it."""
    with pytest.raises(NotProvenError, match="objectGUID"):
        opened(replace(crowd.directory(), id_attribute="objectGUID")).everybody()


@pytest.mark.usefixtures("people")
def test_an_entry_with_two_identifiers_is_named_and_the_others_are_read(crowd: Slapd, clock: Clock) -> None:
    """Nobody knows whose it is, nor whose one is that two entries show: lines to be mended, that sign nobody in, end no list, and let nobody leave."""
    ids = [f"0b8fe8a6-9d6c-4f3e-8a64-0c6b5a1f000{n}" for n in range(6)]
    for uid, given in zip(["anna", "ewa", "jan", "ola"], ids, strict=False):
        crowd.change(uid, description=given)
    crowd.change("iza", description=ids[4:])
    crowd.change("ola", description=ids[0])
    directory = opened(replace(crowd.directory(), id_attribute="description"))
    try:
        plan = services.import_plan(
            services.of_directory(directory.everybody()),
            whole=False,
            directory=True,
            clock=clock,
            actor="cli",
        )
        with pytest.raises(NotProvenError, match="or several"):
            directory.find("iza")
    finally:
        for uid in ("anna", "jan"):
            crowd.change(uid, description=[])
    assert [one.username for one in plan.added] == ["ewa", "jan"]
    assert [(one.number, one.who, str(one.wrong)) for one in plan.bad] == [
        (1, "anna", "The entry's identifier stands in line 5, too."),
        (3, "iza", "The entry shows no identifier, or several: nobody knows whose it is."),
        (5, "ola", "The entry's identifier stands in line 1, too."),
    ]


@pytest.mark.parametrize(
    ("attributes", "read"),
    [
        ({"uid": [b"anna", b"a.nowa"], "cn": [b"Anna"]}, ("", "Anna", "", "")),
        ({"uid": [b"anna", b" "], "cn": [b"", b"Anna", b"Nowa"]}, ("anna", "Anna", "", "")),
        (
            {"uid": [b"anna"], "displayName": ["Żółw".encode("cp1250")], "cn": [b"Anna"]},
            ("anna", "Anna", "", ""),
        ),
        ({"uid": [b"\xff"], "cn": [b"Anna"]}, ("", "Anna", "", "")),
        (
            {
                "uid": [b"anna"],
                "cn": [b"Anna"],
                "mail": [b"a@gmina.example", b"b@gmina.example"],
                "title": [b"", b"x"],
            },
            ("anna", "Anna", "x", "a@gmina.example"),
        ),
    ],
    ids=["two names to type", "empty values", "another charset", "no text", "two addresses"],
)
def test_values_of_an_entry_are_read_whole_or_not_at_all(
    attributes: dict[str, list[bytes]], read: tuple[str, ...]
) -> None:
    """A letter is never dropped out of a name, and which of two names somebody types is not guessed."""
    at = Directory("localhost", 636, True, "cn=rejent", PEOPLE)
    listed = asked._listed(attributes, at)
    assert (listed.subject, listed.username, listed.name, listed.post, listed.email) == ("", *read)


@pytest.mark.parametrize("broken", ["password", "away", "base", "no certificate"])
def test_a_directory_that_does_not_answer_lists_nobody(crowd: Slapd, broken: str) -> None:
    """One error that says which way is away, whatever it is; never an empty list, by which everybody would have left."""
    at = crowd.directory()
    changed = {
        "password": at,
        "away": replace(at, port=free_port()),
        "base": replace(at, base=f"ou=nowhere,{PEOPLE}"),
        "no certificate": replace(at, host="127.0.0.1"),
    }[broken]
    with pytest.raises(WayAwayError):
        opened(changed, "wrong" if broken == "password" else LOOKERS_PASSWORD).everybody()


def test_a_directory_that_lists_nobody_lets_nobody_leave(crowd: Slapd) -> None:
    """A filter or a right that hides every entry answers with success; by that list everybody would have left."""
    listed = opened(replace(crowd.directory(), filter="(uid=nobody)")).everybody()
    with pytest.raises(ImportRefusedError, match="lists nobody"):
        services.of_directory(listed)


def test_an_administrator_imports_from_the_directory_on_the_page(
    named: Named, people: dict[str, str], crowd: Slapd
) -> None:
    """Shown first, applied once confirmed; where the directory is away the page says so and nobody is entered."""
    named(ldap=crowd.directory())
    client = browser()
    client.post(reverse("account_login"), {"login": "administrator", "password": CLIENT["password"]})
    assert signed_in(client) == people["administrator"]
    shown = client.post(reverse("people-import"), {"directory": "1"})
    assert "Ewa Żółw" in text_of(shown)
    seen = {"directory": "1", "seen": shown.context["plan"].digest(), "confirmed": "1"}
    assert client.post(reverse("people-import"), seen).status_code == 200
    assert queries.person_by_username("ewa").post == "referent"
    named(ldap=replace(crowd.directory(), port=free_port()))
    away = client.post(reverse("people-import"), {"directory": "1"})
    assert away.status_code == 422
    assert "Katalog" in text_of(away)
