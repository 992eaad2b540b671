"""Importing people: what a file changes, lines that cannot be taken, and nothing applied half."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from rejent.kernel.clock import ManualClock
from rejent.office import checks, queries, services
from rejent.office.models import Person
from rejent.office.people.importing.lines import ImportRefusedError, read_csv
from rejent.office.services.importing import Imported
from rejent.office.sign_in import identities
from rejent.office.sign_in.directory import Listed
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.unit.office_services.conftest import TODAY

People = Callable[..., PersonView]
HEAD = "login;imię i nazwisko;stanowisko;zatrudnienie;e-mail;telefon;od;role\n"


def applied(text: str, clock: ManualClock, actor: str = "cli", *, whole: bool = False) -> Imported:
    """Show what a file changes, and apply just that."""
    lines = read_csv(text.encode())
    plan = services.import_plan(lines, whole=whole, clock=clock, actor=actor)
    return services.apply_import(lines, seen=plan.digest(), whole=whole, clock=clock, actor=actor)


def test_a_file_adds_changes_and_lets_leave_who_is_not_in_it(add: People, clock: ManualClock) -> None:
    """New ones have a first password and are employees; a telephone number is theirs from today on; every row is as entered."""
    clerk, gone, same = add("clerk"), add("gone"), add("same")
    text = (
        HEAD
        + "anna;Anna Nowa;referent;umowa zlecenia;anna@gmina.example;55 279 1234;2026-11-02;\n"
        + "CLERK;Person clerk;inspektor;;;301;;\n"
        + "same;Person same;clerk;;;;;\n"
    )
    done = applied(text, clock, whole=True)
    made = queries.person_by_username("anna")
    assert (made.engagement, made.email, made.extension) == ("civil", "anna@gmina.example", "552791234")
    assert (made.joined_on, made.sign_in, made.roles) == (date(2026, 11, 2), SignIn.GIVEN, {"employee"})
    assert set(done.passwords) == {"anna"}
    changed = queries.person(clerk.id)
    assert (changed.post, changed.extension, changed.extension_since) == ("inspektor", "301", TODAY)
    assert queries.person(gone.id).left_on == TODAY
    assert [one.id for one in done.plan.unchanged] == [same.id]
    told = registers.acts(names=["person.changed", "people.imported"], limit=9).acts
    assert [act.facts for act in told if act.act == "people.imported"] == [
        {"added": 1, "changed": 1, "left": 1}
    ]
    assert "inspektor" not in str([act.facts for act in told])
    assert list(checks.findings(clock)) == []


def test_each_bad_line_is_named_and_nothing_is_applied(add: People, clock: ManualClock) -> None:
    """With its number, what is wrong and what to do; the good lines beside it wait."""
    gone = add("gone")
    services.person_left(gone.id, clock=clock, actor="cli")
    text = (
        HEAD
        + "anna;Anna Nowa;referent;;;;;\n"
        + "ANNA;Anna Druga;;;;;;\n"
        + ";Bez Loginu;;;;;;\n"
        + "jan;Jan;;wolontariat;;;;\n"
        + "ewa;Ewa;;;bez małpy;;;\n"
        + "ola;Ola;;;;;31 lutego;\n"
        + "iza;Iza;;;;;;krol\n"
        + "gone;Person gone;;;;;;\n"
        + "ada;\u200bAda;;;;;;\n"
    )
    lines = read_csv(text.encode("utf-8-sig"))
    plan = services.import_plan(lines, whole=False, clock=clock, actor="cli")
    assert [one.number for one in plan.bad] == [3, 4, 5, 6, 7, 8, 9, 10]
    assert all(str(one.wrong) and str(one.remedy) for one in plan.bad)
    before = Person.objects.count()
    with pytest.raises(ImportRefusedError):
        services.apply_import(lines, seen=plan.digest(), whole=False, clock=clock, actor="cli")
    assert Person.objects.count() == before


def test_an_import_that_fails_in_the_middle_leaves_nothing(
    add: People, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second of two people cannot be entered: the first is not either."""
    add("head", roles=["head"])
    from rejent.office.services import importing

    real = importing.add_person

    def failing(name: str, **more: object) -> PersonView:
        if name == "Jan":
            raise OSError("full")
        return real(name, **more)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(importing, "add_person", failing)
    size = registers.tree_head()
    with pytest.raises(OSError, match="full"):
        applied("login,name\nanna,Anna\njan,Jan\n", clock)
    assert [one.username for one in queries.people()] == ["head"]
    assert registers.tree_head() == size


