"""The people who can authorise somebody, named to whoever lacks an authorisation."""

from django.conf import settings
from django.utils.translation import gettext

from rejent.access.rules.decision import may_administer
from rejent.kernel.clock import civil_date
from rejent.office import queries
from rejent.office.people.role_words import ROLES
from rejent.office.people.standing import on_duty_if_known
from rejent.office.views import PersonView


def who_issues(asker: PersonView) -> tuple[str, str]:
    """Return who may issue authorisations to a person now, and how the person comes by one."""
    today = civil_date(settings.CLOCK.now())
    people = [
        one
        for one in queries.people()
        if one.active(today)
        and may_administer(on_duty_if_known(one, clock=settings.CLOCK).roles, "issue-authorisation").allowed
    ]
    others = ", ".join(_named(one) for one in people if one.id != asker.id)
    decides = gettext("Authorisations are issued by: %(people)s.") % {"people": others} if others else ""
    if any(one.id == asker.id for one in people):
        decides = f"{gettext('You issue authorisations to others; nobody authorises themselves.')} {decides}".strip()
        if not others:
            return decides, gettext(
                "Sign the authorisation on paper; the IT administrator enters it at the server (rejent authorise). Or enter "
                "your absence where the regulation lets the deputy decide then."
            )
    return decides, gettext(
        "Tell them which cameras or lines you need, for what and until when. They enter it on the page “Authorisations”."
    )


def _named(person: PersonView) -> str:
    """Return a name with the post, else with the roles."""
    roles = ", ".join(str(words) for role, words in ROLES.items() if role in person.roles)
    return f"{person.name} ({person.post or roles})"
