"""The keys of the two roles as a page: each holder makes their own, from their own session; which stand and whose is there to read."""

import html
import time

from django.test import Client
from django.urls import reverse

from rejent.office.services import change_person
from rejent.registers import queries as registers
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.models import RoleKey
from rejent.streams.mail.records.role_keys import open_role_key, role_keys
from tests.contract.streams.test_two_desks import TwoDesks, desks
from tests.people import add_person

__all__ = ["desks"]
PAGE = "/mail/keys"
PASSPHRASE = "trzy ciche rzeki nocą"


def proved(client: Client) -> Client:
    """Let it be proved just now who somebody is."""
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    return client


def typed(role: KeyRole, passphrase: str = PASSPHRASE, **changed: str) -> dict[str, str]:
    """What the form sends."""
    return {"role": role.value, "passphrase": passphrase, "again": passphrase, **changed}


def text_of(client: Client) -> str:
    """The page as it is read."""
    return html.unescape(client.get(PAGE).content.decode())


def with_post(desks: TwoDesks, name: str, post: str) -> Client:
    """Give somebody a post; their browser."""
    change_person(desks.people[name].id, {"post": post}, clock=desks.clock, actor="")
    return proved(desks.browser(name))


def test_a_holder_makes_their_own_key(desks: TwoDesks) -> None:
    """For the post of their account, by a passphrase of theirs; it stands in the list with their name, and the act is theirs."""
    officer = with_post(desks, "iod", "Inspektor ochrony danych")
    before = len(role_keys())
    assert officer.post(PAGE, typed(KeyRole.CONTROL))["Location"] == PAGE
    made = role_keys()[-1]
    assert len(role_keys()) == before + 1
    assert (made.role, made.holder) == (KeyRole.CONTROL, "Inspektor ochrony danych")
    assert open_role_key(made.id, PASSPHRASE)[0] is KeyRole.CONTROL
    (act, *_) = registers.acts(names=["mail.key-made"], limit=1).acts
    assert act.actor == str(desks.people["iod"].id)
    assert "Inspektor ochrony danych: Osoba iod" in text_of(officer)
    assert PASSPHRASE not in text_of(officer)


def test_what_is_wrong_stands_beside_its_field(desks: TwoDesks) -> None:
    """Too short, typed differently, no role, a passphrase that another key has; nothing is made."""
    officer = with_post(desks, "iod", "Inspektor ochrony danych")
    assert officer.post(PAGE, typed(KeyRole.CONTROL))["Location"] == PAGE
    before = len(role_keys())
    for given, words in (
        (typed(KeyRole.CONTROL, "krótkie"), "mniej niż 12 znaków"),
        (typed(KeyRole.CONTROL, again="inne ciche rzeki nocą"), "Hasła się różnią."),
        ({**typed(KeyRole.CONTROL), "role": ""}, "Wybierz rolę."),
        (typed(KeyRole.CONTROL), "Tym hasłem otwiera się klucz"),
        (typed(KeyRole.CASE, "cztery ciche rzeki nocą"), "ma klucz drugiej roli"),
    ):
        answer = officer.post(PAGE, given)
        assert answer.status_code == 422
        assert words in html.unescape(answer.content.decode())
    assert len(role_keys()) == before


def test_nobody_makes_a_key_of_a_role_whose_work_is_not_theirs(desks: TwoDesks) -> None:
    """Who reads conducts cases and watches over nothing; who runs the program does neither; without a proof nothing is made."""
    before = len(role_keys())
    viewer = with_post(desks, "viewer", "Inspektor")
    assert viewer.post(PAGE, typed(KeyRole.CONTROL)).status_code == 422
    desks.people["administrator"] = add_person(
        "Osoba administrator", post="", roles=["administrator"], username="administrator", password=PASSPHRASE, clock=desks.clock, actor=""
    )  # fmt: skip
    administrator = with_post(desks, "administrator", "Informatyk")
    assert "Utwórz klucz" not in text_of(administrator)
    administrator.post(PAGE, typed(KeyRole.CASE))
    unproved = desks.browser("iod")
    assert unproved.post(PAGE, typed(KeyRole.CONTROL))["Location"] == PAGE
    assert unproved.get(PAGE)["Location"].startswith(reverse("account_reauthenticate"))
    assert len(role_keys()) == before


def test_a_key_is_ended_after_a_look_at_it_while_another_stands(desks: TwoDesks) -> None:
    """By its holder or the head; the only one of a role stays, and a stranger ends none."""
    officer = with_post(desks, "iod", "Inspektor ochrony danych")
    (only,) = (each for each in role_keys() if each.role is KeyRole.CONTROL)
    head = desks.browser("head")
    address = reverse("mail-key-end", args=[only.id])
    only_one = head.post(address, {"confirmed": "1"})
    assert only_one.status_code == 400
    assert "jedyny klucz" in only_one.json()["error"]
    officer.post(PAGE, typed(KeyRole.CONTROL))
    assert desks.browser("viewer").post(address, {"confirmed": "1"}).status_code == 403
    assert "Nadal otwiera te, które nim zamknięto" in html.unescape(head.post(address).content.decode())
    assert role_keys()[-1].ended_at is None
    assert head.post(address, {"confirmed": "1"})["Location"] == PAGE
    (ended,) = (each for each in role_keys() if each.id == only.id)
    assert ended.ended_at is not None
    assert "wycofany" in text_of(head)
    own = role_keys()[-1]
    assert f"Wycofaj klucz {own.id}" in text_of(officer)
    assert f"Wycofaj klucz {own.id}" not in text_of(desks.browser("viewer"))


def test_who_may_make_a_missing_key_is_led_there(desks: TwoDesks) -> None:
    """While a role has none the start page of whose work it is says so, and of nobody else."""
    officer = with_post(desks, "iod", "Inspektor ochrony danych")
    RoleKey.objects.filter(role="control").delete()
    words = "brak klucza roli „czuwa nad sprawą”"
    assert words in html.unescape(officer.get("/").content.decode())
    assert words not in html.unescape(with_post(desks, "viewer", "Inspektor").get("/").content.decode())
    assert f'href="{PAGE}"' in officer.get("/").content.decode()