def test_what_changed_since_it_was_shown_is_shown_anew(add: People, clock: ManualClock) -> None:
    """What is confirmed is just what was seen."""
    clerk = add("clerk")
    lines = read_csv(b"login;name;post\nclerk;Person clerk;inspektor\n")
    seen = services.import_plan(lines, whole=False, clock=clock, actor="cli").digest()
    services.set_roles(clerk.id, ["viewer"], clock=clock, actor="cli")
    with pytest.raises(ImportRefusedError, match="changed since"):
        services.apply_import(lines, seen=seen, whole=False, clock=clock, actor="cli")


def test_the_administrator_imports_nobody_who_decides(add: People, clock: ManualClock) -> None:
    """Neither a new head nor other details of one, nor that one leaves (R-ACC-9); an unchanged line harms nobody."""
    admin, head = add("admin", roles=["administrator"]), add("head", roles=["head"])
    text = HEAD + "head;Ktoś Inny;;;;;;\nnowa;Nowa;;;;;;head\nadmin;Person admin;clerk;;;;;\n"
    plan = services.import_plan(read_csv(text.encode()), whole=True, clock=clock, actor=str(admin.id))
    assert [one.number for one in plan.bad] == [2, 3]
    assert not plan.left
    same = HEAD + f"head;{head.name};{head.post};;;;;\n"
    plan = services.import_plan(read_csv(same.encode()), whole=False, clock=clock, actor=str(admin.id))
    assert [one.id for one in plan.unchanged] == [head.id]
    assert not plan.bad


def test_people_of_a_directory_sign_in_by_it_and_leave_with_it(add: People, clock: ManualClock) -> None:
    """Known by what the directory never gives to somebody else; who is not linked with it is left alone."""
    add("clerk")
    anna = Listed("0b8fe8a6-9d6c-4f3e-8a64-0c6b5a1f0001", "anna", "Anna Nowa", "referent", "", "301")
    entries = [
        anna,
        replace(anna, subject="0b8fe8a6-9d6c-4f3e-8a64-0c6b5a1f0002", username="jan", name="Jan"),
    ]

    def imported(listed: list[Listed]) -> Imported:
        lines = services.of_directory(listed)
        seen = services.import_plan(lines, whole=False, directory=True, clock=clock, actor="cli").digest()
        return services.apply_import(lines, seen=seen, whole=False, directory=True, clock=clock, actor="cli")

    assert imported(entries).passwords == {}
    made = queries.person_by_username("anna")
    assert made.sign_in is SignIn.LINKED
    assert not identities.has_password(made.id)
    assert [link.subject for link in identities.identities(made.id)] == [anna.subject]
    clock.advance(timedelta(days=1))
    unidentified = replace(anna, subject="", username="jan")
    done = imported([replace(anna, email="anna@gmina.example"), unidentified])
    assert (len(done.plan.bad), done.plan.left) == (1, []), "nobody knows whose the entry is"
    done = imported([replace(anna, username="anna.nowak", name="Anna Nowak")])
    assert [(one.person.id, one.fields) for one in done.plan.changed] == [(made.id, ("name", "email"))]
    assert [one.username for one in done.plan.left] == ["jan"]
    assert {one.username for one in queries.people()} == {"anna", "clerk"}
    assert list(checks.findings(clock)) == []


@pytest.mark.parametrize(
    "content", [b"", b"a;b\n1;2\n", b"\x00\x01", b"login;name\n" + b"a;b\n" * 3001, b"x" * (513 << 10)]
)
def test_what_is_no_list_of_people_is_refused_with_one_line(content: bytes) -> None:
    """Empty, without the columns, no text, too long, too large."""
    with pytest.raises(ImportRefusedError):
        read_csv(content)


def test_a_file_of_an_old_spreadsheet_is_read() -> None:
    """Windows-1250, tabs, first names apart, days as people write them."""
    text = "Login\tImię\tNazwisko\tOd\nzolw\tŻółw\tGęślą\t21.11.2026\n"
    (line,) = read_csv(text.encode("cp1250")).good
    assert (line.name, line.joined_on, line.number) == ("Żółw Gęślą", date(2026, 11, 21), 2)
