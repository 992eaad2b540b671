"""The pages before what cannot be taken back: whose it is, what ends, and only then the button."""

import pytest
from django.urls import reverse

from rejent.access import authorisation_queries
from rejent.kernel.clock import ManualClock
from rejent.office import queries, services
from rejent.office.models import Account
from rejent.office.sign_in import identities
from rejent.office.views import PersonView
from tests.unit.web.conftest import Browser, text_of

BUTTON = "button grave"
People = dict[str, PersonView]


def test_an_authorisation_is_looked_at_before_it_is_revoked(browser: Browser, people: People) -> None:
    """The register leads to whose it is and what it covers; pressed there it is revoked, and the button is gone."""
    (held,) = authorisation_queries.authorisations(people["viewer"].id)
    head, address = browser("head"), reverse("authorisation-revoke", args=[held.number])
    register = text_of(head.get(reverse("authorisations")))
    assert f'href="{address}"' in register
    assert f'action="{address}"' not in register
    told = text_of(head.get(address))
    for words in (held.number, "Osoba viewer", "nagrania", "wszystkie kamery", "bezterminowo", BUTTON):
        assert words in told, words
    assert authorisation_queries.authorisation(held.number).revoked_at is None
    assert head.post(address).status_code == 302
    assert authorisation_queries.authorisation(held.number).revoked_at is not None
    after = text_of(head.get(address))
    assert "Cofnięto je: 21.11.2026" in after
    assert BUTTON not in after
    assert head.get(reverse("authorisation-revoke", args=["U-2026-99"])).status_code == 404
    assert browser("administrator").get(address).status_code == 403


def test_leaving_is_looked_at_before_it_is_entered(browser: Browser, people: People) -> None:
    """The person's page leads to what ends: account, roles, authorisations; pressed there it is entered, once."""
    viewer, own = people["viewer"], browser("administrator")
    (held,) = authorisation_queries.authorisations(viewer.id)
    page, address = reverse("person", args=[viewer.id]), reverse("person-left", args=[viewer.id])
    assert f'action="{address}"' not in text_of(own.get(page))
    told = text_of(own.get(address))
    for words in ("Osoba viewer", held.number, "osoba upoważniona", BUTTON):
        assert words in told, words
    assert queries.person(viewer.id).left_on is None
    assert own.post(address).status_code == 302
    assert queries.person(viewer.id).left_on is not None
    after = text_of(own.get(address))
    assert "21 listopada 2026" in after
    assert BUTTON not in after


@pytest.fixture
def linked(people: People, clock: ManualClock) -> str:
    """The clerk, who is linked with an identity at the provider; their identifier."""
    services.link_identity(
        people["clerk"].id, way="oidc", issuer="https://provider.example", subject="u-1", clock=clock,
        actor=str(people["administrator"].id),
    )  # fmt: skip
    return str(people["clerk"].id)


def test_taking_a_link_off_says_first_what_still_signs_in(browser: Browser, linked: str) -> None:
    """The page names whose, which way, and the password that stays; looking ends nothing."""
    own, address = browser("administrator"), reverse("person-unlink", args=[linked, "oidc"])
    assert f'href="{address}"' in text_of(own.get(reverse("person", args=[linked])))
    told = text_of(own.get(address))
    for words in ("Osoba clerk", "Konto urzędu", "Hasło w tym programie", BUTTON):
        assert words in told, words
    assert len(identities.identities(linked)) == 1
    assert own.post(address).status_code == 302
    assert identities.identities(linked) == []
    after = text_of(own.get(address))
    assert "Nie ma czego kończyć." in after
    assert BUTTON not in after


def test_turning_the_password_off_says_first_what_still_signs_in(browser: Browser, linked: str) -> None:
    """Pressed, the password is off; the link that stays is then the only way in, and its page has no button."""
    own, address = browser("administrator"), reverse("person-password-off", args=[linked])
    assert f'href="{address}"' in text_of(own.get(reverse("person", args=[linked])))
    told = text_of(own.get(address))
    for words in ("Osoba clerk", "Hasło w tym programie", "Konto urzędu", BUTTON):
        assert words in told, words
    assert Account.objects.get(person_id=linked).has_usable_password()
    assert own.post(address).status_code == 302
    assert not Account.objects.get(person_id=linked).has_usable_password()
    assert BUTTON not in text_of(own.get(address))
    only = text_of(own.get(reverse("person-unlink", args=[linked, "oidc"])))
    assert "jedyny sposób logowania" in only
    assert BUTTON not in only
