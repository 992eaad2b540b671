"""The second person at the opening form, guests, and the ban on photographs, as pages."""

from datetime import date

import pytest
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib.auth import get_user_model
from django.urls import reverse

from rejent.access import queries as access_queries
from rejent.access.presence import queries as presence_queries
from rejent.access.viewings import protocols
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.web.registers.protocol_papers import protocol_paper
from rejent.web.signing_in.attempts import HERE
from tests.one_time_codes import code_of, wrong_code
from tests.people import carry_codes
from tests.unit.web.conftest import PASSWORD, Browser, text_of
from tests.unit.web.test_viewing_pages import _asked, _finish, _opened

pytestmark = pytest.mark.usefixtures("counters")


@pytest.fixture
def secret(together: dict[str, PersonView]) -> str:
    """What the second person's app makes codes from."""
    made = str(generate_totp_secret())
    carry_codes(get_user_model().objects.get(person_id=together["second"].id), made)
    return made


def form_beside(source: str, secret: str, **changed: str) -> dict[str, str]:
    """The form with a second person who signs in here."""
    given = {
        "second_way": "here",
        "second_username": "second",
        "second_password": PASSWORD,
        "second_code": code_of(secret),
    }
    return _asked(source, **{**given, **changed})


@pytest.mark.usefixtures("recording")
def test_a_second_person_signs_in_at_the_form_and_both_are_entered(
    browser: Browser, together: dict[str, PersonView], secret: str, source: str
) -> None:
    """Password and code open the viewing; the session stays the first person's, and both stand in the act and on the picture."""
    client = browser("viewer")
    session = client.session.session_key
    answer = client.post(reverse("find"), form_beside(source, secret))
    assert answer.status_code == 302, answer.content.decode()
    assert client.session.session_key == session
    assert client.session["_auth_user_id"] == str(
        get_user_model().objects.get(person_id=together["viewer"].id).pk
    )
    (opened,) = registers.acts(names=["viewing.opened"]).acts
    assert opened.facts is not None
    assert opened.facts["second"] == str(together["second"].id)
    assert opened.actor == str(together["viewer"].id)
    told = text_of(client.get(answer.headers["Location"]))
    assert "Osoba viewer, Osoba druga ·" in told
    assert 'data-watermark="Osoba viewer, Osoba druga' in told
    assert "Osoba druga" in text_of(browser("iod").get(reverse("viewings")))
    signed_in = {act.actor for act in registers.acts(names=["session.opened"]).acts}
    assert str(together["second"].id) not in signed_in


@pytest.mark.parametrize(
    "changed",
    [
        {"second_password": "another long river"},
        {"second_code": "wrong"},
        {"second_username": "nobody"},
        {"second_username": "viewer"},
    ],
)
@pytest.mark.usefixtures("recording")
def test_what_does_not_belong_together_opens_nothing_and_is_not_told_apart(
    changed: dict[str, str], browser: Browser, secret: str, source: str
) -> None:
    """Wrong password, wrong code, no such account, an account without a code: one sentence for all, at the form."""
    if changed.get("second_code"):
        changed = {"second_code": wrong_code(secret, 3)}
    answer = browser("viewer").post(reverse("find"), form_beside(source, secret, **changed))
    assert answer.status_code == 422
    assert "nie pasują do siebie" in text_of(answer)
    assert PASSWORD not in answer.content.decode()
    assert registers.acts(names=["viewing.opened"]).acts == []


@pytest.mark.usefixtures("recording")
def test_guessing_a_second_persons_password_waits_like_guessing_at_sign_in(
    browser: Browser, secret: str, source: str
) -> None:
    """After the free attempts even the right password waits, and the failures stand in the register."""
    client = browser("viewer")
    for number in range(HERE.free):
        client.post(reverse("find"), form_beside(source, secret, second_password=f"guess number {number}"))
    answer = client.post(reverse("find"), form_beside(source, secret))
    assert answer.status_code == 422
    assert "Za dużo nieudanych prób" in text_of(answer)
    assert registers.acts(names=["session.refused"]).acts
    assert registers.acts(names=["viewing.opened"]).acts == []


@pytest.mark.usefixtures("recording")
def test_a_code_opens_one_viewing(browser: Browser, secret: str, source: str) -> None:
    """A code that was read over the shoulder is used up by its first use, also once nothing else stands against opening."""
    client, form = browser("viewer"), form_beside(source, secret)
    assert client.post(reverse("find"), form).status_code == 302
    _finish(client)
    again = client.post(reverse("find"), form)
    assert again.status_code == 422
    assert "nie pasują do siebie" in text_of(again)
    assert len(registers.acts(names=["viewing.opened"]).acts) == 1


@pytest.mark.parametrize("missing", ["second_way", "second_username", "second_password", "second_code"])
@pytest.mark.usefixtures("recording")
def test_what_the_second_person_left_out_is_said_at_its_field(
    missing: str, browser: Browser, secret: str, source: str
) -> None:
    """Nothing is opened and nothing guessed; the field itself says what it lacks."""
    form = form_beside(source, secret)
    answer = browser("viewer").post(
        reverse("find"), {name: value for name, value in form.items() if name != missing}
    )
    assert answer.status_code == 422
    assert f'href="#id_{missing}' in answer.content.decode()
    assert registers.acts(names=["session.refused"]).acts == []


@pytest.mark.usefixtures("recording")
def test_the_first_person_is_not_their_own_second(
    browser: Browser, together: dict[str, PersonView], source: str
) -> None:
    """With their own password and code the page refuses, by the rule."""
    own = generate_totp_secret()
    carry_codes(get_user_model().objects.get(person_id=together["viewer"].id), own)
    answer = browser("viewer").post(reverse("find"), form_beside(source, own, second_username="viewer"))
    assert answer.status_code == 403
    assert "kimś innym" in text_of(answer)


@pytest.mark.usefixtures("recording")
def test_an_account_that_shares_the_secret_of_an_app_is_not_somebody_else(
    browser: Browser, together: dict[str, PersonView], secret: str, source: str
) -> None:
    """One person with two accounts and one telephone is told by what the accounts share."""
    carry_codes(get_user_model().objects.get(person_id=together["viewer"].id), secret)
    answer = browser("viewer").post(reverse("find"), form_beside(source, secret))
    assert answer.status_code == 403
    (attempt,) = registers.acts(names=["access.refused"]).acts
    assert attempt.facts is not None
    assert attempt.facts["rule"] == "second-person-same"


@pytest.mark.usefixtures("recording")
def test_without_the_acknowledgement_no_recording_opens(browser: Browser, source: str) -> None:
    """The ban on photographs is acknowledged each time; the form says at its box what is missing."""
    form = {name: value for name, value in _asked(source).items() if name != "acknowledged"}
    answer = browser("viewer").post(reverse("find"), form)
    assert answer.status_code == 422
    assert "fotografowanie" in text_of(answer).casefold()
    assert registers.acts(names=["viewing.opened"]).acts == []


@pytest.mark.usefixtures("recording")
def test_guests_are_entered_before_the_picture_and_stand_on_it(browser: Browser, source: str) -> None:
    """The opening leads to the page of guests; afterwards the picture, the list of viewings and the register tell of them."""
    client = browser("viewer")
    guests = _opened(client, source, with_guests="on")
    assert "/guests?t=39630" in guests
    lacking = client.post(guests, {"name": "Zofia", "function": "", "reason": " "})
    assert lacking.status_code == 422
    told = {"name": "Zofia Nieznana", "function": "poszkodowana", "reason": "rozpoznaje rower"}
    assert client.post(guests, told).headers["Location"] == guests
    page = text_of(client.get(guests))
    assert "Zofia Nieznana, poszkodowana" in page
    player = guests.replace("/guests", "")
    assert f'href="{player}"' in page
    assert "Osoba viewer + 1 ·" in text_of(client.get(player))
    assert "Zofia Nieznana" in text_of(browser("iod").get(reverse("viewings")))
    ledger = text_of(browser("iod").get(reverse("ledger")))
    assert "Zofia" not in ledger
    for other in (browser("viewer"), browser("head")):
        assert other.get(guests).status_code == 404
    assert [one.name for one in presence_queries.guests(access_queries.viewings()[0].id)] == [
        "Zofia Nieznana"
    ]


@pytest.mark.usefixtures("recording")
def test_the_protocol_names_who_was_there(
    browser: Browser, source: str, secret: str, clock: ManualClock
) -> None:
    """The second person stands on the page of the protocol and on its paper; so do guests, where the regulation knows them."""
    client = browser("viewer")
    client.post(reverse("find"), form_beside(source, secret))
    page = reverse("protocol", args=["O-2026-1"])
    assert "Osoba druga" in text_of(client.get(page))
    told = dict(protocol_paper(protocols.protocol("O-2026-1")).facts)
    assert ("Osoba druga", "inspektor") in told.values()
    office.activate_regulation(example("pleszew"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    second = browser("second")
    guests = _opened(second, source, with_guests="on")
    second.post(guests, {"name": "Zofia Nieznana", "function": "poszkodowana", "reason": "rozpoznaje rower"})
    assert "Zofia Nieznana, poszkodowana" in text_of(second.get(reverse("protocol", args=["O-2026-2"])))
    told = dict(protocol_paper(protocols.protocol("O-2026-2")).facts)
    assert ("Zofia Nieznana, poszkodowana (rozpoznaje rower)",) in told.values()


@pytest.mark.usefixtures("recording")
def test_where_two_open_together_no_guest_is_offered_or_entered(
    browser: Browser, secret: str, source: str
) -> None:
    """The form has no box for guests, the player no way to them, and a form sent all the same is refused."""
    client = browser("viewer")
    assert "with_guests" not in client.get(reverse("find")).content.decode()
    player = client.post(reverse("find"), form_beside(source, secret, with_guests="on")).headers["Location"]
    assert "/guests" not in player
    assert "/guests" not in client.get(player).content.decode()
    told = {"name": "Zofia Nieznana", "function": "poszkodowana", "reason": "rozpoznaje rower"}
    assert client.post(f"{player.split('?')[0]}/guests", told).status_code == 403
